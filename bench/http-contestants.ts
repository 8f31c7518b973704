import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { hashSecret } from '../api/auth/authenticate.ts';
import type { Economy } from '../domain/economy/types.ts';
import { sourceOf, walletOf } from '../domain/ledger/accounts.ts';
import { loadConfig } from '../platform/config.ts';
import { createApiKey } from '../store/api-keys/create-api-key.ts';
import type { Db } from '../store/db.ts';
import { ensureDeployment } from '../store/deployment.ts';
import { applyEconomy } from '../store/economy/apply-economy.ts';
import { checkInvariants } from '../store/ledger/invariants.ts';
import { postBatch } from '../store/ledger/post-journals.ts';
import { processOf } from './cpu.ts';
import type { ServerKind } from './http-server.ts';
import { closedLoop, openLoop } from './loops.ts';
import type { Contestant } from './race.ts';

export const clientCount = 64;
const playerCount = 2_000;
const secret = `test_sk_${'b'.repeat(40)}`;

export type HttpContestant = Contestant & { stop(): Promise<void> };

/** A server of the given kind, asked for spends by 64 clients; each has a request in flight. */
export async function httpContestant(kind: ServerKind, db: Db, url: string): Promise<HttpContestant> {
  const players = await seed(db);
  const child = fork(fileURLToPath(new URL('http-server.ts', import.meta.url)), [kind, url]);
  const port = await portOf(child);
  const agent = new Agent({ keepAlive: true, maxSockets: clientCount });
  const cpu = processOf(child.pid ?? 0);
  const before = await journalCount(db);
  const done = { spent: 0, wrong: 0 };
  const spend = async () => {
    const body = JSON.stringify({
      reference: randomUUID(),
      player: { id: players[Math.floor(Math.random() * players.length)] },
      lines: [{ asset: 'gold', amount: '1' }],
    });
    const status = await post(agent, port, body);
    if (status === 201) done.spent += 1;
    else done.wrong += 1;
  };
  return {
    name: names[kind],
    measure: (seconds) => closedLoop(clientCount, seconds, spend),
    pace: (perSecond, seconds) => openLoop(perSecond, seconds, spend),
    clientCpuMs: cpu,
    async isValid() {
      const isNoop = kind.endsWith('noop');
      const posted = Number((await journalCount(db)) - before);
      const rules = (await checkInvariants(db)).filter(({ rule }) => /^P[12]/.test(rule));
      return done.wrong === 0 && posted === (isNoop ? 0 : done.spent) && rules.every(({ ok }) => ok);
    },
    async stop() {
      agent.destroy();
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}

const names: Record<ServerKind, string> = {
  ours: 'ours',
  bare: 'bare Hono, one call of the same SQL per request',
  'ours-noop': 'ours, doing nothing',
  'bare-noop': 'bare Hono, doing nothing',
};

async function portOf(child: ChildProcess): Promise<number> {
  const [message] = (await once(child, 'message')) as [{ port: number }];
  return message.port;
}

/** The status of one answer, read to its end. */
function post(agent: Agent, port: number, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      authorization: `Bearer ${secret}`,
      'idempotency-key': randomUUID(),
    };
    const sent = request(
      { agent, port, host: '127.0.0.1', method: 'POST', path: '/v1/spends', headers },
      (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode ?? 0)).on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

async function seed(db: Db): Promise<string[]> {
  await ensureDeployment(db, loadConfig({}).LOOTLEDGER_ENVIRONMENT);
  const file = new URL('../economies/arena.json', import.meta.url);
  await applyEconomy(db, JSON.parse(await readFile(file, 'utf8')) as Economy, { actor: 'bench' });
  await createApiKey(db, {
    id: randomUUID(),
    clientId: 'bench',
    hash: hashSecret(secret),
    prefix: secret.slice(0, 12),
    scopes: ['spends:write'],
  });
  const { rows } = await db.query<{ id: string }>(
    'INSERT INTO players (id) SELECT gen_random_uuid() FROM generate_series(1, $1) RETURNING id',
    [playerCount],
  );
  const players = rows.map(({ id }) => id);
  for (let n = 0; n < players.length; n += 500) await postBatch(db, players.slice(n, n + 500).map(opening));
  return players;
}

const opening = (player: string) =>
  ({
    journal: {
      key: `bench:opening:${player}`,
      kind: 'import',
      actor: 'system:bench',
      transfers: [
        {
          state: 'posted',
          debit: sourceOf('opening', 'gold'),
          credit: walletOf(player, 'gold'),
          amount: 1_000_000n,
          code: 'opening',
        },
      ],
      movements: [],
      events: [],
    },
    context: {},
  }) as const;

async function journalCount(db: Db): Promise<bigint> {
  const { rows } = await db.query<{ count: bigint }>('SELECT count(*) FROM journals');
  return rows[0]?.count ?? 0n;
}
