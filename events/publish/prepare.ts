import type { JsonValue } from '../../domain/canonical-json.ts';
import type { EventContext } from '../../domain/events.ts';
import type { OutgoingMessage } from '../kafka/broker.ts';
import type { Codec } from '../codec/codec.ts';
import { toHeaders } from '../codec/envelope.ts';
import { DeadEvent } from '../consumer/failures.ts';
import { recordBytes } from '../relay/outgoing.ts';
import { loggedIdOf, sourceOfClient } from './ids.ts';
import type { PublishTarget, TargetFinder } from './target.ts';

/** A client's event as the door has parsed it. */
export type ClientEvent = {
  id: string;
  type: string;
  topic?: string | undefined;
  subject?: string | undefined;
  partitionkey?: string | undefined;
  time: Date;
  /** What the event itself says of its causes; goes before what the request says. */
  context?: EventContext;
  data: JsonValue;
};

export type PublishAs = {
  clientId: string;
  ledgerEpoch: number;
  context: EventContext;
  mayPublish: (topic: string) => boolean;
};

/** What is wrong with one event, and where: `path` starts at the event. */
export type PublishProblem = {
  index: number;
  kind: 'forbidden' | 'invalid' | 'too_large';
  path: readonly string[];
  detail: string;
};

/** An event that only has to be sent. */
export type PreparedEvent = {
  id: string;
  source: string;
  type: string;
  /** Its row in outbox and event log. */
  loggedId: string;
  key: string | null;
  subject: string;
  message: OutgoingMessage;
};

export type Prepared = { events: PreparedEvent[]; problems: PublishProblem[] };

/** Turns events into records: topic, permission, schema, key, size. All of them, so that a caller hears of every problem. */
export async function prepareEvents(
  deps: { codec: Codec; findTarget: TargetFinder },
  events: readonly ClientEvent[],
  as: PublishAs,
): Promise<Prepared> {
  const prepared: Prepared = { events: [], problems: [] };
  for (const [index, event] of events.entries()) {
    const target = await deps.findTarget(event, as.mayPublish);
    if ('kind' in target) {
      prepared.problems.push({ index, kind: target.kind, path: [target.member], detail: target.detail });
      continue;
    }
    const made = await prepareOne(deps.codec, event, target, as);
    if ('kind' in made) prepared.problems.push({ index, ...made });
    else prepared.events.push(made);
  }
  return prepared;
}

type Problem = Omit<PublishProblem, 'index'>;

async function prepareOne(
  codec: Codec,
  event: ClientEvent,
  { topic, recordBytesMax }: PublishTarget,
  as: PublishAs,
): Promise<PreparedEvent | Problem> {
  const encoded = await codec.encodeRegistered(event.type, event.data).catch(asProblem);
  if ('kind' in encoded) return encoded;
  const key = keyOf(event);
  if (event.partitionkey !== undefined && key !== event.partitionkey)
    return { kind: 'invalid', path: ['partitionkey'], detail: `the key of ${event.type} is ${key}` };
  const { id, type } = event;
  const source = sourceOfClient(as.clientId);
  const subject = event.subject ?? key ?? '';
  const headers = toHeaders({
    id,
    type,
    source,
    subject,
    time: event.time.toISOString(),
    sequence: null,
    ledgerEpoch: as.ledgerEpoch,
    schemaId: encoded.schemaId,
    context: {
      ...as.context,
      ...event.context,
    },
  });
  const message = { topic, key: key === null ? null : Buffer.from(key), value: encoded.value, headers };
  const bytes = recordBytes(message);
  if (bytes > recordBytesMax)
    return {
      kind: 'too_large',
      path: ['data'],
      detail: `${bytes} bytes are more than the ${recordBytesMax} that ${topic} takes`,
    };
  return { id, source, type, loggedId: loggedIdOf(source, id), key, subject, message };
}

function asProblem(error: unknown): Problem {
  if (!(error instanceof DeadEvent)) throw error;
  const [place] = error.places;
  return place === undefined
    ? { kind: 'invalid', path: ['type'], detail: error.message }
    : { kind: 'invalid', path: ['data', ...place], detail: 'does not fit the schema of the type' };
}

/** What stands together in order. Where our own handlers rely on it, it is not the caller's to choose. */
function keyOf({ type, partitionkey, subject, data }: ClientEvent): string | null {
  const member = keyMembers[type];
  if (member === undefined) return partitionkey ?? subject ?? null;
  return String((data as Record<string, JsonValue>)[member]);
}

const keyMembers: Record<string, string> = {
  'game.result.reported.v1': 'externalMatchId',
  'trust.verdict.cleared.v1': 'subject',
  'trust.verdict.rejected.v1': 'subject',
};
