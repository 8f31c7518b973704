import { topicOf } from '../../domain/events.ts';
import type { Db } from '../../store/db.ts';
import { findOwnTopic } from '../../store/own-topics/reads.ts';
import { findTopic } from '../catalogue/topics.ts';

/** Where a client's event may go. */
export type PublishTarget = { topic: string; recordBytesMax: number };

/** Why it may go nowhere: `member` is the attribute at fault. */
export type NoTarget = { kind: 'forbidden' | 'invalid'; member: 'type' | 'topic'; detail: string };

export type TargetFinder = (
  event: { type: string; topic?: string | undefined },
  mayPublish: (topic: string) => boolean,
) => Promise<PublishTarget | NoTarget>;

/** Takes types of anybody who may publish to it. */
const openTopic = 'analytics.event';
/** A topic that somebody makes or deletes is seen by every process within this. */
const ownTopicKeepMs = 2_000;
const ownTopicCountMax = 1_000;

/**
 * The topic of an event: a type of ours names its own, any other goes where it says, else to the topic called like its
 * first two words. What we tell ourselves nobody else may tell.
 */
export function createTargetFinder(db: Db): TargetFinder {
  const remembered = new Map<string, { untilMs: number; found: Promise<PublishTarget | undefined> }>();

  function ownTarget(topic: string): Promise<PublishTarget | undefined> {
    const known = remembered.get(topic);
    if (known !== undefined && known.untilMs > performance.now()) return known.found;
    if (remembered.size >= ownTopicCountMax) remembered.clear();
    const found = findOwnTopic(db, topic).then(
      (own) => own && { topic: own.name, recordBytesMax: own.recordBytesMax },
    );
    found.catch(() => remembered.delete(topic));
    remembered.set(topic, { untilMs: performance.now() + ownTopicKeepMs, found });
    return found;
  }

  return async ({ type, topic: named }, mayPublish) => {
    const home = topicOf(type);
    const ofOurs = findTopic(home);
    const topic = ofOurs === undefined ? (named ?? home) : home;
    const member = named === undefined ? 'type' : 'topic';
    if (named !== undefined && named !== topic)
      return { kind: 'invalid', member, detail: `${type} goes to ${topic}` };
    const ours = findTopic(topic);
    if (ours?.direction === 'out')
      return { kind: 'forbidden', member, detail: `what ${topic} tells, only Lootledger tells` };
    if (!mayPublish(topic))
      return { kind: 'forbidden', member, detail: `the API key may not publish to ${topic}` };
    if (ours === undefined)
      return (
        (await ownTarget(topic)) ?? { kind: 'invalid', member, detail: `there is no topic called ${topic}` }
      );
    if (ofOurs === undefined && topic !== openTopic)
      return { kind: 'invalid', member, detail: `${topic} takes types of its own only` };
    return { topic, recordBytesMax: ours.recordBytesMax };
  };
}
