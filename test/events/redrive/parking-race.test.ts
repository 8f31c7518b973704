/** @module-tag once */
import { expect, test } from 'vitest';
import type { DeliveredRecord } from '../../../events/kafka/broker.ts';
import { DeadEvent, failureKind } from '../../../events/consumer/failures.ts';
import { giveUpOn } from '../../../events/consumer/give-up.ts';
import type { EventHandler } from '../../../events/consumer/handler.ts';
import { parkIfParked, processEvent } from '../../../events/consumer/process-event.ts';
import type { ProcessDeps } from '../../../events/consumer/process-event.ts';
import { discardLetter, redriveLetter, releaseBehind } from '../../../events/redrive/redrive.ts';
import { listDeadLetters } from '../../../store/dead-letters/reads.ts';
import { alteredDb } from '../consumer/altered-db.ts';
import { cancelledRecord, createEffects, recording } from '../recording.ts';
import { faultRun } from '../../support/fault-run.ts';
import type { Draws } from '../../support/fault-run.ts';
import { countRows, eventTools } from '../support.ts';

const tools = await eventTools([]);
await createEffects(tools.url);
const { db } = tools;

const raceCount = 1_000;
const atOnce = 24;
/** Events that a member reads of a key. */
const eventCount = 3;

const run = faultRun('parking race', 20261121);
let duplicateCount = 0;

/** Between a lock and what it protects there is time. */
const slowDb = ({ oneIn, pause }: Draws) =>
  alteredDb(db, {
    async after(text) {
      if (/FOR SHARE|FOR UPDATE|INTO parked_keys/.test(text) && oneIn(3)) await pause(5);
    },
  });

type Race = {
  draws: Draws;
  group: string;
  key: string;
  records: DeliveredRecord[];
  handler: EventHandler;
  deps: RaceDeps;
};
type RaceDeps = ProcessDeps & { handlers: ReadonlyMap<string, EventHandler> };

/** Any event may fail at any attempt, whoever makes it: so one member gives up what another handles. */
function openRace(n: number): Race {
  const [group, key] = ['race', `key-${n}`];
  const withSignal = n % 2 === 0;
  const draws = run.draws(n);
  const { signal, ...handler } = recording(
    async () => {
      if (draws.oneIn(3)) await draws.pause(3);
      // dead at once: the waits between a handler's own attempts would be most of the test
      if (!draws.oneIn(3)) return;
      run.fault('handler fails');
      throw new DeadEvent('undecodable', 'not this time');
    },
    { group },
  );
  const raced = { ...handler, ...(withSignal && signal !== undefined && { signal }) } as EventHandler;
  const first = n * 100;
  return {
    draws,
    group,
    key,
    handler: raced,
    records: Array.from({ length: eventCount }, (_, offset) =>
      cancelledRecord(key, `${first + offset}`, first + offset),
    ),
    deps: {
      ...tools,
      db: slowDb(draws),
      handlers: new Map([[group, raced]]),
    },
  };
}

/** What a member's lane does with its key, with a single attempt at each event; `onSettled` commits the offset. */
async function member(race: Race, from: number, onSettled: (next: number) => void): Promise<void> {
  const { deps, handler, draws } = race;
  for (const [n, record] of race.records.entries()) {
    if (n < from) continue;
    // events come while operators are at work
    await draws.pause(25);
    await untilNoFault(async () => {
      try {
        const outcome = await processEvent(deps, handler, record, parkIfParked(handler, record));
        if (outcome === 'duplicate') duplicateCount += 1;
        run.count('ok');
      } catch (error) {
        if (failureKind(error) === 'fault') throw error;
        run.count('failed');
        if (draws.oneIn(2)) await draws.pause(2);
        const failure = { error, attempts: 3, redrives: 0, firstFailedAtMs: 1, lastFailedAtMs: 1 };
        await untilNoFault(() => giveUpOn(deps, handler, record, failure));
      }
    });
    onSettled(n + 1);
  }
}

async function untilNoFault(work: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      return void (await work());
    } catch (error) {
      if (failureKind(error) !== 'fault') throw error;
    }
  }
}

