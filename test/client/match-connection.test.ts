import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import type { WebSocket as ServerSocket } from 'ws';
import { openMatch } from '../../client/match-connection.ts';
import type { MatchConnection } from '../../client/match-connection.ts';
import { shortMatch } from '../../domain/arena/config.ts';
import type { ClientMessage, PublicState, ServerMessage } from '../../domain/arena/protocol.ts';

const state: PublicState = {
  config: shortMatch,
  tick: 0,
  phase: { status: 'active' },
  players: [],
  nodes: [],
  drops: [],
};
const welcome: ServerMessage = {
  kind: 'welcome',
  seq: 1,
  matchId: 'm',
  seat: 0,
  seedHash: '',
  map: { sizeTiles: 10, walls: [] },
  state,
  resumeToken: 'token-1',
};
const tick = (seq: number): ServerMessage => ({
  kind: 'tick',
  seq,
  tick: seq,
  inputs: [],
  changes: { tick: seq },
});

type Peer = {
  socket: ServerSocket;
  ticket: string | null;
  received: ClientMessage[];
  send(frame: ServerMessage): void;
};

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

/** A host's door that says what the test tells it to. */
async function host(
  onPeer: (peer: Peer, index: number) => void,
  onMessage: (peer: Peer, message: ClientMessage) => void = () => {},
) {
  const peers: Peer[] = [];
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  opened.push({
    close: () => {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  });
  server.on('connection', (socket, request) => {
    const ticket = new URL(request.url ?? '/', 'ws://host').searchParams.get('ticket');
    const peer: Peer = { socket, ticket, received: [], send: (frame) => socket.send(JSON.stringify(frame)) };
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as ClientMessage;
      peer.received.push(message);
      onMessage(peer, message);
    });
    onPeer(peer, peers.push(peer) - 1);
  });
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, peers };
}

function open(url: string, reconnectUrl = url) {
  const frames: ServerMessage[] = [];
  let reconnectCount = 0;
  const match: MatchConnection = openMatch({
    url,
    ticket: 'ticket-0',
    reconnect: () => Promise.resolve({ url: reconnectUrl, ticket: `ticket-${++reconnectCount}` }),
    onFrame: (frame) => frames.push(frame),
  });
  opened.push(match);
  return { match, frames };
}

const until = async (isTrue: () => boolean) => {
  await expect.poll(isTrue, { timeout: 60_000 }).toBe(true);
};

describe('a match connection', () => {
  it('answers each action by its id, whatever the order', async () => {
    const waiting: string[] = [];
    const { url } = await host(
      (peer) => peer.send(welcome),
      (peer, message) => {
        if (message.kind !== 'action' || message.id === undefined || waiting.push(message.id) < 2) return;
        waiting.toReversed().forEach((id, i) =>
          peer.send({
            kind: 'action',
            seq: 2 + i,
            id,
            actionId: `a-${id}`,
            type: 'defend',
            sealed: false,
            status: 'rejected',
            code: 'superseded',
          }),
        );
      },
    );
    const { match } = open(url);
    const [first, second] = await Promise.all([
      match.act({ type: 'defend' }, { id: 'one' }),
      match.act({ type: 'defend' }, { id: 'two' }),
    ]);
    expect([first.actionId, second.actionId]).toEqual(['a-one', 'a-two']);
  });

  it('resumes with a new ticket after a lost connection and sends unanswered actions again', async () => {
    const { url, peers } = await host(
      (peer, index) => index === 0 && peer.send(welcome),
      (peer, message) => {
        if (message.kind === 'action' && peers.indexOf(peer) === 0) peer.socket.terminate();
        if (message.kind === 'resume') peer.send(tick(2));
        if (message.kind === 'action' && peers.indexOf(peer) === 1) {
          peer.send({
            kind: 'action',
            seq: 3,
            id: message.id ?? '',
            actionId: 'a',
            type: 'defend',
            sealed: true,
            status: 'rejected',
            code: 'blocked',
          });
        }
      },
    );
    const { match, frames } = open(url);
    const answer = await match.act({ type: 'defend' }, { id: 'kept', seal: true });
    expect(answer.id).toBe('kept');
    expect(peers[1]?.ticket).toBe('ticket-1');
    expect(peers[1]?.received[0]).toEqual({ kind: 'resume', lastSeq: 1, resumeToken: 'token-1' });
    expect(frames.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it('sends what waited again in order and slower than the host allows, new actions after it', async () => {
    const arrivals: { id: string | undefined; atMs: number }[] = [];
    const { url } = await host(
      (peer) => peer.send(welcome),
      (_peer, message) =>
        message.kind === 'action' && arrivals.push({ id: message.id, atMs: performance.now() }),
    );
    const { match } = open(url);
    const act = (id: string) => void match.act({ type: 'defend' }, { id }).catch(() => {});
    for (let i = 0; i < 8; i++) act(`a${i}`);
    await until(() => arrivals.length > 0);
    act('new');
    await until(() => arrivals.length === 9);
    expect(arrivals.map(({ id }) => id)).toEqual([...Array.from({ length: 8 }, (_, i) => `a${i}`), 'new']);
    expect(arrivals[8]!.atMs - arrivals[0]!.atMs).toBeGreaterThan(8 * 50);
  });

  it('asks for the missing frames when a number is skipped, and hands out none twice', async () => {
    const { url } = await host(
      (peer, index) => {
        if (index > 0) return;
        for (const frame of [welcome, tick(2), tick(4)]) peer.send(frame);
      },
      (peer, message) => {
        if (message.kind !== 'resume') return;
        for (const seq of [2, 3, 4]) peer.send(tick(seq));
      },
    );
    const { frames } = open(url);
    await until(() => frames.length === 4);
    expect(frames.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });

  it('follows the match to another host', async () => {
    const second = await host(
      () => {},
      (peer, message) =>
        message.kind === 'resume' &&
        peer.send({ kind: 'state', seq: 1, state: { ...state, tick: 40 }, resumeToken: 'token-2' }),
    );
    const first = await host((peer) => {
      peer.send(welcome);
      peer.send({ kind: 'moving', seq: 2, url: second.url });
    });
    const { match } = open(first.url, second.url);
    await until(() => match.state?.tick === 40);
  });

  it('ends when the match does, and refuses what comes later', async () => {
    const { url } = await host((peer) => {
      peer.send(welcome);
      peer.send({ kind: 'finished', seq: 2, tick: 9, outcomes: [], seed: 'ab' });
    });
    const { match } = open(url);
    expect((await match.finished).seed).toBe('ab');
    await expect(match.act({ type: 'defend' })).rejects.toThrow('the match is over');
  });

  it('does not come back after a close that is final', async () => {
    const { url, peers } = await host((peer) => peer.socket.close(4408, 'resumed elsewhere'));
    const { match } = open(url);
    await expect(match.finished).rejects.toThrow('4408');
    expect(peers).toHaveLength(1);
  });
});
