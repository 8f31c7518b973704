import type { ActionAnswer } from '../../domain/arena/protocol.ts';
import type { ActionResult, Input, MatchState } from '../../domain/arena/types.ts';
import type { NewEvent } from '../../domain/events.ts';
import type { Db, Queryable, Tx } from '../db.ts';
import { appendEvents } from '../outbox/append-events.ts';
import { resolveSeals } from './resolve-seals.ts';
import type { AnsweredSeal } from './resolve-seals.ts';
import type { SealTerms } from './seal-journals.ts';

/** One tick of one match, resolved and not yet told to anybody. */
export type TickCommit = {
  matchId: string;
  fence: number;
  tick: number;
  inputs: readonly Input[];
  results: readonly ActionResult[];
  /** Hex. */
  stateHash: string;
  /** At checkpoints and at the end. */
  snapshot: MatchState | null;
  seals: readonly AnsweredSeal[];
  terms: SealTerms;
  events: readonly NewEvent[];
};

/** `answers` are those of the sealed actions, in their order, with the balance of stamps after them. */
export type TickReceipt = { result: 'committed'; answers: readonly ActionAnswer[] } | { result: 'fenced' };

/**
 * Logs one tick of each of several matches in one transaction: a host commits all its matches together, because a commit
 * costs the same for one row and for two hundred. A match whose fence has moved on is `fenced` and hinders no other.
 * Committing a tick again is the same answer; nothing of it happens twice.
 */
export async function commitTicks(
  db: Db,
  hostId: string,
  commits: readonly TickCommit[],
): Promise<Map<string, TickReceipt>> {
  const isPlain = commits.every(({ seals, events }) => seals.length === 0 && events.length === 0);
  if (isPlain) return receipts(commits, await logTicks(db, hostId, commits));

  return db.transaction(async (tx) => {
    const logged = await logTicks(tx, hostId, commits);
    const passed = commits.filter(({ matchId }) => logged.has(matchId));
    const answers = await settleSeals(tx, passed);
    await appendEvents(
      tx,
      passed.flatMap(({ matchId, events }) => (logged.get(matchId) === 'fresh' ? events : [])),
    );
    return receipts(commits, logged, answers);
  });
}

type Logged = Map<string, 'fresh' | 'again'>;

/** Locks the match rows that still stand under their fence, and writes a row for each; the others get none. */
async function logTicks(db: Queryable, hostId: string, commits: readonly TickCommit[]): Promise<Logged> {
  const { rows } = await db.query<{ id: string; fresh: boolean }>({
    name: 'commit_ticks',
    text: `WITH given AS (
        SELECT * FROM unnest($2::uuid[], $3::int[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[])
          AS g(match_id, fence, tick, inputs, results, state_hash, snapshot)
      ), standing AS (
        SELECT m.id FROM matches m JOIN given g ON g.match_id = m.id AND g.fence = m.fence
        WHERE m.host_id = $1 AND m.status = 'running' ORDER BY m.id FOR SHARE OF m
      ), logged AS (
        INSERT INTO tick_log (match_id, tick, fence, inputs, results, state_hash, snapshot)
        SELECT match_id, tick, fence, inputs::jsonb, results::jsonb, decode(state_hash, 'hex'), snapshot::jsonb
        FROM given JOIN standing ON standing.id = given.match_id
        ON CONFLICT (match_id, tick) DO NOTHING RETURNING match_id
      )
      SELECT standing.id, logged.match_id IS NOT NULL AS fresh FROM standing LEFT JOIN logged ON logged.match_id = standing.id`,
    values: [
      hostId,
      commits.map(({ matchId }) => matchId),
      commits.map(({ fence }) => fence),
      commits.map(({ tick }) => tick),
      commits.map(({ inputs }) => JSON.stringify(inputs)),
      commits.map(({ results }) => JSON.stringify(results)),
      commits.map(({ stateHash }) => stateHash),
      commits.map(({ snapshot }) => snapshot && JSON.stringify(snapshot)),
    ],
  });
  const logged: Logged = new Map(rows.map(({ id, fresh }) => [id, fresh ? 'fresh' : 'again']));
  const repeated = commits.filter(({ matchId }) => logged.get(matchId) === 'again');
  for (const commit of repeated) await assertSameTick(db, commit);
  return logged;
}

/** A commit whose answer was lost is tried again and finds its own row. Any other row would be a second history. */
async function assertSameTick(db: Queryable, { matchId, tick, stateHash }: TickCommit): Promise<void> {
  const { rows } = await db.query<{ same: boolean }>(
    `SELECT state_hash = decode($3, 'hex') AS same FROM tick_log WHERE match_id = $1 AND tick = $2`,
    [matchId, tick, stateHash],
  );
  if (rows[0]?.same !== true)
    throw new Error(`tick ${tick} of match ${matchId} was logged with another outcome`);
}

async function settleSeals(tx: Tx, commits: readonly TickCommit[]): Promise<Map<string, ActionAnswer[]>> {
  const withSeals = commits.filter(({ seals }) => seals.length > 0);
  const seals = withSeals.flatMap(({ seals: own, terms }) =>
    own.map((seal) => ({ ...seal, asset: terms.asset })),
  );
  const answers = await resolveSeals(tx, seals);
  let from = 0;
  return new Map(
    withSeals.map(({ matchId, seals: own }) => [matchId, answers.slice(from, (from += own.length))]),
  );
}

const receipts = (
  commits: readonly TickCommit[],
  logged: Logged,
  answers: ReadonlyMap<string, ActionAnswer[]> = new Map(),
): Map<string, TickReceipt> =>
  new Map(
    commits.map(({ matchId }): [string, TickReceipt] => [
      matchId,
      logged.has(matchId)
        ? { result: 'committed', answers: answers.get(matchId) ?? [] }
        : { result: 'fenced' },
    ]),
  );
