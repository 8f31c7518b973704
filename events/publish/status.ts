import type { Db } from '../../store/db.ts';
import { readLoggedEvent, readWaitingEvent } from '../../store/event-log/reads.ts';
import { readGroupFacts } from '../../store/consumer-stats/read-group-facts.ts';
import type { GroupFacts } from '../../store/consumer-stats/read-group-facts.ts';
import type { Broker } from '../kafka/broker.ts';
import type { EventOrigin } from '../relay/outgoing.ts';
import { withDeadline } from '../patience.ts';
import { loggedIdOf } from './ids.ts';

/**
 * What a group has made of an event. `passed`: the group is beyond it and had nothing to do with it, or so long ago that the
 * inbox has forgotten. `unknown`: Kafka does not say now how far the group is.
 */
export type GroupStatus = {
  group: string;
  status: 'handled' | 'retrying' | 'dead' | 'discarded' | 'parked' | 'waiting' | 'passed' | 'unknown';
  at: string | null;
  attempts: number | null;
  error: string | null;
  deadLetterId: string | null;
};

export type EventStatus = {
  id: string;
  source: string;
  type: string;
  topic: string;
  key: string | null;
  status: 'stored' | 'refused' | 'published';
  storedAt: string;
  outbox: { ahead: number; error: string | null } | null;
  published: { partition: number; offset: string; at: string } | null;
  groups: GroupStatus[];
};

/** Without Kafka the tables still tell most of it. */
type Deps = { db: Db; broker?: Broker | undefined; origin?: EventOrigin | undefined };

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const kafkaMsMax = 2_000;

/** The life of the event with this id and one of these sources, the first that has it; undefined when nobody knows it. */
export async function readEventStatus(
  deps: Deps,
  id: string,
  sources: readonly string[],
): Promise<EventStatus | undefined> {
  for (const source of sources) {
    const loggedId = source === deps.origin?.source ? id : loggedIdOf(source, id);
    if (!uuidForm.test(loggedId)) continue;
    const found = await find(deps, { id, source, loggedId });
    if (found !== undefined) return found;
  }
  return undefined;
}

type Name = { id: string; source: string; loggedId: string };

async function find(deps: Deps, { id, source, loggedId }: Name): Promise<EventStatus | undefined> {
  let logged = await readLoggedEvent(deps.db, loggedId);
  const waiting = logged === undefined ? await readWaitingEvent(deps.db, loggedId) : undefined;
  // it may have moved between the two looks
  if (waiting === undefined) logged ??= await readLoggedEvent(deps.db, loggedId);
  const row = logged ?? waiting;
  if (row === undefined) return undefined;
  const { topic, type, key, createdAt } = row;
  const about = { id, source, type, topic, key, storedAt: createdAt.toISOString() };
  if (logged === undefined) {
    const { ahead = 0, error = null } = waiting ?? {};
    const outbox = { ahead, error };
    return { ...about, status: error === null ? 'stored' : 'refused', outbox, published: null, groups: [] };
  }
  const { partition, offset, publishedAt } = logged;
  return {
    ...about,
    status: 'published',
    outbox: null,
    published: { partition, offset: offset.toString(), at: publishedAt.toISOString() },
    groups: await groupsOf(deps, { id, source, topic, type, partition, offset }),
  };
}

type Place = { id: string; source: string; topic: string; type: string; partition: number; offset: bigint };

async function groupsOf({ db, broker }: Deps, place: Place): Promise<GroupStatus[]> {
  const facts = await readGroupFacts(db, place);
  return Promise.all(
    facts.map(async (group) => {
      const settled = fromTables(group);
      if (settled !== undefined) return settled;
      if (!group.types.includes(place.type)) return statusOf(group, 'passed');
      const next = await nextOffset(broker, group.group, place);
      if (next === undefined) return statusOf(group, 'unknown');
      if (next > place.offset) return statusOf(group, 'passed');
      return group.attempt === null ? statusOf(group, 'waiting') : retrying(group, group.attempt);
    }),
  );
}

/** What the database knows, which is more than Kafka does. */
function fromTables(facts: GroupFacts): GroupStatus | undefined {
  const { letter, handledAt, parkedAt } = facts;
  if (letter !== null && letter.status !== 'redriven') {
    const status = letter.status === 'waiting' ? 'dead' : 'discarded';
    const { attempts, errorClass, errorMessage } = letter;
    const error = `${errorClass}: ${errorMessage}`;
    return { ...statusOf(facts, status, letter.at), attempts, error, deadLetterId: letter.id };
  }
  const handled = handledAt ?? (letter === null ? null : letter.at);
  if (handled !== null) {
    const attempts = (letter?.attempts ?? facts.attempt?.count ?? 0) + 1;
    return { ...statusOf(facts, 'handled', handled), attempts, deadLetterId: letter?.id ?? null };
  }
  return parkedAt === null ? undefined : statusOf(facts, 'parked', parkedAt);
}

const retrying = (
  facts: GroupFacts,
  { at, count, error }: NonNullable<GroupFacts['attempt']>,
): GroupStatus => ({
  ...statusOf(facts, 'retrying', at),
  attempts: count,
  error,
});

const statusOf = (
  { group }: GroupFacts,
  status: GroupStatus['status'],
  at: Date | null = null,
): GroupStatus => ({
  group,
  status,
  at: at === null ? null : at.toISOString(),
  attempts: null,
  error: null,
  deadLetterId: null,
});

/** -1 where the group has none yet; undefined when Kafka does not answer. */
async function nextOffset(
  broker: Broker | undefined,
  group: string,
  { topic, partition }: Place,
): Promise<bigint | undefined> {
  if (broker === undefined) return undefined;
  try {
    const offsets = await withDeadline(broker.admin.groupOffsets(group, topic), kafkaMsMax, 'Kafka');
    return offsets.find((place) => place.partition === partition)?.offset ?? -1n;
  } catch {
    return undefined;
  }
}
