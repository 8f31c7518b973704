import { SpanKind, SpanStatusCode, context, propagation, trace } from '@opentelemetry/api';
import type { EventContext } from '../domain/events.ts';
import type { DeliveredRecord } from './broker.ts';
import { headerText } from './envelope.ts';

const tracer = trace.getTracer('lootledger/events');

/**
 * Handles a record inside a span that continues the trace its writer was in, so that one trace id leads from the first
 * request to the last effect. `work` gets what the events it writes should carry on.
 */
export async function inEventSpan<T>(
  group: string,
  record: DeliveredRecord,
  work: (onward: Pick<EventContext, 'traceparent' | 'tracestate'>) => Promise<T>,
): Promise<T> {
  const carrier = {
    traceparent: headerText(record.headers, 'traceparent'),
    tracestate: headerText(record.headers, 'tracestate'),
  };
  const parent = propagation.extract(context.active(), carrier);
  const options = {
    kind: SpanKind.CONSUMER,
    attributes: {
      'messaging.system': 'kafka',
      'messaging.operation.type': 'process',
      'messaging.operation.name': 'process',
      'messaging.destination.name': record.topic,
      'messaging.destination.partition.id': `${record.partition}`,
      'messaging.kafka.offset': Number(record.offset),
      'messaging.consumer.group.name': group,
      'messaging.message.id': headerText(record.headers, 'ce_id') ?? '',
    },
  };
  return tracer.startActiveSpan(`process ${record.topic}`, options, parent, async (span) => {
    try {
      return await work(onwardFrom(carrier));
    } catch (error) {
      span.setStatus({
        code: SpanStatusCode.ERROR,
        message: error instanceof Error ? error.message : String(error),
      });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** The active span if tracing runs, else what came in: the id survives processes that record nothing. */
function onwardFrom(carrier: { traceparent: string | undefined; tracestate: string | undefined }) {
  const injected: { traceparent?: string; tracestate?: string } = {};
  propagation.inject(context.active(), injected);
  const { traceparent = carrier.traceparent, tracestate = carrier.tracestate } = injected;
  return {
    ...(traceparent !== undefined && { traceparent }),
    ...(tracestate !== undefined && { tracestate }),
  };
}
