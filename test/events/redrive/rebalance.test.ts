/** @module-tag once */
import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { consume } from '../../../events/consumer/consume.ts';
import { DeadEvent, failureKind } from '../../../events/consumer/failures.ts';
import type { EventHandler, Running } from '../../../events/consumer/handler.ts';
import { redriveLetter, releaseBehind } from '../../../events/redrive/redrive.ts';
import { listDeadLetters } from '../../../store/dead-letters/reads.ts';
import { faultRun, outcomeOf } from '../../support/fault-run.ts';
import { cancelled, createEffects, readEffects, recording } from '../recording.ts';
import { countRows, duplicateCountOf, eventTools, eventually, relayFor, tell } from '../support.ts';

const tools = await eventTools(['game.match'], 2);
const { db } = tools;
await createEffects(tools.url);
relayFor(tools);
const members: Running[] = [];
afterAll(async () => {
  await Promise.all(members.map((member) => member.stop()));
});

const keyCount = 6;
const eventCount = 25;

/** Every letter there is, oldest first; what is away for a moment is asked again by the next round. */
async function redriveAll(handler: EventHandler): Promise<void> {
  const deps = { ...tools, handlers: new Map([[handler.group, handler]]) };
  for (const { id } of await listDeadLetters(db, { group: handler.group, limit: 500 })) {
    try {
      await redriveLetter(deps, id, 'operator', { force: true });
      await releaseBehind(deps, id);
    } catch (error) {
      if (failureKind(error) !== 'fault') throw error;
    }
  }
}

test(
  'members come and go on Kafka while letters are made and put back: every effect once, in order',
  { timeout: 180_000 },
  async () => {
    const run = faultRun('rebalance', 20261122);
    const { oneIn } = run.draws(0);
    const handler = recording(() => {
      if (!oneIn(4)) return;
      run.fault('handler fails');
      throw new DeadEvent('undecodable', 'not this time');
    }) as EventHandler & { signals: string[] };
    const matches = Array.from({ length: keyCount }, () => randomUUID());
    const effectCount = () => countRows(db, 'effects', `"group" = '${handler.group}'`);
    const join = () => members[members.push(consume(tools, handler)) - 1]!;

    const first = join();
    for (let n = 0; n < eventCount; n += 1) {
      await tell(db, ...matches.map((match) => cancelled(match, `${n}`)));
      // a second joins, the first leaves, a third comes
      if (n === 5) await eventually('the first is at work', async () => (await effectCount()) > 0);
      if (n === 6 || n === 18) {
        join();
        run.fault('member joins');
      }
      if (n === 14) {
        await first.stop();
        run.fault('member leaves');
      }
      await redriveAll(handler);
    }
    await eventually(
      'every event has its effect',
      async () => {
        await redriveAll(handler);
        return (await effectCount()) >= keyCount * eventCount;
      },
      120_000,
    );

    const inOrder = Array.from({ length: eventCount }, (_, n) => `${n}`);
    const effects = await Promise.all(matches.map((match) => readEffects(db, handler.group, match)));
    run.count('ok', await countRows(db, 'dead_letters', "status = 'redriven'"));
    run.tell(
      outcomeOf(
        effects.map((seen) => ({ expected: inOrder, seen })),
        await duplicateCountOf(tools.metrics),
      ),
    );
    for (const seen of effects) expect(seen).toEqual(inOrder);
    await eventually('nothing is left', async () => {
      await redriveAll(handler);
      return (await countRows(db, 'parked_keys')) + (await countRows(db, 'parked_events')) === 0;
    });
    expect(await countRows(db, 'dead_letters', "status = 'redriven'")).toBeGreaterThan(keyCount);
  },
);
