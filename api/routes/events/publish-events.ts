import { LootError } from '../../../domain/errors.ts';
import type { ErrorCode, ErrorPlace } from '../../../domain/errors.ts';
import type { ClientEvent, PreparedEvent, PublishProblem } from '../../../events/publish/prepare.ts';
import type { Placement } from '../../../events/kafka/broker.ts';
import type { Publisher } from '../../../events/publish/publish.ts';
import { readPlaces } from '../../../store/event-log/reads.ts';
import type { Client } from '../../auth/policy.ts';
import { mayPublish } from '../../auth/topics.ts';
import type { Services } from '../../deps.ts';
import type { Call, Reply } from '../../http.ts';

type Publishing = Pick<Call<unknown, unknown, unknown>, 'prefer' | 'eventContext'> & {
  deps: Services;
  principal: Client;
};

/** Where the caller finds the n-th event's member in what it sent. */
export type PointerOf = (index: number, path: readonly string[]) => string;

export const pointersOf =
  (isBatch: boolean): PointerOf =>
  (index, path) =>
    [...(isBatch ? [String(index)] : []), ...path]
      .map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`)
      .join('');

/** Clocks differ; an event of the day after tomorrow would be sorted there for ever. */
const futureMsMax = 300_000;
const errorCountMax = 50;

/**
 * Checks all events, then sends all: nothing is sent of a batch in which one is wrong. Throws `validation_failed`,
 * `forbidden` or `payload_too_large` with pointers, `rate_limited`, and what `Publisher.send` throws.
 */
export async function publishEvents(
  call: Publishing,
  events: readonly ClientEvent[],
  pointerOf: PointerOf,
): Promise<Reply> {
  const { deps, prefer } = call;
  const publisher = publisherOf(deps);
  const prepared = await prepare(call, publisher, events, pointerOf);
  if (prefer.stated && prefer.waitMs === 0) {
    await publisher.store(prepared);
    return answer(prepared, []);
  }
  return answer(prepared, await publisher.send(prepared));
}

/** What a stored 202 answers by now: where the relay has put the events. */
export async function presentEvents(
  call: Publishing,
  events: readonly ClientEvent[],
  pointerOf: PointerOf,
): Promise<Reply> {
  const prepared = await prepare(call, publisherOf(call.deps), events, pointerOf);
  const places = await readPlaces(
    call.deps.db,
    prepared.map(({ loggedId }) => loggedId),
  );
  return answer(
    prepared,
    prepared.flatMap(({ loggedId }) => places.get(loggedId) ?? []),
  );
}

function publisherOf({ publisher }: Services): Publisher {
  if (publisher === undefined)
    throw new LootError('dependency_unavailable', 'This process is not connected to Kafka.');
  return publisher;
}

/** Refuses what publishing these would refuse, before anything is made for their sake; takes nothing of the rate. */
export async function checkEvents(
  call: Publishing,
  events: readonly ClientEvent[],
  pointerOf: PointerOf,
): Promise<void> {
  call.deps.limiter.events(call.principal, 0);
  await checked(call, publisherOf(call.deps), events, pointerOf);
}

async function prepare(
  call: Publishing,
  publisher: Publisher,
  events: readonly ClientEvent[],
  pointerOf: PointerOf,
): Promise<PreparedEvent[]> {
  call.deps.limiter.events(call.principal, events.length);
  return checked(call, publisher, events, pointerOf);
}

async function checked(
  { deps, principal, eventContext }: Publishing,
  publisher: Publisher,
  events: readonly ClientEvent[],
  pointerOf: PointerOf,
): Promise<PreparedEvent[]> {
  const { events: prepared, problems } = await publisher.prepare(events, {
    clientId: principal.clientId,
    context: eventContext,
    mayPublish: (topic) => mayPublish(principal, topic),
  });
  const all = [...problemsOf(events, deps.nowMs()), ...problems].toSorted((a, b) => a.index - b.index);
  refuse(all, pointerOf);
  return prepared;
}

/** What needs neither schema nor topic to be seen. */
function problemsOf(events: readonly ClientEvent[], nowMs: number): PublishProblem[] {
  const firstOf = new Map<string, number>();
  return events.flatMap(({ id, time }, index): PublishProblem[] => {
    const first = firstOf.get(id);
    if (first === undefined) firstOf.set(id, index);
    return [
      ...(first === undefined
        ? []
        : [{ index, kind: 'invalid' as const, path: ['id'], detail: `event ${first} has this id, too` }]),
      ...(time.getTime() > nowMs + futureMsMax
        ? [{ index, kind: 'invalid' as const, path: ['time'], detail: 'is more than 5 minutes ahead' }]
        : []),
    ];
  });
}

const refusals = [
  ['forbidden', 'forbidden', 'The API key may not publish these events; see errors.'],
  ['too_large', 'payload_too_large', 'An event is larger than its topic takes; see errors.'],
  ['invalid', 'validation_failed', 'Nothing was published: events are not valid; see errors.'],
] as const satisfies readonly (readonly [PublishProblem['kind'], ErrorCode, string])[];

function refuse(problems: readonly PublishProblem[], pointerOf: PointerOf): void {
  for (const [kind, code, detail] of refusals) {
    const places: ErrorPlace[] = problems
      .filter((problem) => problem.kind === kind)
      .map(({ index, path, detail: why }) => ({ pointer: pointerOf(index, path), detail: why }));
    if (places.length > 0) throw new LootError(code, detail, { errors: places.slice(0, errorCountMax) });
  }
}

function answer(events: readonly PreparedEvent[], placements: readonly Placement[]): Reply {
  const isPublished = placements.length === events.length;
  const body = {
    status: isPublished ? ('published' as const) : ('stored' as const),
    events: events.map(({ id, source, type, message: { topic } }, n) => {
      const placement = isPublished ? placements[n] : undefined;
      return {
        id,
        source,
        type,
        topic,
        partition: placement?.partition ?? null,
        offset: placement?.offset.toString() ?? null,
      };
    }),
  };
  const [first] = events;
  const headers = {
    ...(first !== undefined && events.length === 1 && { location: eventPath(first.id) }),
    ...(!isPublished && { 'retry-after': '1' }),
  };
  return { status: isPublished ? 200 : 202, body, headers };
}

const eventPath = (id: string): string => `/v1/events/${encodeURIComponent(id)}`;
