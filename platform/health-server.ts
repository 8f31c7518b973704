import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from './metrics.ts';

/** One dependency: resolves when it answers, rejects with what is wrong. */
export type HealthChecks = Record<string, () => Promise<void>>;

export type HealthReport = { ready: boolean; dependencies: Record<string, { ok: boolean; detail?: string }> };

const checkTimeoutMs = 2_000;

/** Asks every dependency at once; a silent one counts as down. */
export async function checkHealth(checks: HealthChecks, stopping: boolean): Promise<HealthReport> {
  const entries = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const outcome = await Promise.race([
        check().then(
          () => ({ ok: true }),
          (error: Error) => ({ ok: false, detail: error.message }),
        ),
        new Promise<{ ok: boolean; detail: string }>((resolve) =>
          setTimeout(resolve, checkTimeoutMs, {
            ok: false,
            detail: `no answer within ${checkTimeoutMs} ms`,
          }).unref(),
        ),
      ]);
      return [name, outcome] as const;
    }),
  );
  const dependencies = Object.fromEntries(entries);
  return { ready: !stopping && entries.every(([, outcome]) => outcome.ok), dependencies };
}

/** Asked when scraped: a gauge that only probes keep would say what the last probe saw. */
async function measure({ dependencyUp }: Metrics, checks: HealthChecks): Promise<void> {
  const { dependencies } = await checkHealth(checks, false);
  for (const [target, { ok }] of Object.entries(dependencies)) dependencyUp.set({ target }, ok ? 1 : 0);
}

export type HealthServer = { port: number; close(): Promise<void> };

/** `/livez`, `/readyz`, `/startupz` and `/metrics` on a port of their own, for every process. */
export async function startHealthServer(options: {
  port: number;
  host: string;
  metrics: Metrics;
  checks: HealthChecks;
  isStopping?: () => boolean;
}): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const respond = (status: number, type: string, body: string) =>
      response.writeHead(status, { 'content-type': type }).end(body);
    const json = (status: number, body: unknown) => respond(status, 'application/json', JSON.stringify(body));
    const answer = async () => {
      switch (request.url?.split('?')[0]) {
        case '/metrics':
          await measure(options.metrics, options.checks);
          return respond(200, options.metrics.registry.contentType, await options.metrics.registry.metrics());
        case '/livez':
          return json(200, { live: true });
        case '/startupz':
        case '/readyz': {
          const report = await checkHealth(options.checks, options.isStopping?.() ?? false);
          return json(report.ready ? 200 : 503, report);
        }
        default:
          return json(404, { code: 'not_found' });
      }
    };
    answer().catch(() => json(500, { code: 'internal' }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
