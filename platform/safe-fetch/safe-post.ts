import { lookup as systemLookup } from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { UnsafeTarget, assertPublicAddresses, checkTarget } from './check-target.ts';
import type { Target, TargetRules } from './check-target.ts';

export type Address = { address: string; family: number };
/** Every address of a name. */
export type Resolver = (host: string) => Promise<Address[]>;

export type PostRules = TargetRules & {
  resolve?: Resolver;
  /** For everything: name, connection, request, reply. */
  deadlineMs?: number;
};

export type PostReply = {
  status: number;
  headers: http.IncomingHttpHeaders;
};

const defaultDeadlineMs = 10_000;
/** A reply's body is read this far, for the sender's sake, and kept nowhere. */
const replyBytesMax = 65_536;

/**
 * Posts to a URL that somebody else gave us. The name is resolved here, every address is checked, and the connection goes
 * to those addresses and no others, so a name that answers differently a moment later (rebinding) changes nothing.
 * Redirects are not followed: a 3xx is a reply like any other. No connection is shared with another request. Throws
 * UnsafeTarget, or what the network says; AbortError's kin `TimeoutError` at the deadline.
 */
export async function safePost(
  url: string,
  request: { headers: Record<string, string>; body: string | Buffer },
  rules: PostRules,
): Promise<PostReply> {
  const target = checkTarget(url, rules);
  const signal = AbortSignal.timeout(rules.deadlineMs ?? defaultDeadlineMs);
  const addresses = await before(signal, addressesOf(target, rules.resolve ?? resolveAll));
  return send(target, addresses, request, signal);
}

/** Whether a URL may be called as things are now; every call looks again. Throws UnsafeTarget. */
export async function assertSafeUrl(url: string, rules: PostRules): Promise<void> {
  const target = checkTarget(url, rules);
  const signal = AbortSignal.timeout(rules.deadlineMs ?? defaultDeadlineMs);
  await before(signal, addressesOf(target, rules.resolve ?? resolveAll)).catch((error: unknown) => {
    throw error instanceof UnsafeTarget
      ? error
      : new UnsafeTarget('its host cannot be resolved', { cause: error });
  });
}

export const resolveAll: Resolver = (host) => systemLookup(host, { all: true, verbatim: true });

async function addressesOf({ host, trusted }: Target, resolve: Resolver): Promise<Address[]> {
  const family = isIP(host);
  const addresses = family === 0 ? await resolve(host) : [{ address: host, family }];
  if (!trusted) assertPublicAddresses(addresses);
  return addresses;
}

function send(
  { url, host, port }: Target,
  addresses: readonly Address[],
  { headers, body }: { headers: Record<string, string>; body: string | Buffer },
  signal: AbortSignal,
): Promise<PostReply> {
  const { promise, resolve, reject } = Promise.withResolvers<PostReply>();
  const options = {
    method: 'POST',
    host,
    port,
    path: url.pathname + url.search,
    headers: { ...headers, host: url.host, 'content-length': Buffer.byteLength(body), connection: 'close' },
    lookup: pinned(addresses),
    agent: false as const,
    maxHeaderSize: 16_384,
  };
  const request =
    url.protocol === 'https:'
      ? https.request({ ...options, ...(isIP(host) === 0 && { servername: host }) })
      : http.request(options);
  let told: PostReply | undefined;
  const end = (error: Error) => {
    if (told === undefined) reject(error);
    else resolve(told);
    request.destroy();
  };
  // our own, because a request whose socket was given away (`101 Switching Protocols`) hears of no signal any more
  const onDeadline = () => end(signal.reason as Error);
  signal.addEventListener('abort', onDeadline, { once: true });
  request.on('error', end);
  request.on('close', () => end(new Error('the connection closed without a reply')));
  request.on('response', (response) => {
    const reply = { status: response.statusCode ?? 0, headers: response.headers };
    told = reply;
    // the status is the answer: a body that never ends, or breaks off, does not take it back
    const done = () => {
      request.destroy();
      resolve(reply);
    };
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > replyBytesMax) done();
    });
    for (const event of ['end', 'error', 'close']) response.on(event, done);
  });
  request.end(body);
  return promise.finally(() => signal.removeEventListener('abort', onDeadline));
}

/** Answers what was checked, whatever is asked. */
const pinned =
  (addresses: readonly Address[]): LookupFunction =>
  (_host, options, callback) => {
    const first = addresses[0];
    if (options.all === true) callback(null, [...addresses]);
    else if (first === undefined) callback(new Error('no address'), '');
    else callback(null, first.address, first.family);
  };

async function before<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, late]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    work.catch(() => {});
  }
}
