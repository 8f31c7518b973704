import { verifyReceipt } from '../../client/verify-receipt.ts';
import { journalKeys } from '../../domain/ledger/keys.ts';
import { readBalances } from '../../store/ledger/reads.ts';
import { eventually, expect } from '../stage.ts';
import type { World } from '../world.ts';
import type { Listening, Played } from './play-match.ts';

/** The consumer group that starts the paying of rewards. */
const rewardsGroup = 'rewards';

/** What the winner got and why; then Kafka delivers the event that led to it once more. */
export async function deliverTwice(world: World, { matchId, winner }: Played): Promise<void> {
  const { output, kafka } = world;
  const key = journalKeys.matchGrant(matchId, winner.playerId);
  const receipt = await eventually('the winner is paid', () => winner.receipt(key).catch(() => undefined));
  world.link("the winner's reward", `reward-${matchId}`);
  output.line(`  ${winner.name}: receipt ${key}`);
  for (const { amount, asset, code } of receipt.transfers)
    output.line(`    ${amount.padStart(6)} ${asset.padEnd(12)} ${code}`);
  for (const { table, input, output: rolled } of receipt.rolls) {
    output.line(
      `         1 ${rolled.entry.padEnd(12)} rolled ${rolled.roll} of ${input.bound} in table ${table}`,
    );
  }
  expect(receipt.recomputed === true, 'computing the reward again gives the same');
  output.proof('computed again from the published seed and odds: the same');

  const sealed = await eventually('the reward is sealed in a block', async () => {
    const now = await winner.receipt(key);
    return now.block === null ? undefined : now;
  });
  const verdict = verifyReceipt(sealed);
  expect(verdict.verified, `the receipt proves itself, not ${JSON.stringify(verdict)}`);
  output.proof(
    `proved without asking the server: its rows lie under block ${sealed.block?.height}'s Merkle root`,
  );

  await eventually("the winner's own stream tells of it", () =>
    Promise.resolve(grantsHeard(winner, key) || undefined),
  );
  output.proof('told to the winner on their own stream');

  const before = await holdings(world, winner.playerId);
  const event = { topic: 'game.match', type: 'game.match.finished.v1', key: matchId };
  const { first, second } = await kafka.deliverAgain(event, rewardsGroup);
  output.line(
    `  ${event.type} is in partition ${first.partition} at ${first.offset}, and now again at ${second.offset}`,
  );
  const after = await holdings(world, winner.playerId);
  expect(after === before, `the second delivery pays nothing more: before ${before}, now ${after}`);
  expect(grantsHeard(winner, key) === 1, 'the grant is told once');
  output.proof(`read twice, paid once, told once: still ${after}`);
}

const grantsHeard = ({ heard }: Listening, key: string): number =>
  heard.filter(
    ({ type, data }) => type === 'economy.grant.granted.v1' && (data as { key: string }).key === key,
  ).length;

async function holdings({ db }: World, playerId: string): Promise<string> {
  const balances = await readBalances(db, playerId);
  return balances.map(({ asset, balance }) => `${balance} ${asset}`).join(', ');
}
