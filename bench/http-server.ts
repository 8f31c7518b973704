import { createAdaptorServer } from '@hono/node-server';
import { z } from '@hono/zod-openapi';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Hono } from 'hono';
import { createApp } from '../api/app.ts';
import { service } from '../api/auth/policy.ts';
import { defineRoute } from '../api/define-route.ts';
import type { ApiDeps } from '../api/deps.ts';
import { Code, PlayerRef, PositiveAmount, Reference } from '../api/schemas.ts';
import { spendJournal } from '../domain/rewards/grant-journals.ts';
import { loadConfig } from '../platform/config.ts';
import { createLog } from '../platform/log.ts';
import { createMetrics } from '../platform/metrics.ts';
import { openTemporal } from '../platform/temporal.ts';
import { openDb } from '../store/db.ts';
import type { Db } from '../store/db.ts';
import { currentEconomy } from '../store/economy/reads.ts';
import { createJournalBatcher } from '../store/ledger/journal-batcher.ts';
import { postBatch } from '../store/ledger/post-journals.ts';

/**
 * One contestant of `bench http` in a process of its own: `node bench/http-server.ts <kind> <database url>`. Tells its
 * port, and ends with its parent.
 */
export type ServerKind = 'ours' | 'bare' | 'ours-noop' | 'bare-noop';

const connectionCount = 20;

const Line = z.strictObject({ asset: Code, amount: PositiveAmount });
const Body = z.strictObject({ reference: Reference, player: PlayerRef, lines: z.array(Line).min(1).max(50) });
const Done = z.strictObject({ reference: Reference, done: z.literal(true) });

/** Our whole pipeline around nothing at all. */
const noop = defineRoute(
  {
    method: 'post',
    path: '/v1/spends',
    operationId: 'doNothing',
    tag: 'bench',
    summary: 'Nothing',
    auth: service('spends:write'),
    mutation: 'keyed',
    limit: 'write',
    body: Body,
    answers: { 201: { description: 'Nothing was done', schema: Done } },
  },
  ({ body }) => Promise.resolve({ status: 201, body: { reference: body.reference, done: true as const } }),
);

type Spend = { reference: string; player: { id: string }; lines: { asset: string; amount: string }[] };

/** What one would write first: the body as it comes, one call of the same function, one answer. */
async function bareSpend(db: Db, published: Awaited<ReturnType<typeof currentEconomy>>, body: Spend) {
  const lines = body.lines.map(({ asset, amount }) => ({ asset, amount: BigInt(amount) }));
  const request = { clientId: 'bench', reference: body.reference, playerId: body.player.id, lines };
  const journal = spendJournal(published, request, { actor: 'client:bench' });
  const [result] = await postBatch(db, [{ journal, context: {} }]);
  if (result?.result !== 'ok') throw new Error(`not posted: ${result?.result}`);
  return { key: journal.key, journalId: String(result.journalId), lines: body.lines };
}

async function bareApp(kind: 'bare' | 'bare-noop', db: Db): Promise<Hono> {
  const app = new Hono();
  const published = await currentEconomy(db);
  app.post('/v1/spends', async (http) => {
    const body = await http.req.json<Spend>();
    if (kind === 'bare-noop') return http.json({ reference: body.reference, done: true }, 201);
    return http.json(await bareSpend(db, published, body), 201);
  });
  return app;
}

function ourDeps(db: Db): ApiDeps {
  const metrics = createMetrics();
  return {
    db,
    batcher: createJournalBatcher({ db, metrics }),
    // spending is no story: nothing here connects to it
    temporal: openTemporal({
      address: '127.0.0.1:1',
      namespace: 'default',
      taskQueuePrefix: '',
      uiUrl: 'http://127.0.0.1:1',
    }),
    metrics,
    log: createLog('bench', 'fatal'),
    config: { ...loadConfig({}), RATE_LIMIT_PERCENT: 0 },
    playerEvents: { subscribe: () => () => {} },
  };
}

const [kind, url] = process.argv.slice(2) as [ServerKind, string];
const db = openDb({ url, connectionCountMax: connectionCount, applicationName: 'bench' });
const app =
  kind === 'ours'
    ? createApp(ourDeps(db))
    : kind === 'ours-noop'
      ? createApp(ourDeps(db), [noop])
      : await bareApp(kind, db);
const server = createAdaptorServer({ fetch: app.fetch });
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.send?.({ port: (server.address() as AddressInfo).port });
process.on('disconnect', () => process.exit());
