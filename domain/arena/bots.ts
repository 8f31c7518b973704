import { distance } from './grid.ts';
import { holdsPile, openDirections, stepToward } from './path.ts';
import { drawBelow } from './random.ts';
import { isLiving } from './state.ts';
import type { Action, LivingPlayer, PublicState, Sha256 } from './types.ts';

/** An integer in [0, boundExclusive). */
export type BotDraw = (boundExclusive: number) => number;

/** What a player of this style does next, or null to wait. Sees no more than a client sees. */
export type Bot = (state: PublicState, seat: number, draw: BotDraw) => Action | null;

/** A bot's own stream for one tick, apart from every stream of the match; the same tick draws the same again. */
export function botDraw(botSeed: string, seat: number, tick: number, hash: Sha256): BotDraw {
  let drawCount = 0;
  return (boundExclusive) => drawBelow(botSeed, `bot/${seat}/${tick}`, drawCount++, boundExclusive, hash);
}

/** Gathers first, strikes now and then at who comes near, and fights once the board is bare. */
const collector = bot((state, me, draw) => {
  if (holdsPile(state, me.at)) return { type: 'collect' };
  const target = weakestInReach(state, me);
  if (target && draw(3) === 0) return strike(target);
  return walkToPile(state, me) ?? (target ? strike(target) : (chase(state, me) ?? wander(state, me, draw)));
});

/** Goes for the nearest opponent and stays on them. */
const hunter = bot((state, me, draw) => {
  const target = weakestInReach(state, me);
  if (target) return strike(target);
  return chase(state, me) ?? wander(state, me, draw);
});

/** Holds its ground behind a shield and hits back; walks to resources only when nobody is about. */
const turtle = bot((state, me, draw) => {
  const target = weakestInReach(state, me);
  if (target) return draw(2) === 0 ? { type: 'defend' } : strike(target);
  if (holdsPile(state, me.at)) return { type: 'collect' };
  return draw(4) === 0 ? walkToPile(state, me) : null;
});

export const bots = { collector, hunter, turtle } as const satisfies Record<string, Bot>;
export type BotStyle = keyof typeof bots;

function bot(decide: (state: PublicState, me: LivingPlayer, draw: BotDraw) => Action | null): Bot {
  return (state, seat, draw) => {
    const me = state.players[seat];
    return me?.alive && state.phase.status === 'active' ? decide(state, me, draw) : null;
  };
}

const opponents = (state: PublicState, me: LivingPlayer): readonly LivingPlayer[] =>
  state.players.filter(isLiving).filter(({ seat }) => seat !== me.seat);

const inReach = (state: PublicState, me: LivingPlayer, at: LivingPlayer['at']): boolean =>
  opponents(state, me).some((opponent) => distance(opponent.at, at) <= state.config.attackReachTiles);

/** The one with the least hp; of equals the lowest seat. */
const weakestInReach = (state: PublicState, me: LivingPlayer): LivingPlayer | undefined =>
  opponents(state, me)
    .filter((opponent) => distance(opponent.at, me.at) <= state.config.attackReachTiles)
    .toSorted((a, b) => a.hp - b.hp || a.seat - b.seat)[0];

const strike = ({ playerId }: LivingPlayer): Action => ({ type: 'attack', targetId: playerId });

const walkToPile = (state: PublicState, me: LivingPlayer): Action | null =>
  moveOrNull(stepToward(state, me.at, (at) => holdsPile(state, at)));

const chase = (state: PublicState, me: LivingPlayer): Action | null =>
  moveOrNull(stepToward(state, me.at, (at) => inReach(state, me, at)));

function wander(state: PublicState, me: LivingPlayer, draw: BotDraw): Action | null {
  const open = openDirections(state, me.at);
  return open.length === 0 ? null : moveOrNull(open[draw(open.length)] ?? null);
}

const moveOrNull = (direction: ReturnType<typeof stepToward>): Action | null =>
  direction === null ? null : { type: 'move', direction };
