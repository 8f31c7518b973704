import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startStack } from '../stack/launcher.ts';
import { serverCpu } from './cpu.ts';
import { httpContestant } from './http-contestants.ts';
import type { ServerKind } from './http-server.ts';
import type { Measured } from './loops.ts';
import { createDatabases } from './posting-databases.ts';
import type { Databases } from './posting-databases.ts';
import { figuresOf, race, ratiosOf, seriesOf } from './race.ts';
import type { Race, RaceSize } from './race.ts';
import { keepReport, rowOf } from './report.ts';
import type { Report } from './report.ts';

/**
 * A command over HTTP, `POST /v1/spends`: our whole way of it (authentication, validation, idempotency, the batcher) beside
 * bare Hono that calls the same SQL once per request; and the way alone beside a route that does nothing.
 */
export type HttpSize = RaceSize & { keep: boolean };
export const fullSize: HttpSize = { rounds: 5, seconds: 2, keep: true };
export const smallSize: HttpSize = { rounds: 1, seconds: 0.3, keep: false };

export async function benchHttp(size: HttpSize = fullSize): Promise<Report> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lootledger-bench-'));
  const stack = await startStack({ dir: folder, ports: 'free', services: ['postgres'] });
  const databases = await createDatabases(stack.databaseUrl, 4);
  try {
    const { db } = await databases.open();
    const serverCpuMs = await serverCpu(db.pool);
    const commands = await compare(databases, ['ours', 'bare'], size, serverCpuMs);
    // the way alone: what our process spends, and beside it what the database spends on remembering keys
    const noops = await compare(databases, ['ours-noop', 'bare-noop'], size, () => 0);
    return await reportOf(commands, noops, size);
  } finally {
    await databases.closeAll();
    await databases.drop();
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function compare(
  databases: Databases,
  kinds: readonly ServerKind[],
  size: HttpSize,
  serverCpuMs: () => number,
): Promise<Race> {
  const contestants = [];
  for (const kind of kinds) {
    const { db, url } = await databases.open();
    contestants.push(await httpContestant(kind, db, url));
  }
  try {
    return await race(contestants, size, serverCpuMs);
  } finally {
    for (const contestant of contestants) await contestant.stop();
  }
}

function reportOf(commands: Race, noops: Race, { keep }: HttpSize): Promise<Report> {
  const against = ({ rounds }: Race, figure: keyof Measured) =>
    ratiosOf(seriesOf(rounds, 0, figure), seriesOf(rounds, 1, figure));
  const bare = 'bare Hono, one call of the same SQL per request';
  return keepReport(
    {
      bench: 'http',
      valid: commands.valid && noops.valid,
      rows: [
        rowOf('commands per second, 64 clients', bare, against(commands, 'perSecond'), { atLeast: 2 }),
        rowOf('command: p99', bare, against(commands, 'p99Ms'), { atMost: 1 }),
        rowOf('command: CPU of API and database', bare, against(commands, 'cpuMs'), { atMost: 0.5 }),
        rowOf(
          "authentication, validation, idempotency: the API's CPU",
          'bare Hono, doing nothing',
          against(noops, 'cpuMs'),
          { atMost: 1.3 },
        ),
      ],
      figures: {
        ...figuresOf('command', commands.names, commands.rounds),
        ...figuresOf('nothing', noops.names, noops.rounds),
      },
    },
    { keep },
  );
}
