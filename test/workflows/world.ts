import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { writeFile } from 'node:fs/promises';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll } from 'vitest';
import { testServerPath } from '../../stack/test-server.ts';
import { workflowBundle } from '../../workers/bundle.ts';
import type { BundleName } from '../../workers/bundle.ts';
import { searchKeys } from '../../workflows/messages.ts';

/** What a test runs its story in: the time-skipping server and one worker, shared by the tests of one file. */
export type World = {
  readonly env: TestWorkflowEnvironment;
  /** Runs `work` while the worker answers with these activities. Stories it leaves open must be terminated by it. */
  withActivities<T>(activities: object, work: (taskQueue: string) => Promise<T>): Promise<T>;
  /**
   * Keeps the history of a story that has ended as `test/replay/histories/<name>.json`, when `npm run record-histories`
   * runs the suite; otherwise does nothing. One name per branch.
   */
  keep(name: string, handle: { fetchHistory(): Promise<History> }): Promise<void>;
};

type History = Parameters<typeof historyToJSON>[0];

const checkout = new URL('../../', import.meta.url);

type Activity = (...input: unknown[]) => Promise<unknown>;

// searchKeys' own names of types, in the numbers of Temporal's API
const indexedValueTypes = { KEYWORD: 2, BOOL: 5, KEYWORD_LIST: 7 } as const;

/** One environment per file: time skipping is global to its server. A new worker per test would cost most of its time. */
export function timeSkippingWorld(
  bundle: BundleName,
  activityNames: readonly string[],
  /** The story's queue ends in this, and these others are served too: by the end of their name, their activities. */
  queues: { name?: string; others?: Readonly<Record<string, readonly string[]>> } = {},
): World {
  const prefix = randomUUID();
  const taskQueue = prefix + (queues.name ?? '');
  let answers: Record<string, Activity> = {};
  let started: { env: TestWorkflowEnvironment; workers: Worker[]; ended: Promise<unknown> } | undefined;

  const answering = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, (...input: unknown[]) => answers[name]!(...input)]));

  beforeAll(async () => {
    Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
    const [env, codePath] = await Promise.all([startServer(), workflowBundle(bundle)]);
    const worker = await Worker.create({
      connection: env.nativeConnection,
      taskQueue,
      workflowBundle: codePath,
      activities: answering(activityNames),
      sinks: { exporter: { export: { fn() {} } } },
    });
    const others = await Promise.all(
      Object.entries(queues.others ?? {}).map(([name, names]) =>
        Worker.create({
          connection: env.nativeConnection,
          taskQueue: prefix + name,
          activities: answering(names),
        }),
      ),
    );
    const workers = [worker, ...others];
    started = { env, workers, ended: Promise.all(workers.map((each) => each.run())) };
  });
  afterAll(async () => {
    for (const worker of started?.workers ?? []) worker.shutdown();
    await started?.ended;
    await started?.env.teardown();
  });

  return {
    get env() {
      return started!.env;
    },
    async withActivities(fakes, work) {
      answers = fakes as Record<string, Activity>;
      return work(taskQueue);
    },
    async keep(name, handle) {
      if ((import.meta as { env?: { MODE?: string } }).env?.MODE !== 'record') return;
      const file = new URL(`../replay/histories/${name}.json`, import.meta.url);
      const history = historyToJSON(await handle.fetchHistory());
      // stack traces of faults name the checkout, which is nobody's business and differs everywhere
      await writeFile(file, `${history.replaceAll(fileURLToPath(checkout), '')}\n`);
    },
  };
}

async function startServer(): Promise<TestWorkflowEnvironment> {
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: await testServerPath() } },
  });
  const searchAttributes = Object.fromEntries(
    Object.values(searchKeys).map(({ name, type }) => [name, indexedValueTypes[type]]),
  );
  await env.connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes });
  return env;
}

/**
 * How long an ended run took by the server's clock. The server's present time says nothing about it: time is skipped while
 * a client waits, and once a run has ended the next thing due may be years away.
 */
export async function tookMs(handle: { describe(): Promise<RunTimes> }): Promise<number> {
  const { startTime, closeTime } = await handle.describe();
  if (closeTime === undefined) throw new Error('the run has not ended');
  return closeTime.getTime() - startTime.getTime();
}

type RunTimes = { startTime: Date; closeTime?: Date };

/** A run's details as the Web UI shows them. */
export async function detailsOf(handle: { query<T>(name: string): Promise<T> }): Promise<string> {
  const metadata = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails ?? '';
}

/** Waits in real time until a run's details contain `text`. */
export async function untilDetails(
  handle: { query<T>(name: string): Promise<T> },
  text: string,
): Promise<string> {
  const endsAtMs = Date.now() + 60_000;
  for (;;) {
    const details = await detailsOf(handle);
    if (details.includes(text)) return details;
    if (Date.now() > endsAtMs) throw new Error(`no "${text}" in:\n${details}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
