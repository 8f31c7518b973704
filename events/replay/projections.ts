import type { EventType } from '../../domain/events.ts';
import { boardOf } from '../../domain/leaderboards/board-of.ts';
import type { Tx } from '../../store/db.ts';
import { deleteScores, foldScores, hasScores } from '../../store/leaderboard/fold-scores.ts';
import type { BoardGain } from '../../store/leaderboard/fold-scores.ts';
import type { Fact } from './decode-event.ts';
import { projectionNames } from './groups.ts';
import type { ProjectionName } from './groups.ts';

/**
 * A read model that is made of events alone and that only replays write to. It has nothing in common with the live one
 * but the rules, so a replay of any window is right whatever the live one has counted. It tells nobody.
 */
export type Projection = {
  types: readonly EventType[];
  isEmpty(tx: Tx, into: string): Promise<boolean>;
  reset(tx: Tx, into: string): Promise<void>;
  /** Each event once, in no order among keys. */
  add(tx: Tx, into: string, events: readonly Fact[]): Promise<void>;
};

/** The leaderboards as they would be had nothing but these events happened: `replay_<into>.<leaderboard>`. */
const leaderboard: Projection = {
  types: ['game.match.finished.v1'],
  isEmpty: async (tx, into) => !(await hasScores(tx, boardPrefix(into))),
  reset: (tx, into) => deleteScores(tx, boardPrefix(into)),
  add: (tx, into, events) =>
    foldScores(
      tx,
      events.flatMap((event) => gainsOf(event, boardPrefix(into))),
    ),
};

const projections: Readonly<Record<ProjectionName, Projection>> = { leaderboard };

export const findProjection = (name: string): Projection | undefined => {
  const known = projectionNames.find((each) => each === name);
  return known && projections[known];
};

/** No client is called so: an underscore stands in no client id. */
const boardPrefix = (into: string): string => `replay_${into}.`;

function gainsOf(event: Fact, prefix: string): BoardGain[] {
  if (event.type !== 'game.match.finished.v1') return [];
  const board = prefix + boardOf(event.data);
  return event.data.players
    .filter(({ score }) => score > 0)
    .map(({ playerId, score }) => ({ leaderboard: board, playerId, gain: BigInt(Math.trunc(score)) }));
}
