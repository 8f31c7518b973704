import { randomBytes } from 'node:crypto';
import type { MatchConnection } from '../../client/match-connection.ts';
import type { PlayerEvent } from '../../client/player-stream.ts';
import type { BotStyle } from '../../domain/arena/bots.ts';
import type { ActionAnswer } from '../../domain/arena/protocol.ts';
import { playBot } from '../bots.ts';
import { expect } from '../stage.ts';
import { createWatch } from '../watch.ts';
import type { NamedPlayer, World } from '../world.ts';

export type SealedTwice = {
  player: NamedPlayer;
  matchId: string;
  actionKey: string;
  first: ActionAnswer;
  second: ActionAnswer;
};
export type Played = { matchId: string; winner: Listening; sealed: SealedTwice };
/** A player and everything their own stream has told so far. */
export type Listening = NamedPlayer & { readonly heard: readonly PlayerEvent[] };

const styles: readonly BotStyle[] = ['hunter', 'collector', 'turtle', 'hunter', 'collector', 'hunter'];
const actionKey = 'my-sealed-defence';

/** Six players over real sockets, from lobby to result. The first of them seals an action and sends it twice. */
export async function playMatch(world: World): Promise<Played> {
  const { matchId, players, nameOf } = await gather(world, 'the match', styles);
  const listeners = players.map((player) => listen(world, player));
  const watch = createWatch(world.output, nameOf);
  const matches = await Promise.all(
    players.map((player, i) => player.play(matchId, i === 0 ? { onFrame: watch } : {})),
  );
  const [match] = matches;
  const [player] = players;
  if (match === undefined || player === undefined) throw new Error('nobody plays');

  const sealing = sealTwice(match);
  const seed = randomBytes(32).toString('hex');
  await Promise.all(matches.map((one, i) => playBot(one, styles[i] ?? 'hunter', seed)));
  const { tick, outcomes } = await match.finished;
  const sealed = { ...(await sealing), player, matchId, actionKey };

  const winnerIds = outcomes.filter(({ outcome }) => outcome === 'winner').map(({ playerId }) => playerId);
  const winner = listeners.find(({ playerId }) => winnerIds.includes(playerId));
  if (winner === undefined) throw new Error('a match without a winner');
  world.output.proof(`over in tick ${tick}, won by ${winnerIds.map(nameOf).join(' and ')}`);
  return { matchId, winner, sealed };
}

export type Gathered = { matchId: string; players: NamedPlayer[]; nameOf(playerId: string): string };

/** New players who all want to play: the sixth fills the lobby, and the match starts. */
export async function gather(world: World, title: string, botStyles: readonly BotStyle[]): Promise<Gathered> {
  const players = await Promise.all(botStyles.map((style, i) => world.newPlayer(`${style}-${i + 1}`)));
  const joins = await Promise.all(players.map((player) => player.joinMatch()));
  const [matchId = ''] = joins.map((join) => join.matchId);
  expect(
    joins.every((join) => join.matchId === matchId),
    'players who ask at the same time meet in one lobby',
  );
  world.link(title, `match-${matchId}`);
  const names = new Map(players.map(({ playerId, name }) => [playerId, name]));
  return { matchId, players, nameOf: (playerId) => names.get(playerId) ?? playerId };
}

function listen({ onClose }: World, player: NamedPlayer): Listening {
  const heard: PlayerEvent[] = [];
  const stream = player.stream({ onEvent: (event) => heard.push(event) });
  onClose(() => Promise.resolve(stream.close()));
  return { ...player, heard };
}

/** As a client does that did not hear the answer: the same key and body again. */
async function sealTwice(match: MatchConnection): Promise<{ first: ActionAnswer; second: ActionAnswer }> {
  const send = () => match.act({ type: 'defend' }, { id: actionKey, seal: true });
  const first = await send();
  return { first, second: await send() };
}
