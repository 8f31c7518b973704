import { service } from '../../auth/policy.ts';
import { mayRead } from '../../auth/topics.ts';
import { defineRoute } from '../../define-route.ts';
import type { Services } from '../../deps.ts';
import { readStats } from './read-stats.ts';
import { Stats } from './schema.ts';

/** However many dashboards ask: one look at database and Kafka in this time. */
const keepMs = 2_000;
const kept = new WeakMap<object, { untilMs: number; stats: Promise<Stats> }>();

function statsOf(deps: Services): Promise<Stats> {
  const known = kept.get(deps.db);
  if (known !== undefined && known.untilMs > performance.now()) return known.stats;
  const stats = readStats({ db: deps.db, broker: deps.events?.broker, nowMs: deps.nowMs });
  stats.catch(() => kept.delete(deps.db));
  kept.set(deps.db, { untilMs: performance.now() + keepMs, stats });
  return stats;
}

const read = defineRoute(
  {
    method: 'get',
    path: '/v1/stats',
    operationId: 'readStats',
    tag: 'events',
    summary:
      'How much is published and consumed, how fast, and how far each group is behind; 2 s old at most',
    auth: service('events:read'),
    mutation: false,
    limit: 'read',
    answers: { 200: { description: 'Of the whole deployment', schema: Stats } },
  },
  async ({ deps, principal }) => {
    const stats = await statsOf(deps);
    const readable = ({ topic }: { topic: string }) => mayRead(principal, topic);
    return {
      status: 200,
      body: { ...stats, topics: stats.topics.filter(readable), groups: stats.groups.filter(readable) },
    };
  },
);

export const statsRoutes = [read];
