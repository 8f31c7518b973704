import { LootError } from '../../domain/errors.ts';
import type { ErrorPlace } from '../../domain/errors.ts';
import { replayTopicOf } from '../../domain/replays/types.ts';
import type { NewReplay, ReplayTarget, ReplayWindow } from '../../domain/replays/types.ts';
import type { Queryable } from '../../store/db.ts';
import { findOwnTopic } from '../../store/own-topics/reads.ts';
import { findSubscription } from '../../store/subscriptions/reads.ts';
import { findTopic } from '../catalogue/topics.ts';
import { whyNot } from './subscription-sink.ts';
import { projectionNames, replayGroups } from './groups.ts';

/**
 * What can be said of a replay before Kafka is asked. Throws `validation_failed` with everything that is wrong: an unknown
 * topic, a window that is inverted, to come or gone, a target that is live, unknown or not safe. Subscriptions are those of
 * the client `subscriptionsOf`; null: anybody's.
 */
export async function checkReplay(
  db: Queryable,
  wanted: NewReplay,
  nowMs: number,
  subscriptionsOf: string | null = null,
): Promise<void> {
  const { topic, window, target } = wanted;
  const source = findTopic(topic) ?? (await findOwnTopic(db, topic));
  const errors = [
    ...(source === undefined ? [{ pointer: '/topic', detail: `there is no topic ${topic}` }] : []),
    ...windowErrors(window, nowMs, source?.retentionMs ?? Infinity),
    ...(await targetErrors(db, topic, target, subscriptionsOf)),
  ];
  if (errors.length === 0) return;
  const [first] = errors;
  throw new LootError('validation_failed', `The replay cannot be made: ${first?.detail}.`, { errors });
}

function windowErrors({ from, to }: ReplayWindow, nowMs: number, retentionMs: number): ErrorPlace[] {
  if ('time' in from && 'time' in to) {
    const [fromMs, toMs] = [Date.parse(from.time), Date.parse(to.time)];
    if (fromMs >= toMs) return [{ pointer: '/to', detail: 'the window ends before it begins' }];
    if (fromMs >= nowMs) return [{ pointer: '/from', detail: 'the window is yet to come' }];
    const keptFromMs = nowMs - retentionMs;
    if (toMs > keptFromMs) return [];
    const kept = new Date(keptFromMs).toISOString();
    return [{ pointer: '/to', detail: `the window is gone: the topic keeps nothing from before ${kept}` }];
  }
  if (!('offsets' in from) || !('offsets' in to)) return [];
  const toOffsets = to.offsets;
  return Object.entries(from.offsets).flatMap(([partition, offset]) => {
    const end = toOffsets[partition];
    if (end === undefined) return [{ pointer: '/to', detail: `partition ${partition} has no end` }];
    if (BigInt(offset) < BigInt(end)) return [];
    return [{ pointer: '/to', detail: `partition ${partition} ends before it begins` }];
  });
}

async function targetErrors(
  db: Queryable,
  source: string,
  target: ReplayTarget,
  subscriptionsOf: string | null,
): Promise<ErrorPlace[]> {
  const at = (detail: string): ErrorPlace[] => [{ pointer: '/target', detail }];
  switch (target.kind) {
    case 'topic': {
      if (target.topic === undefined || target.topic === replayTopicOf(source)) return [];
      if (target.topic === source || findTopic(target.topic) !== undefined)
        return at(
          `${target.topic} is a live topic; replay into ${replayTopicOf(source)} or a topic of your own`,
        );
      const own = await findOwnTopic(db, target.topic);
      return own === undefined
        ? at(`${target.topic} is neither ${replayTopicOf(source)} nor a topic of your own`)
        : [];
    }
    case 'handler': {
      const group = Object.hasOwn(replayGroups, target.group) ? replayGroups[target.group] : undefined;
      if (group === undefined) return at(`there is no group ${target.group}`);
      if (target.mode === 'shadow' || group.safe) return [];
      return at(`the handler of ${target.group} is not safe to replay: ${group.why}`);
    }
    case 'projection': {
      const isKnown = projectionNames.some((name) => name === target.projection);
      return isKnown ? [] : at(`there is no projection ${target.projection}`);
    }
    case 'subscription': {
      const subscription = await findSubscription(db, target.subscriptionId, subscriptionsOf);
      if (subscription === undefined) return at(`there is no subscription ${target.subscriptionId}`);
      const why = whyNot(subscription, source);
      return why === null ? [] : at(why);
    }
    default:
      return target satisfies never;
  }
}
