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
import { countRows, eventTools } from '../support.ts';

const tools = await eventTools([]);
await createEffects(tools.url);
const { db } = tools;

const raceCount = 1_000;
const atOnce = 24;
/** Events that a member reads of a key. */
const eventCount = 3;

/** Between a look at what is parked, or a lock on it, and what is done about it there is time. */
const slowDb = alteredDb(db, {
  async after(text) {
    if (/parked_(keys|events)/.test(text) && oneIn(4)) await pause(20);
  },
});

type Race = { group: string; key: string; records: DeliveredRecord[]; handler: EventHandler; deps: RaceDeps };
type RaceDeps = ProcessDeps & { handlers: ReadonlyMap<string, EventHandler> };

const pause = (msMax: number) => new Promise((resolve) => setTimeout(resolve, Math.random() * msMax));
const oneIn = (n: number) => Math.random() < 1 / n;

/** Any event may fail at any attempt, whoever makes it: so one member gives up what another handles. */
function openRace(n: number): Race {
  const [group, key] = ['race', `key-${n}`];
  const withSignal = n % 2 === 0;
  const { signal, ...handler } = recording(
    async () => {
      if (oneIn(3)) await pause(3);
      // dead at once: the waits between a handler's own attempts would be most of the test
      if (oneIn(3)) throw new DeadEvent('undecodable', 'not this time');
    },
    { group },
  );
  const raced = { ...handler, ...(withSignal && signal !== undefined && { signal }) } as EventHandler;
  const first = n * 100;
  return {
    group,
    key,
    handler: raced,
    records: Array.from({ length: eventCount }, (_, offset) =>
      cancelledRecord(key, `${first + offset}`, first + offset),
    ),
    deps: {
      ...tools,
      db: slowDb,
      handlers: new Map([[group, raced]]),
    },
  };
}

/** What a member's lane does with its key, with a single attempt at each event; `onSettled` commits the offset. */
async function member(race: Race, from: number, onSettled: (next: number) => void): Promise<void> {
  const { deps, handler } = race;
  for (const [n, record] of race.records.entries()) {
    if (n < from) continue;
    // events come while operators are at work
    await pause(25);
    await untilNoFault(async () => {
      try {
        await processEvent(deps, handler, record, parkIfParked(handler, record));
      } catch (error) {
        if (failureKind(error) === 'fault') throw error;
        if (oneIn(2)) await pause(2);
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
      oneIn(6)
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
  let committed = 0;
  const first = member(race, 0, (next) => {
    if (oneIn(2)) committed = next;
  });
  const second = (async () => {
    await pause(40);
    await member(race, committed, () => {});
  })();
  let isRead = false;
  const members = Promise.all([first, second]).then(() => (isRead = true));
  const operators = [1, 2].map(async () => {
    while (!isRead) {
      await pause(20);
      await redriveAll(race);
    }
  });
  await Promise.all([members, ...operators]);
  for (let round = 0; !(await isOver(race)); round += 1) {
    if (round > 100) throw new Error(`${race.key} does not come to rest`);
    await redriveAll(race);
  }
}

/** What is wrong about the key's effects: nothing, or the offsets in the order in which they were written. */
async function wrongAbout(race: Race): Promise<string | undefined> {
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
  return isRight ? undefined : `${race.key}: ${seen.join(' ')}; discarded ${[...discarded].join(' ')}`;
}

test(
  `${raceCount} times: live events, give-ups, redrives and a rebalance at one key; nothing stranded, nothing overtaken, each effect once`,
  { timeout: 240_000 },
  async () => {
    const wrong: string[] = [];
    let next = 0;
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        while (next < raceCount) {
          const race = openRace(next++);
          await play(race);
          const found = await wrongAbout(race);
          if (found !== undefined) wrong.push(found);
        }
      }),
    );
    expect(wrong).toEqual([]);
    expect(await countRows(db, 'parked_events')).toBe(0);
    expect(await countRows(db, 'parked_keys')).toBe(0);
    // else the run proved nothing
    expect(await countRows(db, 'dead_letters', "status = 'redriven'")).toBeGreaterThan(raceCount / 4);
    expect(await countRows(db, 'dead_letters', "status = 'discarded'")).toBeGreaterThan(raceCount / 20);
  },
);
