import { connect } from 'node:net';

/**
 * Does the right kind of server answer at this address? Asked in each server's own first words, without drivers:
 * a port that accepts connections may be anything, and a starting broker accepts them before it can serve.
 */
export type Probe = (host: string, port: number) => Promise<boolean>;

const PROBE_TIMEOUT_MS = 2_000;

/**
 * A StartupMessage of protocol 3.0. A server that can serve asks for authentication or refuses the user; one that is still
 * starting or shutting down says so with its own error, although it has long answered an SSLRequest.
 */
export const probePostgres: Probe = async (host, port) => {
  const parameters = Buffer.from('user\0lootledger\0database\0postgres\0\0');
  const request = Buffer.alloc(8 + parameters.length);
  request.writeInt32BE(request.length, 0);
  request.writeInt32BE(3 << 16, 4);
  parameters.copy(request, 8);
  const answer = await exchange(
    host,
    port,
    request,
    (bytes) => bytes.length >= 5 && bytes.length > bytes.readInt32BE(1),
  );
  if (answer?.[0] === 'R'.charCodeAt(0)) return true;
  return answer?.[0] === 'E'.charCodeAt(0) && !answer.includes(`C${CANNOT_CONNECT_NOW}\0`);
};

const CANNOT_CONNECT_NOW = '57P03';

/** Metadata version 4 for no topics: lists the brokers that are alive, so a broker that is still fenced says none. */
export const probeKafka: Probe = async (host, port) => {
  const request = Buffer.alloc(4 + 2 + 2 + 4 + 2 + 4 + 1);
  request.writeInt32BE(request.length - 4, 0);
  request.writeInt16BE(3, 4);
  request.writeInt16BE(4, 6);
  request.writeInt32BE(7, 8);
  request.writeInt16BE(-1, 12);
  request.writeInt32BE(0, 14);
  // length, correlation id, throttle time, then the number of brokers
  const answer = await exchange(host, port, request, (bytes) => bytes.length >= 16);
  return answer !== undefined && answer.readInt32BE(4) === 7 && answer.readInt32BE(12) > 0;
};

/** The HTTP/2 preface and an empty SETTINGS frame; a gRPC server answers with its own SETTINGS (type 4). */
export const probeGrpc: Probe = async (host, port) => {
  const request = Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
  ]);
  const answer = await exchange(host, port, request, (bytes) => bytes.length >= 9);
  return answer !== undefined && answer[3] === 4;
};

/** For a port whose first words need credentials: somebody listens there. */
export const isAccepting: Probe = (host, port) =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    const finish = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PROBE_TIMEOUT_MS, () => finish(false));
    socket.once('error', () => finish(false));
    socket.once('connect', () => finish(true));
  });

function exchange(
  host: string,
  port: number,
  request: Buffer,
  complete: (bytes: Buffer) => boolean,
): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const socket = connect({ host, port });
    const finish = (answer: Buffer | undefined): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PROBE_TIMEOUT_MS, () => finish(undefined));
    socket.once('error', () => finish(undefined));
    socket.once('close', () => finish(undefined));
    socket.once('connect', () => socket.write(request));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (complete(received)) finish(received);
    });
  });
}
