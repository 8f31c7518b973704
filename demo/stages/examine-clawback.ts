import { journalKeys } from '../../domain/ledger/keys.ts';
import { readBalances, readItem } from '../../store/ledger/reads.ts';
import { eventually, expect } from '../stage.ts';
import type { World } from '../world.ts';
import type { Played } from './play-match.ts';

/** What taking the winner's reward back would come to, after the sword in it was sold. Nobody approves it. */
export async function examineClawback(world: World, { matchId, winner }: Played): Promise<void> {
  const { output, operator } = world;
  const key = journalKeys.matchGrant(matchId, winner.playerId);
  const [sword] = (await winner.receipt(key)).movements;
  const before = await possessions(world, winner.playerId, sword?.itemId);
  const { body: asked } = await operator.requestClawback({
    select: { journalKeys: [key] },
    reason: 'the demo wants to know what it would come to',
  });
  world.link('a clawback that nobody approved', asked.workflowId);
  const { report, reportHash } = await eventually('the clawback is examined', async () => {
    const now = await operator.clawback(asked.clawbackId);
    return now.state === 'waiting' && now.report !== null ? { ...now, report: now.report } : undefined;
  });

  for (const { asset, granted, takenBack, debt } of report.assets)
    output.line(
      `  ${granted.padStart(6)} ${asset.padEnd(12)} ${takenBack} would be taken back, ${debt} owed`,
    );
  for (const { kind, granted, takenBack, left } of report.items)
    output.line(
      `  ${String(granted).padStart(6)} ${kind.padEnd(12)} ${takenBack} would be taken back, ${left} left with its buyer`,
    );
  for (const { asset, owed } of report.proceeds)
    output.line(`  ${owed.padStart(6)} ${asset.padEnd(12)} got for what was sold, would be paid back`);
  expect(
    [...report.assets, ...report.items].every(
      (line) =>
        BigInt(line.granted) ===
        [line.takenBack, line.debt, line.left, line.unrecoverable].reduce(
          (sum, part) => sum + BigInt(part),
          0n,
        ),
    ),
    'every line of the report sums to zero',
  );
  output.proof(
    `what was granted = taken back + owed + left + unrecoverable; approving it would name ${reportHash?.slice(0, 12)}…`,
  );

  const { body: ended } = await operator.cancelClawback(asked.clawbackId);
  const after = await possessions(world, winner.playerId, sword?.itemId);
  expect(
    ended.state === 'cancelled' && after === before,
    `nothing was touched: before ${before}, now ${after}`,
  );
  output.proof('cancelled: nothing was touched');
}

async function possessions({ db }: World, playerId: string, itemId: string | undefined): Promise<string> {
  const balances = (await readBalances(db, playerId)).map(({ asset, balance }) => `${balance} ${asset}`);
  const item = itemId === undefined ? null : await readItem(db, itemId);
  return [...balances, `the sword is ${item?.owner ?? 'nobody'}'s`].join(', ');
}
