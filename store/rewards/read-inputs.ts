import { reachableTables } from '../../domain/economy/drops.ts';
import type { Economy } from '../../domain/economy/types.ts';
import type { RewardPlayer } from '../../domain/rewards/plan-rewards.ts';
import { prizePlaces } from '../../domain/rewards/prizes.ts';
import type { Tx } from '../db.ts';

export type Finisher = Pick<RewardPlayer, 'playerId' | 'seat' | 'outcome' | 'resources'> & {
  placement: number;
};
export type FinishedMatch = {
  economy: Economy;
  matchId: string;
  mode: string;
  players: readonly Finisher[];
  /** Where the equipped item stands: of a brought-in match, in the loadout of now. */
  equipped: 'seat' | 'loadout';
};

/**
 * What the rules of this economy ask of the players, read once at settlement and pinned with the plans: the streak (today
 * counts, by PostgreSQL's clock), modifiers of the equipped item, misses towards pity, the place in the prizes. Rows of
 * players are locked in one order until the settlement is over, so two of a player's matches see each other's. To be called
 * once per match, after its row is this transaction's.
 */
export async function readRewardInputs(tx: Tx, match: FinishedMatch): Promise<RewardPlayer[]> {
  const { economy, mode, players } = match;
  const streaks = economy.streaks ? await advanceStreaks(tx, players) : null;
  const rolled = new Map(players.map((each) => [each.playerId, tablesOf(economy, each)]));
  const pity = await lockPity(tx, economy, rolled);
  const modifiers = await readModifiers(tx, match, rolled);
  const places =
    economy.prizes && Object.hasOwn(economy.prizes, mode)
      ? prizePlaces(
          mode,
          players.map(({ placement }) => placement),
        )
      : [];
  return players.map(({ playerId, seat, outcome, resources }, i) => {
    const [streakDays, misses, percents] = [
      streaks?.get(playerId),
      pity.get(playerId),
      modifiers.get(playerId),
    ];
    return {
      playerId,
      seat,
      outcome,
      resources,
      ...(streakDays !== undefined && { streakDays }),
      ...(misses && { pity: misses }),
      ...(percents && { modifiers: percents }),
      ...(places[i] && { prize: places[i] }),
    };
  });
}

type RolledTables = ReadonlyMap<string, ReadonlySet<string>>;
type ByName = { [name: string]: number };

const tablesOf = (economy: Economy, { outcome }: Finisher): Set<string> =>
  reachableTables(economy, economy.rewards[outcome].rolls);

/** Today's match counts once a day; a day without one begins anew. */
async function advanceStreaks(tx: Tx, players: readonly Finisher[]): Promise<Map<string, number>> {
  const { rows } = await tx.query<{ playerId: string; days: number }>({
    name: 'advance_streaks',
    text: `
      WITH clock AS MATERIALIZED (SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date AS today)
      INSERT INTO player_streaks AS s (player_id, days, last_day)
      SELECT p.id, 1, today FROM unnest($1::uuid[]) AS p(id), clock ORDER BY p.id
      ON CONFLICT (player_id) DO UPDATE SET
        days = CASE WHEN s.last_day >= excluded.last_day THEN s.days
                    WHEN s.last_day = excluded.last_day - 1 THEN s.days + 1 ELSE 1 END,
        last_day = greatest(s.last_day, excluded.last_day)
      RETURNING s.player_id AS "playerId", s.days`,
    values: [players.map(({ playerId }) => playerId)],
  });
  return new Map(rows.map(({ playerId, days }) => [playerId, days]));
}

/** Misses so far in every table with pity that the player's rolls can reach. */
async function lockPity(tx: Tx, { dropTables }: Economy, rolled: RolledTables): Promise<Map<string, ByName>> {
  const wanted = [...rolled].flatMap(([playerId, tables]) =>
    [...tables].filter((code) => dropTables[code]?.pity).map((code) => ({ playerId, code })),
  );
  if (wanted.length === 0) return new Map();
  const { rows } = await tx.query<{ playerId: string; code: string; misses: number }>({
    name: 'lock_pity',
    text: `
      INSERT INTO pity_counters AS c (player_id, table_code)
      SELECT id, code FROM unnest($1::uuid[], $2::text[]) AS w(id, code) ORDER BY id, code
      ON CONFLICT (player_id, table_code) DO UPDATE SET misses = c.misses
      RETURNING c.player_id AS "playerId", c.table_code AS code, c.misses`,
    values: [wanted.map(({ playerId }) => playerId), wanted.map(({ code }) => code)],
  });
  const pity = new Map<string, ByName>();
  for (const { playerId, code, misses } of rows)
    pity.set(playerId, { ...pity.get(playerId), [code]: misses });
  return pity;
}

const equippedSql = {
  seat: `SELECT s.player_id AS "playerId", i.attributes FROM seats s JOIN items i ON i.id = s.weapon_item_id
         WHERE s.match_id = $1 AND s.player_id = ANY ($2)`,
  loadout: `SELECT l.player_id AS "playerId", i.attributes FROM loadouts l
            JOIN items i ON i.id = l.weapon_item_id AND i.owner = 'player:' || l.player_id
            WHERE $1::uuid IS NOT NULL AND l.player_id = ANY ($2)`,
};

/** The percentages of the modifiers that the player's tables ask for; 100 where the equipped item says nothing. */
async function readModifiers(
  tx: Tx,
  { economy, matchId, equipped }: FinishedMatch,
  rolled: RolledTables,
): Promise<Map<string, ByName>> {
  const { modifiers = {}, dropTables } = economy;
  const asked = new Map<string, string[]>();
  for (const [playerId, tables] of rolled) {
    const entries = [...tables].flatMap((code) => dropTables[code]?.entries ?? []);
    const names = entries.flatMap(({ modifier }) => (modifier === undefined ? [] : [modifier]));
    if (names.length > 0) asked.set(playerId, [...new Set(names)].toSorted());
  }
  if (asked.size === 0) return new Map();
  const { rows } = await tx.query<{ playerId: string; attributes: Record<string, unknown> }>(
    equippedSql[equipped],
    [matchId, [...asked.keys()]],
  );
  const worn = new Map(rows.map(({ playerId, attributes }) => [playerId, attributes]));
  return new Map(
    [...asked].map(([playerId, names]) => [
      playerId,
      Object.fromEntries(
        names.map((name) => [name, percentOf(worn.get(playerId), modifiers[name]?.attribute)]),
      ),
    ]),
  );
}

function percentOf(attributes: Record<string, unknown> | undefined, attribute = ''): number {
  const percent = attributes?.[attribute];
  return typeof percent === 'number' && Number.isInteger(percent) && percent > 0 && percent <= 10_000
    ? percent
    : 100;
}
