import type { EventContext, EventData } from '../../domain/events.ts';
import type { Db, Tx } from '../db.ts';
import { economyAt } from '../economy/reads.ts';
import { appendEvents } from '../outbox/append-events.ts';
import { keepDraws } from '../rewards/keep-draws.ts';
import { releaseAll } from './end-match.ts';

type Finished = EventData['game.match.finished.v1'];

/**
 * Puts back the result of a match that was told and then lost with the end of the database's past: result, seed and pinned
 * plans as they were told, so that every player is paid what was announced, under the same business keys. An open match is
 * finished by it, an unknown one comes back as a row. Answers false for one whose end is known. Told again as a new event.
 * Throws `not_found` when the economy version of its plans was lost as well.
 */
export function restoreResult(db: Db, told: Finished, context: EventContext = {}): Promise<boolean> {
  return db.transaction(async (tx) => {
    const version = told.plans[0]?.economyVersion ?? (await latestVersion(tx));
    const { economy } = await economyAt(tx, version);
    const { rows } = await tx.query<{ status: string; economyVersion: number }>(
      'SELECT status, economy_version AS "economyVersion" FROM matches WHERE id = $1 FOR UPDATE',
      [told.matchId],
    );
    const known = rows[0];
    if (known !== undefined && !['lobby', 'starting', 'running'].includes(known.status)) return false;
    if (known === undefined) await insertMatch(tx, told, version);
    else {
      await tx.query(
        `UPDATE matches SET status = 'finished', ended_at = clock_timestamp(), seed = decode($2, 'hex'), result = $3,
           plans = $4, review_required = $5, economy_version = $6 WHERE id = $1`,
        [
          told.matchId,
          told.seed,
          JSON.stringify(resultOf(told)),
          JSON.stringify(told.plans),
          told.reviewRequired,
          version,
        ],
      );
      await releaseAll(tx, told.matchId, known.economyVersion);
    }
    await keepDraws(tx, economy, told.plans);
    await appendEvents(tx, [{ type: 'game.match.finished.v1', key: told.matchId, data: told }], context);
    return true;
  });
}

/** Players registered in the lost time come back by their id; who they are elsewhere is nowhere told. */
async function insertMatch(tx: Tx, told: Finished, version: number): Promise<void> {
  const playerIds = told.players.map(({ playerId }) => playerId);
  await tx.query('INSERT INTO players (id) SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING', [playerIds]);
  const isExternal = told.clientId !== null;
  await tx.query(
    `INSERT INTO matches (id, mode, region, status, config, economy_version, seed, seed_hash, client_id, external_id, result,
       plans, review_required, started_at, ended_at)
     VALUES ($1, $2, 'restored', 'finished', $3, $4, decode($5, 'hex'), encode(sha256(decode($5, 'hex')), 'hex'), $6, $7, $8,
       $9, $10, clock_timestamp(), clock_timestamp())`,
    [
      told.matchId,
      isExternal ? 'external' : told.mode,
      // the client's own id was not told: a report of the same match meets this row by the id that is derived from it
      JSON.stringify({ mode: told.mode, restored: true }),
      version,
      told.seed,
      told.clientId,
      isExternal ? `restored:${told.matchId}` : null,
      JSON.stringify(resultOf(told)),
      JSON.stringify(told.plans),
      told.reviewRequired,
    ],
  );
  await tx.query(
    `INSERT INTO seats (match_id, player_id, seat, confirmed_at)
     SELECT $1, p.id, p.n - 1, clock_timestamp() FROM unnest($2::uuid[]) WITH ORDINALITY AS p(id, n)`,
    [told.matchId, playerIds],
  );
}

const resultOf = ({ players, plans, endTick }: Finished) => ({
  endTick: endTick ?? 0,
  players: players.map((player, seat) => ({
    ...player,
    seat,
    resources: plans.find(({ playerId }) => playerId === player.playerId)?.input.resources ?? '0',
  })),
});

async function latestVersion(tx: Tx): Promise<number> {
  const { rows } = await tx.query<{ version: number }>(
    'SELECT max(version) AS version FROM economy_versions',
  );
  return rows[0]?.version ?? 0;
}