const lettersOf = async ({ group, key }: Race) => listDeadLetters(db, { group, key, limit: 100 });

/** An operator who goes over the key's letters once, and now and then throws one away. */
async function redriveAll(race: Race): Promise<void> {
  for (const { id } of await lettersOf(race)) {
    await untilNoFault(() =>
      race.draws.oneIn(6)
        ? discardLetter(race.deps, id, 'operator', 'race')
        : redriveLetter(race.deps, id, 'operator', { force: true }),
    );
    await untilNoFault(() => releaseBehind(race.deps, id));
  }
}

const isOver = async ({ group, key }: Race): Promise<boolean> => {
  const { rowCount } = await db.query(
    `SELECT 1 FROM parked_keys WHERE consumer_group = $1 AND key = $2
     UNION ALL SELECT 1 FROM dead_letters WHERE consumer_group = $1 AND key = $2 AND status = 'waiting'`,
    [group, Buffer.from(key)],
  );
  return rowCount === 0;
};

/**
 * One member reads the key; at some moment the partition goes to another, which begins at an offset that the first had
 * committed, while the first is still at work; two operators redrive all the while.
 */
async function play(race: Race): Promise<void> {
  const { oneIn, pause } = race.draws;
  let committed = 0;
  const first = member(race, 0, (next) => {
    if (oneIn(2)) committed = next;
  });
  const second = (async () => {
    await pause(40);
    await member(race, committed, () => {});
  })();
  const operators = [1, 2].map(async () => {
    await pause(80);
    await redriveAll(race);
  });
  await Promise.all([first, second, ...operators]);
  for (let round = 0; !(await isOver(race)); round += 1) {
    if (round > 100) throw new Error(`${race.key} does not come to rest`);
    await redriveAll(race);
  }
}

type Found = { wrong: string | undefined; lost: number; repeated: number };

/** What is wrong about the key's effects: nothing, or the offsets in the order in which they were written. */
async function lookAt(race: Race): Promise<Found> {
  const { rows } = await db.query<{ reason: string }>(
    'SELECT reason FROM effects WHERE match = $1 ORDER BY n',
    [race.key],
  );
  const seen = rows.map(({ reason }) => Number(reason));
  const discarded = new Set(
    (await lettersOf(race))
      .filter(({ status }) => status === 'discarded')
      .map(({ offset }) => Number(offset)),
  );
  const missing = race.records.map(({ offset }) => Number(offset)).filter((o) => !seen.includes(o));
  const isRight =
    seen.every((offset, n) => n === 0 || offset > seen[n - 1]!) && missing.every((o) => discarded.has(o));
  const told = `${race.key}: ${seen.join(' ')}; discarded ${[...discarded].join(' ')}`;
  return {
    wrong: isRight ? undefined : told,
    lost: missing.filter((offset) => !discarded.has(offset)).length,
    repeated: seen.length - new Set(seen).size,
  };
}

test(
  `${raceCount} times: live events, give-ups, redrives and a rebalance at one key; nothing stranded, nothing overtaken, each effect once`,
  { timeout: 240_000 },
  async () => {
    const found: Found[] = [];
    let next = 0;
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        while (next < raceCount) {
          const race = openRace(next++);
          await play(race);
          run.fault('partition moved');
          found.push(await lookAt(race));
        }
      }),
    );
    run.tell({
      events: raceCount * eventCount,
      lost: found.reduce((sum, { lost }) => sum + lost, 0),
      duplicatedEffects: found.reduce((sum, { repeated }) => sum + repeated, 0),
      duplicatedDeliveries: duplicateCount,
    });
    expect(found.flatMap(({ wrong }) => wrong ?? [])).toEqual([]);
    expect(await countRows(db, 'parked_events')).toBe(0);
    expect(await countRows(db, 'parked_keys')).toBe(0);
    // else the run proved nothing
    expect(duplicateCount).toBeGreaterThan(0);
    expect(await countRows(db, 'dead_letters', "status = 'redriven'")).toBeGreaterThan(raceCount / 4);
    expect(await countRows(db, 'dead_letters', "status = 'discarded'")).toBeGreaterThan(raceCount / 20);
  },
);
