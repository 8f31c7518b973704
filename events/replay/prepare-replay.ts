import { replayTopicOf } from '../../domain/replays/types.ts';
import type { Tx } from '../../store/db.ts';
import { findOwnTopic } from '../../store/own-topics/reads.ts';
import { lockProjection, pinReplay } from '../../store/replays/pin-replay.ts';
import type { Replay } from '../../store/replays/reads.ts';
import { ensureTopics } from '../kafka/admin.ts';
import { findTopic } from '../catalogue/topics.ts';
import { openTarget } from './open-target.ts';
import { pinWindow } from './pin-window.ts';
import { findProjection } from './projections.ts';
import { ReplayBroken } from './types.ts';
import type { ReplayDeps } from './types.ts';

const dayMs = 86_400_000;
const replayRetentionMs = 7 * dayMs;
/** `ce_replayid` comes on top of a record that may already be as large as its topic allows. */
const replayHeaderBytesMax = 1_024;

/**
 * Fixes the window as offsets and makes the target ready, once: prepared before, it does nothing. Throws ReplayBroken, with
 * what an operator can do about it.
 */
export async function prepareReplay(deps: ReplayDeps, replay: Replay): Promise<void> {
  const { topic, target } = replay;
  const names = new Set(await deps.broker.admin.listTopics());
  if (!names.has(topic)) throw new ReplayBroken(`Kafka has no topic ${topic}`);
  await openTarget(deps, replay);
  const pinned = await pinWindow(deps.broker.admin, topic, replay.window);
  if (target.kind === 'topic') await ensureTarget(deps, topic, target.topic ?? replayTopicOf(topic), names);
  await deps.db.transaction(async (tx) => {
    const isFirst = await pinReplay(tx, replay.replayId, pinned);
    if (isFirst && target.kind === 'projection') await freshen(tx, replay.replayId, target);
  });
}

async function ensureTarget(
  { broker, db, replicationCount }: ReplayDeps,
  source: string,
  target: string,
  names: ReadonlySet<string>,
): Promise<void> {
  if (names.has(target)) return;
  if (target !== replayTopicOf(source)) throw new ReplayBroken(`Kafka has no topic ${target}`);
  const own = findTopic(source) ?? (await findOwnTopic(db, source));
  const ends = await broker.admin.partitionEnds(source);
  await ensureTopics(broker, {
    replicationCount,
    topics: [
      {
        name: target,
        // as many as the source has, so that keys stay together and in order
        partitionCount: ends.length,
        retentionMs: replayRetentionMs,
        recordBytesMax: (own?.recordBytesMax ?? 1_048_576) + replayHeaderBytesMax,
      },
    ],
  });
}

/** A projection is made of one replay's events: what is under the name already would be added to. */
async function freshen(
  tx: Tx,
  replayId: string,
  { projection: name, into, reset = false }: { projection: string; into: string; reset?: boolean },
): Promise<void> {
  const other = await lockProjection(tx, replayId, { projection: name, into });
  if (other !== null) throw new ReplayBroken(`the replay ${other} is filling ${name} ${into}`);
  const projection = findProjection(name);
  if (projection === undefined) throw new ReplayBroken(`this build has no projection ${name}`);
  if (reset) await projection.reset(tx, into);
  else if (!(await projection.isEmpty(tx, into)))
    throw new ReplayBroken(`there is something in ${name} ${into} already; take another name, or reset it`);
}
