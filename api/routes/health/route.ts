import { z } from '@hono/zod-openapi';
import { checkHealth } from '../../../platform/health-server.ts';
import { none } from '../../auth/policy.ts';
import { callTemporal } from '../../call-temporal.ts';
import { defineRoute } from '../../define-route.ts';
import type { Services } from '../../deps.ts';

const Report = z
  .strictObject({
    ready: z.boolean(),
    dependencies: z.record(z.string(), z.strictObject({ ok: z.boolean(), detail: z.string().optional() })),
  })
  .openapi('Health');
const Live = z.strictObject({ live: z.literal(true) });

const common = { method: 'get', tag: 'health', auth: none, mutation: false, limit: 'none' } as const;

const livez = defineRoute(
  {
    ...common,
    path: '/livez',
    operationId: 'isLive',
    summary: 'The process answers',
    answers: { 200: { description: 'It does', schema: Live } },
  },
  async () => ({ status: 200, body: { live: true } }),
);

const health = (path: '/readyz' | '/startupz', operationId: string, summary: string) =>
  defineRoute(
    {
      ...common,
      path,
      operationId,
      summary,
      answers: {
        200: { description: 'Yes', schema: Report },
        503: { description: 'Not now', schema: Report },
      },
    },
    async ({ deps }) => {
      const report = await checkHealth(checksOf(deps), deps.isStopping?.() ?? false);
      return { status: report.ready ? 200 : 503, body: report };
    },
  );

/** Kafka is not among them: without it writes go on and the outbox waits. */
const checksOf = (deps: Services) => ({
  postgres: async () => void (await deps.db.query('SELECT 1')),
  temporal: async () => void (await callTemporal(deps, (client) => client.workflowService.getSystemInfo({}))),
  ...deps.checks,
});

export const healthRoutes = [
  livez,
  health('/readyz', 'isReady', 'Every dependency answers, and the process is not stopping'),
  health('/startupz', 'hasStarted', 'The same, asked once at start'),
];
