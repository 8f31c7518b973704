import type { Tx } from '../../store/db.ts';
import {
  findGivenUp,
  lockParkedForShare,
  lookAside,
  parkEvents,
  placeName,
  positionName,
} from '../../store/dead-letters/parking.ts';
import type { ParkingPlace } from '../../store/dead-letters/types.ts';
import type { DeliveredRecord } from '../kafka/broker.ts';
import type { EventHandler } from './handler.ts';
import { headersToJson } from '../codec/header-json.ts';

/**
 * The first step of every handler's transaction: which of these records it must leave alone, neither handled nor signalled.
 * Events of a parked key join those that wait. An event that was given up before belongs to its dead letter, whatever
 * became of that: read again because its offset was not committed, a discarded one must not come to life.
 */
export async function standAside(
  tx: Tx,
  handler: Pick<EventHandler, 'group' | 'onDeadLetter'>,
  records: readonly DeliveredRecord[],
): Promise<ReadonlySet<DeliveredRecord>> {
  const { group } = handler;
  const { hasParked, givenUp } = await lookAside(tx, group, records);
  if (!hasParked) return new Set(records.filter((record) => isNamed(givenUp, record)));
  return standAsideOfParked(tx, handler, records);
}

async function standAsideOfParked(
  tx: Tx,
  handler: Pick<EventHandler, 'group' | 'onDeadLetter'>,
  records: readonly DeliveredRecord[],
): Promise<ReadonlySet<DeliveredRecord>> {
  const { group } = handler;
  const placed = records.flatMap((record) => {
    const place = parkingPlaceOf(handler, record);
    return place === undefined ? [] : [{ record, place }];
  });
  const parkedPlaces = await lockParkedForShare(
    tx,
    group,
    placed.map(({ place }) => place),
  );
  const toPark = placed.filter(({ place }) => parkedPlaces.has(placeName(place)));
  const waiting = await parkEvents(
    tx,
    group,
    toPark.map(({ record }) => ({ ...record, headers: headersToJson(record.headers) })),
  );
  // after the lock: a redrive that was waited for may have given one up itself
  const givenUp = await findGivenUp(tx, group, records);
  return new Set(records.filter((record) => isNamed(waiting, record) || isNamed(givenUp, record)));
}

/** There are hardly ever names, and then none is made either. */
const isNamed = (names: ReadonlySet<string>, record: DeliveredRecord): boolean =>
  names.size > 0 && names.has(positionName(record));

/** Longer keys are nobody's aggregate, and would not fit an index. */
const parkableKeyBytesMax = 1_024;

/** Undefined when the handler's events stand alone or this one belongs to no aggregate. */
export function parkingPlaceOf(
  handler: Pick<EventHandler, 'group' | 'onDeadLetter'>,
  record: Pick<DeliveredRecord, 'topic' | 'key'>,
): ParkingPlace | undefined {
  const { topic, key } = record;
  if (handler.onDeadLetter === 'pass' || key === null || key.length > parkableKeyBytesMax) return undefined;
  return { group: handler.group, topic, key };
}
