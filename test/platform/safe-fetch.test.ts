import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { UnsafeTarget, checkTarget } from '../../platform/safe-fetch/check-target.ts';
import { isPublicAddress } from '../../platform/safe-fetch/public-address.ts';
import { assertSafeUrl, safePost } from '../../platform/safe-fetch/safe-post.ts';
import type { Address } from '../../platform/safe-fetch/safe-post.ts';

const strict = { allowedHosts: [] };
const publicV4: Address = { address: '93.184.216.34', family: 4 };
const never = () => Promise.reject(new Error('must not be resolved'));

describe('a URL that is refused whatever its name resolves to', () => {
  test.each([
    ['http', 'http://example.com/'],
    ['another scheme', 'ftp://example.com/'],
    ['a file', 'file:///etc/passwd'],
    ['no URL', 'example.com'],
    ['user and password', 'https://user:secret@example.com/'],
    ['a user', 'https://user@example.com/'],
    ['a system port', 'https://example.com:22/'],
    ['the port of http', 'https://example.com:80/'],
    ['localhost', 'https://localhost/'],
    ['localhost with a dot', 'https://localhost./'],
    ['a name under localhost', 'https://hook.localhost/'],
    ['capitals', 'https://LOCALHOST/'],
    ['a name without a dot', 'https://intranet/'],
    ['a name inside a network', 'https://db.internal/'],
    ['a name inside a network, with a dot', 'https://metadata.google.internal./'],
    ['a multicast name', 'https://printer.local/'],
    ['loopback', 'https://127.0.0.1/'],
    ['loopback elsewhere', 'https://127.8.9.10/'],
    ['loopback, short', 'https://127.1/'],
    ['loopback, decimal', 'https://2130706433/'],
    ['loopback, octal', 'https://0177.0.0.1/'],
    ['loopback, hexadecimal', 'https://0x7f000001/'],
    ['loopback, mixed', 'https://0x7f.1/'],
    ['loopback, full width', 'https://１２７.０.０.１/'],
    ['loopback with a dot', 'https://127.0.0.1./'],
    ['this host', 'https://0.0.0.0/'],
    ['this host, decimal', 'https://0/'],
    ['private 10', 'https://10.0.0.1/'],
    ['private 172', 'https://172.31.255.255/'],
    ['private 192', 'https://192.168.1.1/'],
    ['metadata', 'https://169.254.169.254/latest/meta-data/'],
    ['metadata, decimal', 'https://2852039166/'],
    ['metadata of another cloud', 'https://168.63.129.16/'],
    ['carrier NAT', 'https://100.100.100.200/'],
    ['benchmarking', 'https://198.18.0.1/'],
    ['documentation', 'https://192.0.2.1/'],
    ['multicast', 'https://224.0.0.1/'],
    ['reserved', 'https://240.0.0.1/'],
    ['broadcast', 'https://255.255.255.255/'],
    ['loopback 6', 'https://[::1]/'],
    ['unspecified 6', 'https://[::]/'],
    ['mapped loopback', 'https://[::ffff:127.0.0.1]/'],
    ['mapped loopback, hexadecimal', 'https://[::ffff:7f00:1]/'],
    ['mapped private', 'https://[::ffff:10.0.0.1]/'],
    ['mapped public', 'https://[::ffff:93.184.216.34]/'],
    ['compatible loopback', 'https://[::127.0.0.1]/'],
    ['NAT64 of loopback', 'https://[64:ff9b::7f00:1]/'],
    ['local NAT64', 'https://[64:ff9b:1::7f00:1]/'],
    ['6to4 of a private address', 'https://[2002:a00:1::]/'],
    ['Teredo', 'https://[2001:0:4136:e378::]/'],
    ['unique local', 'https://[fc00::1]/'],
    ['metadata 6', 'https://[fd00:ec2::254]/'],
    ['link local', 'https://[fe80::1]/'],
    ['site local', 'https://[fec0::1]/'],
    ['multicast 6', 'https://[ff02::1]/'],
    ['documentation 6', 'https://[2001:db8::1]/'],
    ['too long', `https://example.com/${'a'.repeat(2_048)}`],
  ])('%s: %s', async (_, url) => {
    expect(() => checkTarget(url, strict)).toThrow(UnsafeTarget);
    await expect(safePost(url, { headers: {}, body: '' }, { ...strict, resolve: never })).rejects.toThrow(
      UnsafeTarget,
    );
  });
});

describe('a URL that may be called', () => {
  test.each([
    'https://example.com/hook?x=1',
    'https://example.com:8443/',
    'https://93.184.216.34/',
    'https://[2606:2800:220:1:248:1893:25c8:1946]/',
  ])('%s', async (url) => {
    await expect(
      assertSafeUrl(url, { ...strict, resolve: () => Promise.resolve([publicV4]) }),
    ).resolves.toBeUndefined();
  });
});

test('a refusal does not tell what a name resolves to inside our network', async () => {
  const resolve = () => Promise.resolve([{ address: '10.20.30.40', family: 4 }]);
  const refused = assertSafeUrl('https://example.com/', { ...strict, resolve });
  await expect(refused).rejects.toThrow('its host is not on the public internet');
});

