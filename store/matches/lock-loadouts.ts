import { WEAPON_BONUS_MAX } from '../../domain/arena/config.ts';
import { derivedId } from '../../domain/ids.ts';
import { journalKeys } from '../../domain/ledger/keys.ts';
import { isPosted, playerHolder } from '../../domain/ledger/types.ts';
import type { EventContext } from '../../domain/events.ts';
import type { Db, Tx } from '../db.ts';
import { postJournals } from '../ledger/post-journals.ts';
import { notifyPlayers } from '../notifications/notify-players.ts';
import { appendEvents } from '../outbox/append-events.ts';
import { sha256 } from './sha256.ts';
import { matchLock } from './types.ts';

export type StartedMatch = {
  players: { playerId: string; seat: number; weaponItemId: string | null; weaponBonus: number }[];
  /** Whose chosen item is somewhere else, sold or locked: they play without it. */
  leftOut: { playerId: string; itemId: string }[];
};

/**
 * Starting → running: locks the chosen weapons in one journal, freezes their bonus into the seats and tells that the match
 * has started. Asked again, it answers what it did the first time.
 */
export function lockLoadouts(db: Db, matchId: string, context: EventContext = {}): Promise<StartedMatch> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.query<{ status: string; seed_hash: string; economy_version: number }>(
      'SELECT status, seed_hash, economy_version FROM matches WHERE id = $1 FOR UPDATE',
      [matchId],
    );
    const match = rows[0];
    if (match?.status !== 'starting') return readStarted(tx, matchId);

    await lockWeapons(tx, matchId, await readWeapons(tx, matchId));
    await tx.query(`UPDATE matches SET status = 'running', started_at = clock_timestamp() WHERE id = $1`, [
      matchId,
    ]);
    const started = await readStarted(tx, matchId);
    const players = started.players.map(({ playerId, seat }) => ({ playerId, seat }));
    const data = { matchId, players, seedHash: match.seed_hash, economyVersion: match.economy_version };
    await appendEvents(tx, [{ type: 'game.match.started.v1', key: matchId, data }], context);
    await notifyPlayers(
      tx,
      started.leftOut.map((left) => leftOutNotice(matchId, left)),
      context,
    );
    return started;
  });
}

const leftOutNotice = (matchId: string, { playerId, itemId }: StartedMatch['leftOut'][number]) => ({
  notificationId: derivedId(sha256, 'weapon-left-out', matchId, playerId),
  playerId,
  type: 'match.weapon_left_out',
  data: { matchId, itemId },
});

type Weapon = { itemId: string; playerId: string; kind: string; bonus: number };

/** The chosen items that are still their player's, free, and weapons; locked by id, as posting locks them. */
async function readWeapons(tx: Tx, matchId: string): Promise<Weapon[]> {
  const { rows } = await tx.query<{ id: string; player_id: string; kind: string; bonus: unknown }>(
    `SELECT i.id, s.player_id, i.kind, i.attributes -> 'weaponBonus' AS bonus
     FROM seats s JOIN loadouts l ON l.player_id = s.player_id JOIN items i ON i.id = l.weapon_item_id
     WHERE s.match_id = $1 AND i.owner = 'player:' || s.player_id AND i.lock IS NULL AND i.attributes ->> 'slot' = 'weapon'
     ORDER BY i.id FOR UPDATE OF i`,
    [matchId],
  );
  return rows.flatMap(({ id, player_id, kind, bonus }) =>
    typeof bonus === 'number' ? [{ itemId: id, playerId: player_id, kind, bonus: clampBonus(bonus) }] : [],
  );
}

/** The rules refuse more; a catalog that promises more must not stop a match. */
const clampBonus = (bonus: number) => Math.min(WEAPON_BONUS_MAX, Math.max(0, Math.trunc(bonus)));

async function lockWeapons(tx: Tx, matchId: string, weapons: readonly Weapon[]): Promise<void> {
  if (weapons.length === 0) return;
  const [result] = await postJournals(tx, [
    {
      key: journalKeys.matchLock(matchId),
      kind: 'match_lock',
      actor: 'system:match',
      workflowId: `match-${matchId}`,
      step: 'lock',
      transfers: [],
      movements: weapons.map(({ itemId, playerId }) => ({
        code: 'lock',
        itemId,
        from: playerHolder(playerId),
        expectLock: null,
        lock: matchLock(matchId),
      })),
      events: [],
    },
  ]);
  // Nobody pays for another's frozen kind. Posting again locks nothing new: every item is locked since it was read.
  if (result?.result === 'frozen') {
    const others = weapons.filter(({ kind }) => `kind:${kind}` !== result.valve);
    return others.length < weapons.length ? lockWeapons(tx, matchId, others) : undefined;
  }
  // Whatever else the ledger has against it: everyone plays without, the match does not wait.
  if (result === undefined || !isPosted(result)) return;
  await tx.query(
    `UPDATE seats s SET weapon_item_id = w.item_id, weapon_bonus = w.bonus
     FROM unnest($2::uuid[], $3::uuid[], $4::int[]) AS w(player_id, item_id, bonus)
     WHERE s.match_id = $1 AND s.player_id = w.player_id`,
    [
      matchId,
      weapons.map(({ playerId }) => playerId),
      weapons.map(({ itemId }) => itemId),
      weapons.map(({ bonus }) => bonus),
    ],
  );
}

async function readStarted(tx: Tx, matchId: string): Promise<StartedMatch> {
  const { rows } = await tx.query<{
    player_id: string;
    seat: number;
    weapon_item_id: string | null;
    weapon_bonus: number;
    chosen: string | null;
  }>(
    `SELECT s.player_id, s.seat, s.weapon_item_id, s.weapon_bonus, l.weapon_item_id AS chosen
     FROM seats s LEFT JOIN loadouts l ON l.player_id = s.player_id WHERE s.match_id = $1 ORDER BY s.seat`,
    [matchId],
  );
  return {
    players: rows.map((row) => ({
      playerId: row.player_id,
      seat: row.seat,
      weaponItemId: row.weapon_item_id,
      weaponBonus: row.weapon_bonus,
    })),
    leftOut: rows.flatMap(({ player_id, weapon_item_id, chosen }) =>
      weapon_item_id === null && chosen !== null ? [{ playerId: player_id, itemId: chosen }] : [],
    ),
  };
}
