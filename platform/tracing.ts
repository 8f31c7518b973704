import { fileURLToPath } from 'node:url';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor, NoopSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { ClientOptions } from '@temporalio/client';
import {
  OpenTelemetryActivityInboundInterceptor,
  OpenTelemetryWorkflowClientInterceptor,
  makeWorkflowExporter,
} from '@temporalio/interceptors-opentelemetry-v2';
import type { WorkerOptions } from '@temporalio/worker';

/**
 * One trace from a player's request to its last effect. Trace ids are made and passed on (HTTP, Temporal headers, outbox,
 * Kafka headers) even when no exporter is configured: errors and logs name them.
 */
export type Tracing = {
  /** For `openTemporal`. */
  clientInterceptors: NonNullable<ClientOptions['interceptors']>;
  /** Spread into `Worker.create`. The bundle must be built with `workflowInterceptorModules`. */
  workerOptions(): Pick<WorkerOptions, 'interceptors' | 'sinks'>;
  shutdown(): Promise<void>;
};

/** Part of every workflow bundle, in production and in replay: they decide what histories look like. */
export const workflowInterceptorModules = [
  fileURLToPath(import.meta.resolve('@temporalio/interceptors-opentelemetry-v2/lib/workflow-interceptors')),
];

export type TracingOptions = {
  service: string;
  environment: string;
  endpoint?: string | undefined;
  /** Instead of the OTLP exporter: tests collect spans in memory. */
  spanProcessor?: SpanProcessor;
};

export function startTracing(options: TracingOptions): Tracing {
  const resource = resourceFromAttributes({
    'service.name': `lootledger-${options.service}`,
    'deployment.environment.name': options.environment,
  });
  const spanProcessor = options.spanProcessor ?? defaultProcessor(options.endpoint);
  const sdk = new NodeSDK({ resource, autoDetectResources: false, spanProcessors: [spanProcessor] });
  sdk.start();
  return {
    clientInterceptors: { workflow: [new OpenTelemetryWorkflowClientInterceptor()] },
    workerOptions: () => ({
      interceptors: {
        activity: [(context) => ({ inbound: new OpenTelemetryActivityInboundInterceptor(context) })],
      },
      sinks: { exporter: makeWorkflowExporter(spanProcessor, resource) },
    }),
    shutdown: () => sdk.shutdown(),
  };
}

function defaultProcessor(endpoint: string | undefined): SpanProcessor {
  if (endpoint === undefined) return new NoopSpanProcessor();
  return new BatchSpanProcessor(new OTLPTraceExporter({ url: new URL('/v1/traces', endpoint).href }));
}
