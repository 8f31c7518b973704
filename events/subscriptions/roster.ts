import { matchesFilter, matchesPattern } from '../../domain/event-filter.ts';
import type { FilteredEvent } from '../../domain/event-filter.ts';
import type { Db } from '../../store/db.ts';
import { readDispatched } from '../../store/subscriptions/dispatch.ts';
import type { Dispatched } from '../../store/subscriptions/dispatch.ts';
import { typeOf } from '../codec/envelope.ts';
import { filterable } from '../codec/structured.ts';
import type { DeliveredRecord } from '../kafka/broker.ts';
import { subscribableTopics } from '../catalogue/subscribable.ts';

/** One subscription's wish, and whether it is to be followed: it runs, has room, and somebody may read the topic for it. */
export type Wish = Pick<Dispatched, 'subscriptionId' | 'method' | 'startsAt'> & {
  /** Whether one that is followed stays so, and whether one that is not becomes so: for that it needs more room. */
  mayGoOn: boolean;
  mayBegin: boolean;
  wantsType(type: string): boolean;
  wants(event: FilteredEvent): boolean;
};

/** Who wants what, as it was a moment ago. */
export type Roster = {
  /** Topics that any subscription names. */
  topics: readonly string[];
  of(topic: string): readonly Wish[];
};

export async function readRoster(db: Db): Promise<Roster> {
  const [subscriptions, names] = await Promise.all([readDispatched(db), subscribableTopics(db)]);
  const wishes = new Map(
    names.map((topic) => [
      topic,
      subscriptions
        .filter(({ topicPattern }) => matchesPattern(topicPattern, topic))
        .map((subscription) => wishOf(subscription, topic)),
    ]),
  );
  return {
    topics: names.filter((topic) => (wishes.get(topic)?.length ?? 0) > 0),
    of: (topic) => wishes.get(topic) ?? [],
  };
}

function wishOf(subscription: Dispatched, topic: string): Wish {
  const { subscriptionId, method, startsAt, state, readTopics, types, filter } = subscription;
  const isOpen = state === 'active' && readTopics.some((pattern) => matchesPattern(pattern, topic));
  const wantsType = (type: string): boolean =>
    (types.length === 0 || types.some((pattern) => matchesPattern(pattern, type))) &&
    (filter.types === undefined || filter.types.some((pattern) => matchesPattern(pattern, type)));
  return {
    subscriptionId,
    method,
    startsAt,
    mayGoOn: isOpen && !subscription.isFull,
    mayBegin: isOpen && !subscription.isHalfFull,
    wantsType,
    wants: (event) => matchesFilter(filter, event),
  };
}

export const wants = (wish: Wish, record: DeliveredRecord): boolean =>
  wish.wantsType(typeOf(record.headers) ?? '') &&
  wish.wants(filterable(record)) &&
  !isCopyOfCopy(wish, record);

/** Two subscriptions that copy each other's topic would never end. */
const isCopyOfCopy = ({ method }: Wish, { headers }: DeliveredRecord): boolean =>
  method === 'kafka' && headers['ce_subscriptionid'] !== undefined;

export const bytesOf = ({ key, value }: DeliveredRecord): number => (key?.length ?? 0) + (value?.length ?? 0);
