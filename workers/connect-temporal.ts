import { openTemporal } from '../platform/temporal.ts';
import type { Temporal } from '../platform/temporal.ts';
import type { ProcessParts } from './run-process.ts';

/** The process's door to Temporal; connects on first use. */
export const connectTemporal = ({ config, tracing }: Pick<ProcessParts, 'config' | 'tracing'>): Temporal =>
  openTemporal({
    address: config.TEMPORAL_ADDRESS,
    namespace: config.TEMPORAL_NAMESPACE,
    taskQueuePrefix: config.TEMPORAL_TASK_QUEUE_PREFIX,
    uiUrl: config.TEMPORAL_UI_URL,
    interceptors: tracing.clientInterceptors,
  });
