import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { openPlayerStream } from '../../client/player-stream.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const event = (id: string) =>
  JSON.stringify({
    kind: 'event',
    id,
    type: 'economy.grant.granted.v1',
    time: '2026-01-01T00:00:00.000Z',
    data: {},
  });

describe("a player's stream", () => {
  it('goes on after the last event it heard, with a token that is fresh by then', async () => {
    const server = new WebSocketServer({
      port: 0,
      host: '127.0.0.1',
      handleProtocols: () => 'lootledger.v1',
    });
    await once(server, 'listening');
    closers.push(() => {
      for (const client of server.clients) client.terminate();
      server.close();
    });
    const asked: { lastEventId: string | null; protocols: string | undefined }[] = [];
    server.on('connection', (socket, request) => {
      const url = new URL(request.url ?? '/', 'ws://api');
      const index = asked.push({
        lastEventId: url.searchParams.get('lastEventId'),
        protocols: request.headers['sec-websocket-protocol'],
      });
      socket.send(JSON.stringify({ kind: 'welcome', playerId: 'p' }));
      socket.send(event(`e${index}`));
      if (index === 1) socket.close(1001, 'server is stopping');
    });

    const heard: string[] = [];
    let tokenCount = 0;
    const stream = openPlayerStream({
      url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/v1/stream`,
      accessToken: () => Promise.resolve(`t${++tokenCount}`),
      onEvent: ({ id }) => heard.push(id),
    });
    closers.push(() => stream.close());
    await expect.poll(() => heard, { timeout: 60_000 }).toEqual(['e1', 'e2']);
    expect(asked).toEqual([
      { lastEventId: null, protocols: 'lootledger.v1, bearer.t1' },
      { lastEventId: 'e1', protocols: 'lootledger.v1, bearer.t2' },
    ]);
  });
});
