import { beforeAll, describe, expect, test } from 'vitest';
import { randomUUID } from 'node:crypto';
import { approveClawback } from '../../../store/clawbacks/decide-clawback.ts';
import { examine } from '../../../store/clawbacks/examine-clawback.ts';
import { finishClawback } from '../../../store/clawbacks/finish-clawback.ts';
import { beginReversal } from '../../../store/clawbacks/record-report.ts';
import type { Db } from '../../../store/db.ts';
import { applyArena, walletOfPlayer } from '../market/fixtures.ts';
import { testDatabase } from '../../support/database.ts';
import { approved, badTable, cause, examined, reverseAll } from './fixtures.ts';

const { db } = await testDatabase();
beforeAll(() => applyArena(db));

describe('a late attempt', () => {
  const late = (clawbackId: string, table: string, on = db) => examine(on, clawbackId, { table }, () => {});
  const table = () => `table-${randomUUID()}`;

  test('to examine adds nothing to a reversal that has begun', async () => {
    const bad = table();
    const [granted] = await badTable(db, { count: 1, table: bad });
    const clawbackId = await approved(db, { table: bad });
    const [unapproved] = await badTable(db, { count: 1, table: bad });
    expect(await late(clawbackId, bad)).toBeNull();
    await reverseAll(db, clawbackId);
    expect((await finishClawback(db, clawbackId)).result).toMatchObject({ grantCount: 1 });
    expect((await walletOfPlayer(db, granted!.playerId)).balance).toBe(0n);
    expect((await walletOfPlayer(db, unapproved!.playerId)).balance).toBe(100n);
  });

  test('to examine that is lost midway takes nothing from it', async () => {
    const bad = table();
    await badTable(db, { count: 3, table: bad });
    const clawbackId = await approved(db, { table: bad });
    const lost = asking('FROM journals', () => Promise.reject(new Error('the worker is gone')));
    await expect(late(clawbackId, bad, lost)).rejects.toThrow('the worker is gone');
    expect(await reverseAll(db, clawbackId)).toMatchObject({ reversedCount: 3 });
  });

  test('that selects more while the approved report is checked makes it another report', async () => {
    const bad = table();
    await badTable(db, { count: 1, table: bad });
    const { clawbackId, reportHash } = await examined(db, { table: bad });
    await approveClawback(db, { clawbackId, actor: cause.actor, reportHash: reportHash ?? '' });
    // everything is read, nothing is begun
    const overtaken = asking('l.clawback_id <> $1', async () => {
      await badTable(db, { count: 1, table: bad });
      await late(clawbackId, bad);
    });
    expect(await beginReversal(overtaken, clawbackId)).toMatchObject({
      state: 'waiting',
      report: { grantCount: 2 },
    });
  });

  test('to finish completes nothing of which grants are left', async () => {
    const [granted] = await badTable(db, { count: 1 });
    const clawbackId = await approved(db, { journalKeys: [granted!.key] });
    expect(await finishClawback(db, clawbackId)).toMatchObject({ state: 'reversing', result: null });
    await reverseAll(db, clawbackId);
    expect(await finishClawback(db, clawbackId)).toMatchObject({ state: 'completed' });
  });

  /** Does something else before the first statement that says this. */
  function asking(words: string, first: () => Promise<unknown>): Db {
    let isFirst = true;
    const query: Db['query'] = async (statement, values) => {
      const text = typeof statement === 'string' ? statement : statement.text;
      if (isFirst && text.includes(words)) {
        isFirst = false;
        await first();
      }
      return db.query(statement, values);
    };
    return { ...db, query };
  }
});
