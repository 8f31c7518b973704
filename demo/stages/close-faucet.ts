import { randomUUID } from 'node:crypto';
import { isProblem } from '../../client/problem-error.ts';
import { expect } from '../stage.ts';
import { gameClientId } from '../world.ts';
import type { World } from '../world.ts';

/** The source that pays what game servers grant. */
const faucet = 'api.grant';

/** One source is stopped and the rest of the economy goes on; what was refused is paid under the same reference later. */
export async function closeFaucet(world: World): Promise<void> {
  const { output, game } = world;
  const reference = randomUUID();
  const grant = {
    reference,
    player: { issuer: gameClientId, subject: reference },
    lines: [{ asset: 'gold', amount: '10' }],
  };
  await setFaucet(world, 'closed', 'somebody found out how to be paid for nothing');
  const refused = await game.grant(grant).catch((error: unknown) => error);
  expect(isProblem(refused, 'frozen'), `a grant from a closed source is refused, not ${String(refused)}`);
  output.proof(`the source ${faucet} is closed: a grant is refused with "frozen", nothing is posted`);

  const newcomer = await world.newPlayer('newcomer');
  const gold = (await newcomer.wallet()).balances.find(({ asset }) => asset === 'gold');
  expect(gold !== undefined && gold.balance !== '0', 'another source still pays: new players are welcomed');
  output.proof(`other sources go on: a new player is welcomed with ${gold?.balance} gold`);

  await setFaucet(world, 'open', 'mended');
  const paid = await game.grant(grant);
  expect(paid.status === 201, 'once it is open the same reference is paid');
  output.proof(`open again: the refused reference is paid, ${paid.body.key}`);
}

async function setFaucet({ operator }: World, state: 'open' | 'closed', reason: string): Promise<void> {
  const { etag } = await operator.readValve('source', faucet);
  await operator.setValve('source', faucet, { state, reason }, { ifMatch: etag ?? '' });
}
