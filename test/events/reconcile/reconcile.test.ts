import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { findLost } from '../../../events/reconcile/find-lost.ts';
import { newestEpochTold } from '../../../events/reconcile/read-old-epochs.ts';
import { readAgain } from '../../../events/reconcile/read-again.ts';
import { ensureDeployment } from '../../../store/deployment.ts';
import { appendAudit } from '../../../store/audit/append-audit.ts';
import { recordLostJournals } from '../../../store/epoch/lost-journals.ts';
import { raiseEpoch } from '../../../store/epoch/raise-epoch.ts';
import { isReconciled, markReconciled } from '../../../store/epoch/reconciled.ts';
import { recordRefusedResults } from '../../../store/epoch/not-put-back.ts';
import { listFindings } from '../../../store/findings/reads.ts';
import { journal as paid, newPlayer, pay, post, seedAssets } from '../../store/ledger/fixtures.ts';
import { eventTools, eventually, relayFor, tell } from '../support.ts';

const tools = await eventTools(['system.service', 'ledger.journal', 'audit.trail', 'ledger.finding']);
const { db, broker } = tools;
const hourMs = 3_600_000;

const untilTold = () =>
  eventually('the outbox drains', async () => {
    const { rows } = await db.query<{ count: bigint }>('SELECT count(*) FROM outbox');
    return rows[0]?.count === 0n;
  });
const journal = (key: string) =>
  ({ type: 'ledger.journal.posted.v1', key, data: { journalId: '7', key, kind: 'grant' } }) as const;

const open = async (rule: string): Promise<string[]> =>
  (await listFindings(db, { rule, status: 'open', limit: 10 })).map(({ subject }) => subject);

relayFor(tools);

test('after a restore no group is moved past what it has not handled', async () => {
  const start = (instance: string) =>
    tell(db, { type: 'system.service.started.v1', key: 'api', data: { service: 'api', instance } });
  await start('first');
  await start('second');
  await untilTold();
  const sinceMs = Date.now() + 1;
  await eventually('a later moment', () => Date.now() > sinceMs);
  await start('third');
  await untilTold();
  const at = (offset: bigint) => [{ topic: 'system.service', partition: 0, offset }];
  await Promise.all([
    broker.admin.setGroupOffsets('lagging', at(1n)),
    broker.admin.setGroupOffsets('ahead', at(3n)),
  ]);
  const handlers = ['lagging', 'ahead', 'new'].map(
    (group) => ({ group, types: ['system.service.started.v1'] }) as const,
  );

  await readAgain({ broker, handlers }, sinceMs);
  const offsets = handlers.map(async ({ group }) => {
    const [place] = await broker.admin.groupOffsets(group, 'system.service');
    return place?.offset;
  });
  expect(await Promise.all(offsets)).toEqual([1n, 2n, 0n]);
});

test('what was told and is not known is named: journals by kind, operators’ actions one by one', async () => {
  const [known, lost] = [`valve:${randomUUID()}`, `valve:${randomUUID()}`];
  const closed = (target: string) => ({ actor: 'operator:test', action: 'valve.closed', target, detail: {} });
  await db.transaction((tx) => appendAudit(tx, closed(known)));
  await tell(
    db,
    { type: 'audit.trail.recorded.v1', key: lost, data: closed(lost) },
    { type: 'audit.trail.recorded.v1', key: lost, data: { ...closed('player:1'), action: 'player.erased' } },
    journal('grant:lost'),
  );
  await untilTold();
  const deps = { ...tools, origin: { ...tools.origin, ledgerEpoch: 3 } };
  const found = await findLost(deps, Date.now() - hourMs);

  expect(found.journals).toMatchObject([{ key: 'grant:lost', epoch: 1 }]);
  expect(found.actions).toMatchObject([{ target: lost, actor: 'operator:test' }]);
  expect(found.erasures).toEqual([{ playerId: '1', actor: 'operator:test' }]);
  expect(found.lastJournalId).toBe(7n);
  expect(await open('journals_lost')).toEqual(['epoch 1: grant']);
  expect(await open('actions_lost')).toEqual([expect.stringContaining(`valve.closed ${lost} at `)]);
  // told under 1 and forgotten: the next epoch has to be a higher one
  expect(await newestEpochTold(tools, 'audit.trail', Date.now() - hourMs)).toBe(1);
});

test('a finding of lost journals closes when all of them are back, of whatever epoch', async () => {
  await seedAssets(db);
  const playerId = await newPlayer(db);
  const posted = paid({ transfers: [pay(playerId, 5n)] });
  await post(db, posted);
  const time = '2026-11-21T12:00:00.000Z';
  const of = (epoch: number, key: string) => ({ epoch, journalId: 1n, key, kind: 'spend', time });
  await recordLostJournals(db, [of(1, posted.key), of(2, 'spend:gone')], Date.parse(time));
  expect(await open('journals_lost')).toEqual(expect.arrayContaining(['epoch 1: spend', 'epoch 2: spend']));
  await recordLostJournals(db, [], Date.parse(time) + hourMs);
  expect(await open('journals_lost')).not.toContain('epoch 1: spend');
  expect(await open('journals_lost')).toContain('epoch 2: spend');
});

test('a result that cannot be put back is a finding until it is', async () => {
  await recordRefusedResults(db, { refused: [{ matchId: 'm', reason: 'no version 7' }], restored: [] });
  expect(await open('results_lost')).toEqual(['match:m']);
  await recordRefusedResults(db, { refused: [], restored: ['m'] });
  expect(await open('results_lost')).toEqual([]);
});

test('every epoch is above what was told, and reconciled once', async () => {
  await ensureDeployment(db, 'test');
  const raise = (told: number) => raiseEpoch(db, { actor: 'operator:test', reason: 'restored', told });
  expect(await raise(0)).toBe(2);
  expect(await isReconciled(db)).toBe(false);
  await markReconciled(db, 'operator:test');
  expect(await isReconciled(db)).toBe(true);
  // restored again to before the first time: 4 was told under
  expect(await raise(4)).toBe(5);
  expect(await isReconciled(db)).toBe(false);
});