describe('what a name resolves to', () => {
  const resolving = (...addresses: string[]) => ({
    ...strict,
    resolve: () =>
      Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))),
  });
  test.each([
    [['127.0.0.1']],
    [['10.1.2.3']],
    [['169.254.169.254']],
    [['::1']],
    [['::ffff:10.0.0.1']],
    [['fe80::1%eth0']],
    [['fd12:3456::1']],
    [['93.184.216.34', '127.0.0.1']],
    [[]],
  ])('%j is refused: every address counts', async (addresses) => {
    const send = safePost('https://example.com/', { headers: {}, body: '' }, resolving(...addresses));
    await expect(send).rejects.toThrow(UnsafeTarget);
    await expect(assertSafeUrl('https://example.com/', resolving(...addresses))).rejects.toThrow(
      UnsafeTarget,
    );
  });

  test('a name that was public when it was given and is private when it is called is refused then', async () => {
    const answers = [[publicV4], [{ address: '127.0.0.1', family: 4 }]];
    let asked = 0;
    const rules = { ...strict, resolve: () => Promise.resolve(answers[asked++] ?? []) };
    await assertSafeUrl('https://rebinding.example.com/', rules);
    const send = safePost('https://rebinding.example.com/', { headers: {}, body: '' }, rules);
    await expect(send).rejects.toThrow(UnsafeTarget);
    expect(asked).toBe(2);
  });

  test('a name that cannot be resolved is refused when it is given', async () => {
    const rules = { ...strict, resolve: () => Promise.reject(new Error('ENOTFOUND')) };
    await expect(assertSafeUrl('https://nowhere.example.com/', rules)).rejects.toThrow('cannot be resolved');
  });

  test('a resolver that does not answer counts against the deadline', async () => {
    const rules = { ...strict, deadlineMs: 50, resolve: () => new Promise<Address[]>(() => {}) };
    await expect(safePost('https://example.com/', { headers: {}, body: '' }, rules)).rejects.toThrow(
      /timeout/i,
    );
  });
});

test('addresses of the public internet are public, in both families', () => {
  for (const address of ['1.1.1.1', '93.184.216.34', '172.32.0.1', '100.128.0.1', '2606:4700:4700::1111'])
    expect([address, isPublicAddress(address)]).toEqual([address, true]);
  for (const text of ['', 'example.com', '1.1.1', '0x7f.1', '::g', '2606:4700:4700::1111%eth0'])
    expect([text, isPublicAddress(text)]).toEqual([text, false]);
});

describe('one request', () => {
  const servers: { close(): void; closeAllConnections(): void }[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function serve(listener: RequestListener) {
    const server = createServer(listener);
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return { port, rules: { allowedHosts: [`127.0.0.1:${port}`, `receiver.test:${port}`] } };
  }
  const request = { headers: { 'x-test': 'yes' }, body: '{}' };

  test('goes to the address that was checked, with the name as its host', async () => {
    let host: string | undefined;
    const { port, rules } = await serve((incoming, response) => {
      host = incoming.headers.host;
      response.writeHead(200).end('fine');
    });
    let asked = 0;
    const resolve = () => (asked++, Promise.resolve([{ address: '127.0.0.1', family: 4 }]));
    const reply = await safePost(`http://receiver.test:${port}/`, request, { ...rules, resolve });
    expect(reply.status).toBe(200);
    expect([host, asked]).toEqual([`receiver.test:${port}`, 1]);
  });

  test('the allow-list names host and port exactly', async () => {
    const { port, rules } = await serve((_, response) => response.end());
    await expect(safePost(`http://127.0.0.1:${port + 1}/`, request, rules)).rejects.toThrow(UnsafeTarget);
    await expect(safePost(`http://localhost:${port}/`, request, rules)).rejects.toThrow(UnsafeTarget);
  });

  test('a redirect is a reply and leads nowhere', async () => {
    const asked: (string | undefined)[] = [];
    const { port, rules } = await serve((incoming, response) => {
      asked.push(incoming.url);
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    expect((await safePost(`http://127.0.0.1:${port}/hook`, request, rules)).status).toBe(307);
    expect(asked).toEqual(['/hook']);
  });

  test('a receiver that never answers is given up at the deadline', async () => {
    const { port, rules } = await serve(() => {});
    await expect(
      safePost(`http://127.0.0.1:${port}/`, request, { ...rules, deadlineMs: 100 }),
    ).rejects.toThrow(/timeout/i);
  });

  test('a receiver that switches protocols is an error, at once', async () => {
    const { port, rules } = await serve((incoming) => {
      incoming.socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n');
    });
    await expect(safePost(`http://127.0.0.1:${port}/`, request, rules)).rejects.toThrow(/without a reply/);
  });

  test('a reply without end is cut, and its status counts', async () => {
    let writtenBytes = 0;
    const { port, rules } = await serve((_, response) => {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && writtenBytes < 500_000_000) {
          writtenBytes += 16_384;
          if (!response.write(Buffer.alloc(16_384))) return void response.once('drain', more);
        }
      };
      more();
    });
    expect((await safePost(`http://127.0.0.1:${port}/`, request, rules)).status).toBe(200);
    expect(writtenBytes).toBeLessThan(100_000_000);
  });

  test('a reply that drips is cut at the deadline, and its status counts', async () => {
    const { port, rules } = await serve((_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('.'), 10);
      response.on('close', () => clearInterval(drip));
    });
    const reply = await safePost(`http://127.0.0.1:${port}/`, request, { ...rules, deadlineMs: 200 });
    expect(reply.status).toBe(200);
  });

  test('what is not HTTP, or headers without measure, is an error', async () => {
    const { port, rules } = await serve((incoming, response) => {
      if (incoming.url === '/raw') incoming.socket.end('nonsense\r\n\r\n');
      else response.writeHead(200, { 'x-long': 'a'.repeat(40_000) }).end();
    });
    await expect(safePost(`http://127.0.0.1:${port}/raw`, request, rules)).rejects.toThrow(/Parse Error/);
    await expect(safePost(`http://127.0.0.1:${port}/long`, request, rules)).rejects.toThrow(/overflow/i);
  });
});
