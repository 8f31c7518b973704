import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { ServerOptions } from 'node:https';
import type { IncomingHttpHeaders, RequestListener, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { afterAll } from 'vitest';

export type Received = { headers: IncomingHttpHeaders; body: string; atMs: number };
export type Answer = (received: Received, response: ServerResponse, count: number) => void;

export type Receiver = {
  url: string;
  /** As the allow-list names it. */
  host: string;
  received: Received[];
  answer: Answer;
};

export const ok: Answer = (_, response) => void response.writeHead(204).end();
export const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    void response.writeHead(code, headers).end();

/** A subscriber's own server, by https when it is given a certificate; it notes what it gets and answers as told. */
export async function startReceiver(answer: Answer = ok, tls?: ServerOptions): Promise<Receiver> {
  const receiver: Receiver = { url: '', host: '', received: [], answer };
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const received = { headers: request.headers, body, atMs: performance.now() };
      receiver.received.push(received);
      receiver.answer(received, response, receiver.received.length);
    });
    request.on('error', () => {});
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  receiver.host = `127.0.0.1:${port}`;
  receiver.url = `${tls === undefined ? 'http' : 'https'}://${receiver.host}/hook`;
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return receiver;
}

/** Written from the standard alone, apart from what signs and what clients use. Answers which of the secrets signed. */
export function signers(secrets: readonly string[], { headers, body }: Received): number[] {
  const content = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const given = String(headers['webhook-signature'])
    .split(' ')
    .map((part) => part.split(','));
  return secrets.flatMap((secret, index) => {
    const expected = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
      .update(content)
      .digest();
    const found = given.some(
      ([version, text = '']) =>
        version === 'v1' &&
        Buffer.from(text, 'base64').length === 32 &&
        timingSafeEqual(Buffer.from(text, 'base64'), expected),
    );
    return found ? [index] : [];
  });
}
