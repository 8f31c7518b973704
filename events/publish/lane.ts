import { BrokerRefusal } from '../kafka/broker.ts';
import type { OutgoingMessage, Placement } from '../kafka/broker.ts';
import { recordBytes } from '../relay/outgoing.ts';

/** Sends the messages of one topic; answers where each went, in the order given. */
export type PublishLane = (messages: readonly OutgoingMessage[]) => Promise<Placement[]>;

type Parcel = {
  messages: readonly OutgoingMessage[];
  bytes: number;
  resolve(placements: Placement[]): void;
  reject(error: unknown): void;
};

/** The records of one partition travel as one batch, which the topic's limit counts whole: as in the relay. */
const requestBytesMax = 768 * 1_024;
const requestCountMax = 1_000;
/** What may wait for a request on its way; beyond it Kafka is too slow for what is asked of it. */
const waitingBytesMax = 32 * 1_024 * 1_024;

/** More waits for Kafka already than it may. */
export class LaneFull extends Error {
  override readonly name = 'LaneFull';
}

/**
 * Lets publishers at the same moment share one produce request: whoever comes while none is on its way is sent at once,
 * whoever comes meanwhile goes with the next. One request at a time, so what a caller sends after an answer stands behind
 * what was answered. What Kafka refuses in company is sent alone, so that one caller's record does not fail another's.
 */
export function createPublishLane(
  send: (messages: readonly OutgoingMessage[]) => Promise<Placement[]>,
): PublishLane {
  const waiting: Parcel[] = [];
  let waitingBytes = 0;
  let busy = false;

  function take(): Parcel[] {
    const taken: Parcel[] = [];
    let bytes = 0;
    let count = 0;
    for (const next of waiting) {
      bytes += next.bytes;
      count += next.messages.length;
      if (taken.length > 0 && (bytes > requestBytesMax || count > requestCountMax)) break;
      taken.push(next);
      waitingBytes -= next.bytes;
    }
    waiting.splice(0, taken.length);
    return taken;
  }

  async function run(): Promise<void> {
    busy = true;
    // after the present round of callbacks: what arrives together travels together
    await new Promise(setImmediate);
    while (waiting.length > 0) await deliver(send, take());
    busy = false;
  }

  const enqueue = (messages: readonly OutgoingMessage[], bytes: number): Promise<Placement[]> =>
    new Promise((resolve, reject) => {
      waiting.push({ messages, bytes, resolve, reject });
      waitingBytes += bytes;
      if (!busy) void run();
    });

  return async (messages) => {
    if (waitingBytes > waitingBytesMax) throw new LaneFull('too much waits for Kafka');
    const parcels = cut(messages).map(({ part, bytes }) => enqueue(part, bytes));
    return (await Promise.all(parcels)).flat();
  };
}

/** Never throws: each parcel's caller hears what became of it. */
async function deliver(
  send: (messages: readonly OutgoingMessage[]) => Promise<Placement[]>,
  parcels: readonly Parcel[],
): Promise<void> {
  try {
    const placements = await send(parcels.flatMap(({ messages }) => messages));
    let from = 0;
    for (const { messages, resolve } of parcels) {
      resolve(placements.slice(from, from + messages.length));
      from += messages.length;
    }
  } catch (error) {
    if (parcels.length > 1 && error instanceof BrokerRefusal)
      for (const parcel of parcels) await deliver(send, [parcel]);
    else for (const { reject } of parcels) reject(error);
  }
}

/** Into parts that one request takes; a record that is nearly as large as its topic allows travels alone. */
function cut(messages: readonly OutgoingMessage[]): { part: OutgoingMessage[]; bytes: number }[] {
  const parts: { part: OutgoingMessage[]; bytes: number }[] = [];
  for (const message of messages) {
    const bytes = recordBytes(message);
    const last = parts.at(-1);
    if (last !== undefined && last.bytes + bytes <= requestBytesMax) {
      last.part.push(message);
      last.bytes += bytes;
    } else parts.push({ part: [message], bytes });
  }
  return parts;
}
