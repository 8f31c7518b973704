import { connect } from 'node:net';

/**
 * Does the right kind of server answer at this address? Asked in each server's own first words, without drivers:
 * a port that accepts connections may be anything, and a starting broker accepts them before it can serve.
 */
export type Probe = (host: string, port: number) => Promise<boolean>;

const PROBE_TIMEOUT_MS = 2_000;

/** SSLRequest, protocol code 80877103: PostgreSQL answers with one byte, `S` or `N`, before any authentication. */
export const probePostgres: Probe = async (host, port) => {
  const request = Buffer.alloc(8);
  request.writeInt32BE(8, 0);
  request.writeInt32BE(80877103, 4);
  const answer = await exchange(host, port, request, (bytes) => bytes.length >= 1);
  return answer !== undefined && (answer[0] === 0x53 || answer[0] === 0x4e);
};

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
