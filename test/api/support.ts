import { readFile } from 'node:fs/promises';
import { inject } from 'vitest';
import { createApp } from '../../api/app.ts';
import type { App } from '../../api/app.ts';
import type { ApiDeps, PlayerEvent } from '../../api/deps.ts';
import type { Route } from '../../api/define-route.ts';
import { hashSecret } from '../../api/auth/authenticate.ts';
import type { Economy } from '../../domain/economy/types.ts';
import { loadConfig } from '../../platform/config.ts';
import { createLog } from '../../platform/log.ts';
import { createMetrics } from '../../platform/metrics.ts';
import { openTemporal } from '../../platform/temporal.ts';
import { createApiKey } from '../../store/api-keys/create-api-key.ts';
import type { TopicPermissions } from '../../store/api-keys/create-api-key.ts';
import type { Db } from '../../store/db.ts';
import { applyEconomy } from '../../store/economy/apply-economy.ts';
import { ensureDeployment } from '../../store/deployment.ts';
import { createJournalBatcher } from '../../store/ledger/journal-batcher.ts';
import { testDatabase } from '../support/database.ts';
import { randomUUID } from 'node:crypto';

export type Sent = { status: number; headers: Headers; body: Record<string, unknown>; text: string };
export type TestApi = {
  app: App;
  db: Db;
  deps: ApiDeps;
  /** What the stream would carry; tests push to it. */
  push(playerId: string, event: PlayerEvent): void;
  send(method: string, path: string, options?: SendOptions): Promise<Sent>;
  /** A new guest. */
  player(): Promise<{ playerId: string; token: string; refreshToken: string }>;
  /** A new API key with these scopes, by default for all topics. */
  key(scopes: readonly string[], clientId?: string, topics?: TopicPermissions): Promise<string>;
};
export type SendOptions = {
  token?: string;
  key?: string;
  body?: unknown;
  raw?: string | Uint8Array;
  headers?: Record<string, string>;
};

/** The whole API over a database of this file's own; every reply is checked against its published schema. */
export async function testApi(overrides: Partial<ApiDeps> = {}, routes?: readonly Route[]): Promise<TestApi> {
  const { db } = await testDatabase();
  const deps = testDeps(db, overrides);
  await ensureDeployment(db, deps.config.LOOTLEDGER_ENVIRONMENT);
  await applyArenaEconomy(db);
  const app = createApp(deps, routes);
  const send = (method: string, path: string, options: SendOptions = {}) =>
    sendTo(app, method, path, options);
  return {
    app,
    db,
    deps,
    send,
    push: (playerId, event) => subscribers.get(playerId)?.forEach((onEvent) => onEvent(event)),
    async player() {
      const { body, status, text } = await send('POST', '/v1/auth/guest', {
        body: { deviceSecret: randomUUID().replaceAll('-', '') },
      });
      if (status !== 201) throw new Error(`no guest: ${text}`);
      return {
        playerId: String(body['playerId']),
        token: String(body['accessToken']),
        refreshToken: String(body['refreshToken']),
      };
    },
    async key(scopes, clientId = 'studio', topics = { publish: ['*'], read: ['*'] }) {
      const secret = `test_sk_${randomUUID().replaceAll('-', '')}`;
      await createApiKey(db, {
        id: randomUUID(),
        clientId,
        hash: hashSecret(secret),
        prefix: secret.slice(0, 12),
        scopes,
        topics,
      });
      return secret;
    },
  };
}

const subscribers = new Map<string, Set<(event: PlayerEvent) => void>>();

function testDeps(db: Db, overrides: Partial<ApiDeps>): ApiDeps {
  const servers = inject('servers');
  return {
    db,
    batcher: createJournalBatcher({ db }),
    temporal: openTemporal({
      address: servers.temporalAddress,
      namespace: 'default',
      taskQueuePrefix: `api-test-${process.pid}-`,
      uiUrl: servers.temporalUiUrl,
    }),
    metrics: createMetrics(),
    log: createLog('api', 'fatal'),
    config: { ...loadConfig({}), RATE_LIMIT_PERCENT: 0 },
    playerEvents: {
      subscribe(playerId, onEvent) {
        const set = subscribers.get(playerId) ?? new Set();
        subscribers.set(playerId, set.add(onEvent));
        return () => void set.delete(onEvent);
      },
    },
    validateReplies: true,
    ...overrides,
  };
}

async function applyArenaEconomy(db: Db): Promise<void> {
  const file = new URL('../../economies/arena.json', import.meta.url);
  await applyEconomy(db, JSON.parse(await readFile(file, 'utf8')) as Economy, { actor: 'test' });
}

export async function sendTo(
  app: App,
  method: string,
  path: string,
  options: SendOptions = {},
): Promise<Sent> {
  const body = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
  const response = await app.request(path, {
    method,
    ...(body !== undefined && { body: typeof body === 'string' ? body : new Uint8Array(body) }),
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(options.token && { authorization: `Bearer ${options.token}` }),
      ...(options.key && { 'idempotency-key': options.key }),
      ...options.headers,
    },
  });
  const endless = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  if (endless) await response.body?.cancel();
  const text = endless ? '' : await response.text();
  const isJson = response.headers.get('content-type')?.match(/[/+]json/) !== null;
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: (isJson && text !== '' ? JSON.parse(text) : {}) as Sent['body'],
  };
}
