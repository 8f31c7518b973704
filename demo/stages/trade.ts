import { randomUUID } from 'node:crypto';
import { readBalances, readItem } from '../../store/ledger/reads.ts';
import { eventually, expect } from '../stage.ts';
import { gameClientId } from '../world.ts';
import type { NamedPlayer, World } from '../world.ts';
import type { Played } from './play-match.ts';

const price = 400n;
/** Above the demo's review limit, so that the sale has to wait in the middle. */
const priceInReview = 5_000n;

/** The winner sells the sword; the buyer tries to sell it on, and a verdict ends that sale after money and item were taken. */
export async function trade(world: World, { winner }: Played): Promise<void> {
  const [sword] = (await winner.inventory()).items;
  if (sword === undefined) throw new Error('the winner has no sword to sell');
  const buyer = await richPlayer(world, 'buyer', price);
  await sell(world, winner, buyer, sword);
  const collector = await richPlayer(world, 'collector', priceInReview);
  await failMidway(world, buyer, collector, sword);
}

type Sword = { itemId: string; kind: string };

async function sell(world: World, seller: NamedPlayer, buyer: NamedPlayer, sword: Sword): Promise<void> {
  const sellerGold = await goldOf(world, seller);
  const { body: listing } = await seller.placeListing({ itemId: sword.itemId, price: String(price) });
  const { body: sale } = await buyer.buy({ listingId: listing.listingId, expectedPrice: String(price) });
  world.link('a sale that completes', `trade-${sale.tradeId}`);
  expect(sale.state === 'completed', `the sale completes, but is ${sale.state}`);
  const paid = (await goldOf(world, seller)).balance - sellerGold.balance;
  expect(paid === price - BigInt(sale.fee), `the seller gets price less fee, not ${paid}`);
  expect(
    (await readItem(world.db, sword.itemId))?.owner === `player:${buyer.playerId}`,
    'the buyer owns the sword',
  );
  world.output.proof(
    `${sword.kind} sold for ${price} gold: the seller got ${paid}, the fee was ${sale.fee}, the buyer has the sword`,
  );
}

async function failMidway(
  world: World,
  seller: NamedPlayer,
  buyer: NamedPlayer,
  sword: Sword,
): Promise<void> {
  const { output, kafka } = world;
  const goldBefore = await goldOf(world, buyer);
  const { body: listing } = await seller.placeListing({ itemId: sword.itemId, price: String(priceInReview) });
  const { body: sale } = await buyer.buy({
    listingId: listing.listingId,
    expectedPrice: String(priceInReview),
  });
  world.link('a sale that is taken back', `trade-${sale.tradeId}`);
  const held = await goldOf(world, buyer);
  const item = await readItem(world.db, sword.itemId);
  expect(sale.state === 'in_review', `a sale for ${priceInReview} waits for a verdict, but is ${sale.state}`);
  expect(
    held.held === priceInReview && item?.lock === `trade:${sale.tradeId}`,
    'money is held and the sword is locked',
  );
  output.line(
    `  another sale for ${priceInReview} gold waits in review: the money is held, the sword is locked`,
  );

  const subject = `trade:${sale.tradeId}`;
  const verdict = { subject, reason: 'the demo does not trust this one' };
  await kafka.send({
    clientId: gameClientId,
    type: 'trust.verdict.rejected.v1',
    key: subject,
    data: verdict,
  });
  const ended = await eventually('the rejected sale is taken back', async () => {
    const now = await buyer.trade(sale.tradeId);
    return now.state === 'failed' ? now : undefined;
  });
  const after = await goldOf(world, buyer);
  const itemAfter = await readItem(world.db, sword.itemId);
  expect(after.balance === goldBefore.balance && after.held === 0n, 'the buyer has all the gold again');
  expect(
    itemAfter?.owner === `player:${seller.playerId}` && itemAfter.lock === `listing:${listing.listingId}`,
    'the sword is for sale again',
  );
  output.proof(
    `rejected by a verdict from Kafka (${ended.failureCode}): the hold is void, the sword is for sale again`,
  );
}

/** Somebody with enough money, given by the game server. */
async function richPlayer(world: World, name: string, gold: bigint): Promise<NamedPlayer> {
  const player = await world.newPlayer(name);
  await world.game.grant({
    reference: randomUUID(),
    player: { id: player.playerId },
    lines: [{ asset: 'gold', amount: String(gold) }],
  });
  return player;
}

async function goldOf({ db }: World, { playerId }: NamedPlayer): Promise<{ balance: bigint; held: bigint }> {
  return (
    (await readBalances(db, playerId)).find(({ asset }) => asset === 'gold') ?? { balance: 0n, held: 0n }
  );
}
