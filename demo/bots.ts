import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MatchConnection } from '../client/match-connection.ts';
import { botDraw, bots } from '../domain/arena/bots.ts';
import type { BotStyle } from '../domain/arena/bots.ts';

const hash = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

/** About the length of a tick: nobody gains by acting more often. */
const thinkMs = 100;

/**
 * Plays a seat until the match is over: looks, decides, acts, waits for the answer. `seed` makes it repeatable as far as
 * the network allows.
 */
export async function playBot(match: MatchConnection, style: BotStyle, seed: string): Promise<void> {
  let over = false;
  const end = match.finished.then(() => (over = true));
  for (let thought = 0; !over; thought++) {
    const { state, seat } = match;
    const action =
      state === null || seat === null ? null : bots[style](state, seat, botDraw(seed, seat, thought, hash));
    if (action === null) {
      await Promise.race([sleep(thinkMs), end]);
      continue;
    }
    // the match may end before the answer; its end is what counts then
    const answer = await match.act(action).catch(() => undefined);
    const tick = answer?.tick;
    while (!over && tick !== undefined && (match.state?.tick ?? tick) < tick) await sleep(5);
  }
  await end;
}
