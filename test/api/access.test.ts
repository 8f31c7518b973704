import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { scopes } from '../../api/auth/policy.ts';
import { takesKey } from '../../api/define-route.ts';
import { allRoutes, readDocument } from '../../api/routes/index.ts';
import type { TestApi } from './support.ts';
import { testApi } from './support.ts';

let api: TestApi;
const credentials: Record<string, string | undefined> = {};
beforeAll(async () => {
  api = await testApi();
  credentials['none'] = undefined;
  credentials['player'] = (await api.player()).token;
  credentials['service'] = await api.key(['grants:write', 'results:write', 'receipts:read']);
  credentials['operator'] = await api.key(scopes);
});

const id = '00000000-0000-7000-8000-000000000000';
const serviceScopes = new Set(['grants:write', 'results:write', 'receipts:read']);

describe('the matrix: every route × whoever asks', () => {
  for (const { spec } of allRoutes) {
    test(`${spec.method} ${spec.path}`, async () => {
      for (const [who, token] of Object.entries(credentials)) {
        const path = spec.path.replaceAll(/\{[a-zA-Z]+\}/g, id);
        const reply = await api.send(spec.method.toUpperCase(), path, {
          ...(token && { token }),
          key: randomUUID(),
          headers: { accept: '*/*', 'if-match': '"1"' },
          ...(spec.mutation !== false && { body: { notAField: 1 } }),
        });
        const { auth } = spec;
        const passes =
          auth.who === 'anyone' ||
          (auth.who === 'player' && who === 'player') ||
          (auth.who === 'player-or-client' &&
            (who === 'player' ||
              who === 'operator' ||
              (who === 'service' && serviceScopes.has(auth.scope)))) ||
          ((auth.who === 'service' || auth.who === 'operator') &&
            (who === 'operator' || (who === 'service' && serviceScopes.has(auth.scope))));
        if (passes && auth.who !== 'anyone') expect([who, reply.status]).not.toEqual([who, 401]);
        if (passes && auth.who !== 'anyone') expect([who, reply.status]).not.toEqual([who, 403]);
        if (!passes) expect([who, reply.status]).toEqual([who, who === 'none' ? 401 : 403]);
        // `/readyz` is allowed to say no
        if (!spec.path.endsWith('z'))
          expect([who, reply.status, reply.text]).toSatisfy(([, status]) => Number(status) < 500);
      }
    });
  }
});

test('what a key was not allowed to change is in the audit trail; what it was not allowed to read is not', async () => {
  const token = await api.key(['receipts:read'], 'curious');
  const [write, read] = [
    await api.send('POST', '/v1/audits', { token, key: randomUUID(), body: { mode: 'full' } }),
    await api.send('GET', '/v1/audit', { token }),
  ];
  expect([write.status, read.status]).toEqual([403, 403]);
  const { rows } = await api.db.query(
    `SELECT action, target, detail->>'scope' AS scope, request_id AS "requestId" FROM audit_entries WHERE actor = 'client:curious'`,
  );
  expect(rows).toEqual([
    {
      action: 'operator.refused',
      target: 'startAudit',
      scope: 'audits:write',
      requestId: write.body['requestId'],
    },
  ]);
});

describe('declarations', () => {
  test('the app serves no path beyond the declared ones', () => {
    const declared = new Set(
      allRoutes.map(
        ({ spec }) => `${spec.method.toUpperCase()} ${spec.path.replaceAll(/\{([a-zA-Z]+)\}/g, ':$1')}`,
      ),
    );
    const served = api.app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path}`);
    expect(new Set(served)).toEqual(declared);
  });

  test('every mutation takes an Idempotency-Key, except replies with secrets and what stranger clients send', () => {
    const without = allRoutes
      .filter(({ spec }) => spec.method !== 'get' && !takesKey(spec))
      .map(({ spec }) => spec.path);
    expect(without.every((path) => /^\/v1\/(auth|schemas)\/|\/connection$/.test(path))).toBe(true);
    expect(allRoutes.filter(({ spec }) => spec.method === 'get' && spec.mutation !== false)).toEqual([]);
  });

  test('every published object is closed, so unknown fields are refused', () => {
    const { components, paths } = readDocument() as {
      components: { schemas: Record<string, unknown> };
      paths: object;
    };
    const bodies = JSON.stringify(paths).matchAll(
      /"requestBody":\{[^}]*"schema":\{"\$ref":"#\/components\/schemas\/(\w+)"/g,
    );
    const open: string[] = [];
    const visit = (name: string, schema: unknown): void => {
      if (typeof schema !== 'object' || schema === null) return;
      if (
        'type' in schema &&
        schema.type === 'object' &&
        !('additionalProperties' in schema && schema.additionalProperties === false)
      )
        open.push(name);
      Object.values(schema).forEach((member) => visit(name, member));
    };
    const names = [...bodies].map((match) => match[1] ?? '');
    expect(names.length).toBeGreaterThan(8);
    for (const name of names) visit(name, components.schemas[name]);
    expect(open).toEqual([]);
  });

  test('operation ids are unique', () => {
    const ids = allRoutes.map(({ spec }) => spec.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
