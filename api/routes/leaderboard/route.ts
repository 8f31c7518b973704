import { z } from '@hono/zod-openapi';
import { readTop } from '../../../store/leaderboard/reads.ts';
import type { LeaderboardRow } from '../../../store/leaderboard/reads.ts';
import { none } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import type { Services } from '../../deps.ts';
import { meaningOf } from '../../failures.ts';
import { Amount, Id, Time } from '../../schemas.ts';

const rowCountMax = 100;
const cacheMs = 5_000;
const cachedBoardCountMax = 100;

const Entry = z
  .strictObject({ rank: z.number().int(), playerId: Id, username: z.string().nullable(), score: Amount })
  .openapi('LeaderboardEntry');
const Top = z
  .strictObject({
    leaderboardId: z.string(),
    items: z.array(Entry),
    cachedAt: Time,
    stale: z
      .boolean()
      .openapi({ description: 'True while the database does not answer and this is the last we know' }),
  })
  .openapi('LeaderboardTop');

type Cached = { rows: LeaderboardRow[]; atMs: number };
/** One reader per board at a time: a thousand requests at the end of five seconds are one query. */
const caches = new WeakMap<Services, Map<string, { last?: Cached; loading?: Promise<Cached> }>>();

async function readCached(deps: Services, board: string): Promise<Cached & { stale: boolean }> {
  const cache = caches.get(deps) ?? new Map<string, { last?: Cached; loading?: Promise<Cached> }>();
  caches.set(deps, cache);
  if (cache.size > cachedBoardCountMax) cache.clear();
  const entry = cache.get(board) ?? {};
  cache.set(board, entry);
  if (entry.last !== undefined && deps.nowMs() - entry.last.atMs < cacheMs)
    return { ...entry.last, stale: false };
  entry.loading ??= readTop(deps.db, board, rowCountMax)
    .then((rows) => (entry.last = { rows, atMs: deps.nowMs() }))
    .finally(() => delete entry.loading);
  try {
    return { ...(await entry.loading), stale: false };
  } catch (error) {
    if (entry.last === undefined || meaningOf(error) === undefined) throw error;
    return { ...entry.last, stale: true };
  }
}

const top = defineRoute(
  {
    method: 'get',
    path: '/v1/leaderboards/{leaderboardId}/top',
    operationId: 'readLeaderboardTop',
    tag: 'leaderboards',
    summary: 'The best hundred, at most five seconds old',
    auth: none,
    mutation: false,
    limit: 'read',
    params: z.strictObject({ leaderboardId: z.string().regex(/^[a-z][a-z0-9._-]{0,63}$/) }),
    answers: { 200: { description: 'The top', schema: Top } },
  },
  async ({ deps, params }) => {
    const { rows, atMs, stale } = await readCached(deps, params.leaderboardId);
    const items = rows.map(({ rank, playerId, username, score }) => ({
      rank,
      playerId,
      username,
      score: String(score),
    }));
    return {
      status: 200,
      body: { leaderboardId: params.leaderboardId, items, cachedAt: new Date(atMs).toISOString(), stale },
    };
  },
);

export const leaderboardRoutes = [top];
