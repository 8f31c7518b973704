import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { testDatabase } from '../support/database.ts';

const hourMs = 3_600_000;
const run = promisify(execFile);
const worlds = [await testDatabase(), await testDatabase(), await testDatabase()] as const;

/** What a process whose clock is off by so much has done in a database of its own. */
async function told(url: string, shiftMs: number): Promise<unknown> {
  const clock = new URL('../support/shifted-clock.ts', import.meta.url);
  clock.searchParams.set('ms', String(shiftMs));
  const script = new URL('clock-story.ts', import.meta.url).pathname;
  const { stdout } = await run(process.execPath, ['--import', clock.href, script, url]);
  const { believes, story } = JSON.parse(stdout) as { believes: number; story: unknown };
  // else its clock was right and the run proved nothing
  expect(Math.abs(believes - Date.now() - shiftMs)).toBeLessThan(hourMs / 2);
  return story;
}

test(
  'a process an hour fast or slow changes no outcome of money or matches',
  { timeout: 120_000, retry: 0 },
  async () => {
    const right = await told(worlds[0].url, 0);
    expect(right).toMatchObject({
      holds: { posted: ['ok', 'pending_expired'], sweptCount: 1, balance: '90', held: '10' },
      caps: ['ok', 'limit_exceeded'],
      market: { tooLate: 'listing_gone', sweptCount: 1, state: 'completed', buyerGold: '200' },
      matches: { isKept: true, tick: 'committed', redeemed: true, isMoved: true },
      rewards: { status: 'paid' },
      clawback: { leftMinutes: 30, state: 'approved' },
      idempotency: ['claimed', 'in_flight'],
    });
    expect(await told(worlds[1].url, hourMs)).toEqual(right);
    expect(await told(worlds[2].url, -hourMs)).toEqual(right);
  },
);
