import { randomUUID } from 'node:crypto';
import type { NewReplay, ReplayTarget, ReplayWindow } from '../../../domain/replays/types.ts';
import type { OutgoingMessage, RecordHeaders } from '../../../events/kafka/broker.ts';
import { toHeaders } from '../../../events/codec/envelope.ts';
import type { EventHandler } from '../../../events/consumer/handler.ts';
import { prepareReplay } from '../../../events/replay/prepare-replay.ts';
import { runReplay } from '../../../events/replay/run-replay.ts';
import type { ReplayDeps } from '../../../events/replay/types.ts';
import { finishReplay } from '../../../store/replays/finish-replay.ts';
import { openReplay } from '../../../store/replays/open-replay.ts';
import { findReplay } from '../../../store/replays/reads.ts';
import type { Replay } from '../../../store/replays/reads.ts';
import { cancelled } from '../recording.ts';
import type { RecordedType } from '../recording.ts';
import type { EventTools } from '../support.ts';

export const always: ReplayWindow = {
  from: { time: '2000-01-01T00:00:00.000Z' },
  to: { time: '2100-01-01T00:00:00.000Z' },
};

export const replayDeps = (
  tools: EventTools,
  handlers: readonly EventHandler<RecordedType>[] = [],
): ReplayDeps => ({
  ...tools,
  handlers: new Map(handlers.map((handler) => [handler.group, handler as EventHandler])),
  replicationCount: 1,
});

export async function openNew(
  { db }: Pick<EventTools, 'db'>,
  target: ReplayTarget,
  wanted: Partial<NewReplay> = {},
): Promise<string> {
  const replayId = randomUUID();
  await openReplay(db, {
    topic: 'game.match',
    window: always,
    filter: {},
    rate: null,
    ...wanted,
    target,
    replayId,
    requestedBy: 'operator:test',
  });
  return replayId;
}

/** What the story does with it, without the story. */
export async function runToEnd(deps: ReplayDeps, replayId: string): Promise<Replay> {
  const { db } = deps;
  await prepareReplay(deps, await replayOf(deps, replayId));
  const end = await runReplay(deps, await replayOf(deps, replayId), new AbortController().signal);
  if (end === 'ended') await finishReplay(db, replayId, { state: 'completed' });
  return replayOf(deps, replayId);
}

export async function replayOf({ db }: Pick<EventTools, 'db'>, replayId: string): Promise<Replay> {
  const replay = await findReplay(db, replayId);
  if (replay === null) throw new Error(`no replay ${replayId}`);
  return replay;
}

/** A record as the relay writes it; the same `id` twice is a duplicate. */
export function recordOf(
  { codec, origin }: Pick<EventTools, 'codec' | 'origin'>,
  matchId: string,
  reason: string,
  { id = randomUUID(), headers = {} }: { id?: string; headers?: RecordHeaders } = {},
): OutgoingMessage {
  const { type, key, data } = cancelled(matchId, reason);
  const { value, schemaId } = codec.encode(type, data);
  const envelope = {
    id,
    type,
    source: origin.source,
    subject: key,
    time: '2026-11-21T12:00:00.000Z',
    sequence: null,
    ledgerEpoch: 1,
    schemaId,
    context: {},
  };
  return {
    topic: 'game.match',
    key: Buffer.from(key),
    value,
    headers: { ...toHeaders(envelope), ...headers },
  };
}
