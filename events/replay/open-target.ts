import type { EventContext } from '../../domain/events.ts';
import type { Tx } from '../../store/db.ts';
import { findLostEvents } from '../../store/epoch/find-lost-events.ts';
import { concernOf } from '../consumer/concerns.ts';
import type { DeliveredEvent, EventHandler } from '../consumer/handler.ts';
import { decodeEvent, decodeFact } from './decode-event.ts';
import type { Fact } from './decode-event.ts';
import { effectSink } from './effect-sink.ts';
import type { Effect } from './effect-sink.ts';
import { findProjection } from './projections.ts';
import { subscriptionSink } from './subscription-sink.ts';
import { shadowSink } from './shadow-sink.ts';
import { topicSink } from './topic-sink.ts';
import { ReplayBroken } from './types.ts';
import type { OpenReplay, ReplayDeps, ReplaySink } from './types.ts';

/** A handler's rows are other people's too: its transactions, those that are rolled back above all, stay short. */
const handlerBatchCountMax = 1_000;
/** Nobody else writes a projection: the more events at once, the fewer times a row of it is written. */
const projectionBatchCountMax = 8_000;

/** Throws ReplayBroken when this build has no such target. */
export async function openTarget(deps: ReplayDeps, replay: OpenReplay): Promise<ReplaySink> {
  const { target } = replay;
  switch (target.kind) {
    case 'topic':
      return topicSink(deps, replay, target.topic);
    case 'handler':
      return handlerSink(deps, replay, target);
    case 'projection':
      return projectionSink(deps, replay, target);
    case 'subscription':
      return subscriptionSink(deps, replay, target.subscriptionId);
    default:
      return target satisfies never;
  }
}

function handlerSink(
  deps: ReplayDeps,
  { replayId }: OpenReplay,
  { group, mode }: { group: string; mode: 'shadow' | 'real' },
): ReplaySink {
  const handler = deps.handlers.get(group);
  if (handler === undefined) throw new ReplayBroken(`this build has no handler for the group ${group}`);
  if (mode === 'real' && handler.replaySafe !== true)
    throw new ReplayBroken(`the handler of ${group} does not say that it is safe to replay`);
  const { signal } = handler;
  const effect: Effect<DeliveredEvent> = {
    batchCountMax: handlerBatchCountMax,
    wants: concernOf(handler),
    decode: (record) => decodeEvent(deps.codec, handler.types, record),
    apply: async (tx, events) => handle(handler, tx, await withoutLost(tx, deps, events)),
  };
  if (mode === 'shadow') return shadowSink(deps.db, replayId, effect);
  return effectSink<DeliveredEvent>(deps, replayId, {
    ...effect,
    signal: signal && ((event) => signal.call(handler, event, { context: contextOf(event) })),
  });
}

function projectionSink(
  deps: ReplayDeps,
  { replayId }: OpenReplay,
  { projection: name, into }: { projection: string; into: string },
): ReplaySink {
  const projection = findProjection(name);
  if (projection === undefined) throw new ReplayBroken(`this build has no projection ${name}`);
  return effectSink<Fact>(deps, replayId, {
    batchCountMax: projectionBatchCountMax,
    wants: concernOf(projection),
    decode: (record) => decodeFact(deps.codec, projection.types, record),
    apply: async (tx, facts) => projection.add(tx, into, await withoutLost(tx, deps, facts)),
  });
}

/** What a restore of the database has taken back did not happen, though Kafka still tells it. */
async function withoutLost<E extends { id: string; source: string; ledgerEpoch: number }>(
  tx: Tx,
  { origin }: ReplayDeps,
  events: readonly E[],
): Promise<readonly E[]> {
  const old = events.filter(
    ({ source, ledgerEpoch }) => source === origin.source && ledgerEpoch < origin.ledgerEpoch,
  );
  if (old.length === 0) return events;
  const lost = await findLostEvents(
    tx,
    old.map(({ id }) => id),
  );
  return events.filter((event) => !(old.includes(event) && lost.has(event.id)));
}

async function handle(handler: EventHandler, tx: Tx, events: readonly DeliveredEvent[]): Promise<void> {
  if (handler.handleMany !== undefined) return handler.handleMany(tx, events, { contextOf });
  for (const event of events) await handler.handle(tx, event, { context: contextOf(event) });
}

const contextOf = ({ id, correlationId }: DeliveredEvent): EventContext => ({
  correlationId: correlationId ?? id,
  causationId: id,
});
