import type { Reply } from '../../client/types.ts';
import { journalKeys } from '../../domain/ledger/keys.ts';
import { eventually, expect } from '../stage.ts';
import type { World } from '../world.ts';
import type { Played } from './play-match.ts';

/**
 * Somebody with all rights on the database multiplies a reward by ten, past roles and triggers. The auditor says which row;
 * when it is put right, the findings close.
 */
export async function corruptRow(world: World, { matchId, winner }: Played): Promise<void> {
  const { output } = world;
  const key = journalKeys.matchGrant(matchId, winner.playerId);
  const { journalId, transfers } = await eventually('the reward is sealed in a block', async () => {
    const receipt = await winner.receipt(key);
    return receipt.block === null ? undefined : receipt;
  });
  const [line] = transfers;
  if (line === undefined) throw new Error(`the reward ${key} has no transfer`);

  const falsified = BigInt(line.amount) * 10n;
  await rewrite(world, journalId, line.index, falsified);
  try {
    output.line(
      `  journal ${journalId} now says ${falsified} ${line.asset} instead of ${line.amount}, and no trigger stopped it`,
    );
    const broken = await auditEverything(world);
    const { items } = await world.operator.findings({ status: 'open' });
    const found = new Set(items.map(({ rule }) => rule));
    for (const { rule, subject } of items) output.line(`    ${rule.padEnd(18)} ${subject}`);
    expect(
      found.has('wallet_counters') && found.has('blocks_chained'),
      'the wallet and the block disagree with the row',
    );
    output.proof(`the auditor found it: ${violationsOf(broken).join(', ')}`);
  } finally {
    await rewrite(world, journalId, line.index, BigInt(line.amount));
  }

  const mended = await auditEverything(world);
  world.link('the audit after the repair', mended.workflowId);
  expect(violationsOf(mended).length === 0, `everything holds again, not ${violationsOf(mended).join(', ')}`);
  const { items: open } = await world.operator.findings({ status: 'open' });
  expect(open.length === 0, 'no finding is left open');
  output.proof('the row is put right: every rule holds, the findings are closed');
}

/** As the database's owner, in a session that no trigger fires for: what append-only cannot prevent, the auditor finds. */
async function rewrite({ db }: World, journalId: string, index: number, amount: bigint): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query('SET LOCAL ROLE NONE');
    await tx.query('SET LOCAL session_replication_role = replica');
    const { rowCount } = await tx.query(
      'UPDATE transfers SET amount = $3 WHERE journal_id = $1 AND index = $2',
      [journalId, index, amount],
    );
    expect(rowCount === 1, `one row of journal ${journalId} is rewritten`);
  });
}

type Audit = Reply<'readAudit'>;

async function auditEverything({ operator }: World): Promise<Audit> {
  const { body: started } = await operator.startAudit({ mode: 'full' });
  return eventually('the audit is over', async () => {
    const now = await operator.audit(started.auditId);
    return now.status === 'completed' ? now : undefined;
  });
}

const violationsOf = ({ results }: Audit): string[] =>
  (results ?? []).flatMap(({ rule, violationCount }) =>
    violationCount > 0 ? [`${rule} (${violationCount})`] : [],
  );
