import { ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import type { ScheduleOptions } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Running } from '../events/consumer/handler.ts';
import type { Config } from '../platform/config.ts';
import type { Log } from '../platform/log.ts';
import { openTemporal } from '../platform/temporal.ts';
import type { Temporal } from '../platform/temporal.ts';
import { taskQueues, workflowIds } from '../workflows/messages.ts';
import type { AuditInput } from '../workflows/messages.ts';

const retryMs = 5_000;
const deadlineMs = 5_000;

type Deps = { config: Config; log: Log };

/**
 * Sees to it that Temporal starts the auditor again and again: once for the deployment, however many workers start, with
 * the interval that is configured now. A run that is still under way is not joined by another. Tried until Temporal answers.
 */
export function keepAuditSchedule({ config, log }: Deps): Running {
  const temporal = openTemporal({
    address: config.TEMPORAL_ADDRESS,
    namespace: config.TEMPORAL_NAMESPACE,
    taskQueuePrefix: config.TEMPORAL_TASK_QUEUE_PREFIX,
    uiUrl: config.TEMPORAL_UI_URL,
  });
  const stop = new AbortController();
  const kept = (async () => {
    while (!stop.signal.aborted) {
      try {
        await ensureAuditSchedule(temporal, config);
        return;
      } catch (error) {
        log.debug({ err: error }, 'the schedule of the auditor is not there yet');
        await sleep(retryMs, undefined, { signal: stop.signal }).catch(() => {});
      }
    }
  })();
  return {
    async stop() {
      stop.abort();
      // ends a call that is under way
      await temporal.close();
      await kept;
    },
  };
}

/** The schedule as configured: made, changed, or with an interval of 0 taken away. */
export async function ensureAuditSchedule(
  { client, connection, taskQueue }: Temporal,
  {
    AUDIT_INTERVAL_MS: intervalMs,
    TEMPORAL_TASK_QUEUE_PREFIX: prefix,
  }: Pick<Config, 'AUDIT_INTERVAL_MS' | 'TEMPORAL_TASK_QUEUE_PREFIX'>,
): Promise<void> {
  const scheduleId = `${prefix}ledger-audit`;
  const handle = client.schedule.getHandle(scheduleId);
  const call = <T>(work: () => Promise<T>) => connection.withDeadline(Date.now() + deadlineMs, work);
  if (intervalMs === 0) {
    await call(() => handle.delete()).catch(ignoreMissing);
    return;
  }
  const schedule = scheduleOf(scheduleId, taskQueue(taskQueues.economy), `${prefix}scheduled`, intervalMs);
  try {
    await call(() => client.schedule.create(schedule));
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await call(() => handle.update((now) => ({ ...schedule, state: now.state })));
  }
}

function scheduleOf(scheduleId: string, taskQueue: string, auditId: string, intervalMs: number) {
  const input: AuditInput = { mode: 'incremental', actor: 'system:schedule' };
  return {
    scheduleId,
    spec: { intervals: [{ every: intervalMs }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
    action: {
      type: 'startWorkflow',
      workflowType: 'audit',
      // Temporal adds the time of the run
      workflowId: workflowIds.audit(auditId),
      taskQueue,
      args: [input],
      staticSummary: 'Audit, incremental',
      // a deployment without workers leaves no pile behind
      workflowExecutionTimeout: '6 hours',
    },
  } as const satisfies ScheduleOptions;
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && error.name === 'ScheduleNotFoundError')) throw error;
}
