import {
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  makeTelemetryFilterString,
} from '@temporalio/worker';
import type { WorkerOptions } from '@temporalio/worker';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Running } from '../events/consumer/handler.ts';
import type { Config } from '../platform/config.ts';
import type { Log } from '../platform/log.ts';
import type { Tracing } from '../platform/tracing.ts';
import { workflowBundle } from './bundle.ts';
import type { BundleName } from './bundle.ts';

export type QueueWorkerDeps = {
  config: Config;
  log: Log;
  tracing?: Tracing;
  /** Fires when the process is asked to end, also while it still waits for Temporal. */
  stopping?: AbortSignal;
};

export type Queue = {
  /** From `taskQueues`; the deployment's prefix is added here. */
  name: string;
  /** Absent: the queue has activities only. */
  bundle?: BundleName;
  activities: object;
  options?: Partial<WorkerOptions>;
};

/** How long running activities may go on after a stop: longer than the longest transaction. */
const shutdownGraceMs = 12_000;
const reconnectMs = 1_000;

/**
 * Connects as soon as Temporal answers, and serves the queues until it is stopped: then takes no more work, lets what runs
 * finish, and closes. Start order does not matter, so a Temporal that is away is waited for and said once.
 */
export async function startQueueWorkers(deps: QueueWorkerDeps, queues: readonly Queue[]): Promise<Running> {
  installRuntime(deps.log);
  const connection = await connect(deps);
  const workers = await Promise.all(queues.map((queue) => createWorker(deps, connection, queue)));
  const ended = Promise.all(workers.map((worker) => worker.run()));
  let stopping = false;
  const served = ended.catch((error: unknown) => {
    deps.log.fatal({ err: error }, 'a workflow worker failed');
    // nobody awaits this while the process serves: it ends as an unhandled rejection instead of pretending to serve
    if (!stopping) throw error;
  });
  return {
    async stop() {
      stopping = true;
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await served;
      await connection.close();
    },
  };
}

let installed = false;

/** The SDK's own log lines through ours, and no signal handlers of its own: the process's lifecycle decides the order. */
function installRuntime(log: Log): void {
  if (installed) return;
  installed = true;
  const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const;
  const logger = new DefaultLogger('INFO', ({ level, message, meta }) =>
    log[levels[level]]({ ...meta }, message),
  );
  const filter = makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' });
  Runtime.install({ logger, shutdownSignals: [], telemetryOptions: { logging: { filter, forward: {} } } });
}

async function connect({ config, log, stopping }: QueueWorkerDeps): Promise<NativeConnection> {
  for (let attempt = 1; ; attempt++) {
    stopping?.throwIfAborted();
    try {
      return await NativeConnection.connect({ address: config.TEMPORAL_ADDRESS });
    } catch (error) {
      if (attempt === 1) log.warn({ err: error, address: config.TEMPORAL_ADDRESS }, 'waiting for Temporal');
      await sleep(reconnectMs, undefined, stopping && { signal: stopping });
    }
  }
}

async function createWorker(
  { config, tracing }: QueueWorkerDeps,
  connection: NativeConnection,
  queue: Queue,
): Promise<Worker> {
  const { interceptors, sinks } = tracing?.workerOptions() ?? { interceptors: undefined, sinks: noSinks };
  return Worker.create({
    connection,
    namespace: config.TEMPORAL_NAMESPACE,
    taskQueue: config.TEMPORAL_TASK_QUEUE_PREFIX + queue.name,
    activities: queue.activities,
    shutdownGraceTime: shutdownGraceMs,
    ...(queue.bundle !== undefined && { workflowBundle: await workflowBundle(queue.bundle) }),
    ...(interceptors && { interceptors }),
    ...(sinks && { sinks }),
    ...queue.options,
  });
}

/** Workflows export spans through a sink; where nobody collects them they go nowhere. */
const noSinks = { exporter: { export: { fn: () => {} } } };
