import { ROOT_CONTEXT, SpanKind, SpanStatusCode, context, propagation, trace } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/api';
import type { EventContext } from '../../domain/events.ts';
import type { DeliveredRecord } from '../kafka/broker.ts';
import { headerText } from '../codec/envelope.ts';

const tracer = trace.getTracer('lootledger/events');

/**
 * Handles a record inside a span that continues the trace its writer was in, so that one trace id leads from the first
 * request to the last effect. `work` gets what the events it writes should carry on.
 */
export async function inEventSpan<T>(
  group: string,
  record: DeliveredRecord,
  work: (onward: Onward) => Promise<T>,
): Promise<T> {
  const carrier = carrierOf(record);
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
  return tracer.startActiveSpan(`process ${record.topic}`, options, parent, (span) =>
    untilEnded(span, () => work(onwardFrom(carrier))),
  );
}

/** What a span takes by default. */
const linkCountMax = 128;

/**
 * Handles many records inside one span, which points at the traces they came from. What is written because of a record
 * carries on that record's own trace (`carriedOn`).
 */
export async function inBatchSpan<T>(
  group: string,
  records: readonly DeliveredRecord[],
  work: () => Promise<T>,
): Promise<T> {
  const links = records.slice(0, linkCountMax).flatMap((record) => {
    const from = trace.getSpanContext(propagation.extract(ROOT_CONTEXT, carrierOf(record)));
    return from === undefined ? [] : [{ context: from }];
  });
  const attributes = {
    'messaging.system': 'kafka',
    'messaging.operation.type': 'process',
    'messaging.operation.name': 'process',
    'messaging.consumer.group.name': group,
    'messaging.batch.message_count': records.length,
  };
  const options = { kind: SpanKind.CONSUMER, attributes, links };
  return tracer.startActiveSpan(`process batch ${group}`, options, (span) => untilEnded(span, work));
}

export const carriedOn = (record: DeliveredRecord): Onward => given(carrierOf(record));

async function untilEnded<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    span.setStatus({
      code: SpanStatusCode.ERROR,
      message: error instanceof Error ? error.message : String(error),
    });
    throw error;
  } finally {
    span.end();
  }
}

type Onward = Pick<EventContext, 'traceparent' | 'tracestate'>;
type Carrier = { traceparent: string | undefined; tracestate: string | undefined };

const carrierOf = ({ headers }: DeliveredRecord): Carrier => ({
  traceparent: headerText(headers, 'traceparent'),
  tracestate: headerText(headers, 'tracestate'),
});

/** The active span if tracing runs, else what came in: the id survives processes that record nothing. */
function onwardFrom(carrier: Carrier): Onward {
  const injected: { traceparent?: string; tracestate?: string } = {};
  propagation.inject(context.active(), injected);
  return given({ ...carrier, ...injected });
}

const given = ({ traceparent, tracestate }: Carrier): Onward => ({
  ...(traceparent !== undefined && { traceparent }),
  ...(tracestate !== undefined && { tracestate }),
});
