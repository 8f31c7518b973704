import { randomUUID } from 'node:crypto';
import { afterAll } from 'vitest';
import { WebSocket } from 'ws';
import { createMatchHost } from '../../arena/match-host.ts';
import type { MatchHost } from '../../arena/match-host.ts';
import { listen } from '../../arena/serve.ts';
import { shortMatch } from '../../domain/arena/config.ts';
import { SUBPROTOCOL } from '../../domain/arena/protocol.ts';
import type { ServerMessage, ServerMessageKind, ServerMessageOf } from '../../domain/arena/protocol.ts';
import type { MatchConfig } from '../../domain/arena/types.ts';
import { createLog } from '../../platform/log.ts';
import { createMetrics } from '../../platform/metrics.ts';
import type { Db } from '../../store/db.ts';
import { issueTicket } from '../../store/matches/issue-ticket.ts';
import { claim, newFighter, newMatch } from '../store/matches/fixtures.ts';

/** Quick ticks and little waiting: what is tested is the protocol, not the pace. */
export const quick: MatchConfig = { ...shortMatch, connectWaitMs: 100, maxTicks: 2_000 };
export const serviceSecret = 'a-secret-between-our-own-processes-only';

export type TestHost = { host: MatchHost; url: string; internalUrl: string; stop(): Promise<void> };

export async function startHost(
  db: Db,
  options: { tickMs?: number; pingIntervalMs?: number } = {},
): Promise<TestHost> {
  const parts = { db, log: createLog('test', 'silent'), metrics: createMetrics(), crash: () => {} };
  const port = await listen({ host: '127.0.0.1', port: 0 });
  const url = `ws://127.0.0.1:${port.port}`;
  const internalUrl = `http://127.0.0.1:${port.port}`;
  const hostId = randomUUID();
  const host = await createMatchHost({
    ...parts,
    hostId,
    publicUrl: url,
    internalUrl,
    capacity: 50,
    handOverMsMax: 200,
    tickMs: options.tickMs ?? 20,
  });
  const server = port.attach(host, { ...parts, ...options, serviceSecret });
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= host.drain().then(() => server.close()));
  afterAll(stop);
  return { host, url, internalUrl, stop };
}

export type Arena = { matchId: string; playerIds: string[]; fence: number };

export async function hostNewMatch(
  db: Db,
  { host }: TestHost,
  options: { stamps?: bigint; config?: MatchConfig } = {},
): Promise<Arena> {
  const playerIds = [await newFighter(db, options.stamps ?? 0n), await newFighter(db, options.stamps ?? 0n)];
  const matchId = await newMatch(db, playerIds, options.config ?? quick);
  const fence = await claim(db, matchId, host.hostId);
  await host.host(matchId, fence);
  return { matchId, playerIds, fence };
}

export async function ticketFor(
  db: Db,
  matchId: string,
  playerId: string,
): Promise<{ url: string; ticket: string }> {
  const issued = await issueTicket(db, matchId, playerId);
  if (issued.result !== 'issued') throw new Error(issued.result);
  return issued;
}

export type TestSocket = {
  frames: ServerMessage[];
  closed: Promise<{ code: number; reason: string }>;
  send(message: unknown): void;
  sendRaw(data: string | Buffer): void;
  /** The next frame of that kind that no earlier call has returned. */
  next<K extends ServerMessageKind>(kind: K): Promise<ServerMessageOf<K>>;
  close(): void;
  terminate(): void;
  /** Reads nothing any more, pings included. */
  deafen(): void;
};

/** A socket as a stranger's client would open it; frames are kept in order. */
export function openSocket(url: string, ticket: string, protocol = SUBPROTOCOL): TestSocket {
  const socket = new WebSocket(`${url}/v1/arena?ticket=${ticket}`, protocol);
  const frames: ServerMessage[] = [];
  const taken = new Set<ServerMessage>();
  let wake = () => {};
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  socket.on('error', () => {});
  socket.on('message', (data: Buffer) => {
    frames.push(JSON.parse(data.toString()) as ServerMessage);
    wake();
  });
  const whenOpen = new Promise<void>((resolve) => {
    socket.on('open', resolve);
  });
  return {
    frames,
    closed,
    send: (message) => void whenOpen.then(() => socket.send(JSON.stringify(message))),
    sendRaw: (data) => void whenOpen.then(() => socket.send(data)),
    async next<K extends ServerMessageKind>(kind: K) {
      for (;;) {
        const found = frames.find(
          (frame): frame is ServerMessageOf<K> => frame.kind === kind && !taken.has(frame),
        );
        if (found !== undefined) {
          taken.add(found);
          return found;
        }
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    close: () => socket.close(),
    terminate: () => socket.terminate(),
    deafen: () => socket.pause(),
  };
}

export async function enter(db: Db, { matchId, playerIds }: Arena, seat: number): Promise<TestSocket> {
  const { url, ticket } = await ticketFor(db, matchId, playerIds[seat] ?? '');
  return openSocket(url, ticket);
}

export const defend = { kind: 'action', type: 'defend' } as const;
