import { randomUUID } from 'node:crypto';
import { SpanKind, context, propagation, trace } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/api';

/** W3C trace identity of a request; present whether or not spans are exported. */
export type Trace = { traceId: string; traceparent: string; tracestate: string | undefined };

const tracer = trace.getTracer('lootledger.api');
const traceparentForm = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const zeroes = /^0+$/;

/**
 * Runs `work` in a server span that continues the caller's trace. Without a configured SDK the span records nothing, and
 * the caller's ids (or new ones) still reach events and problem documents.
 */
export function inServerSpan<T>(
  name: string,
  headers: Headers,
  work: (trace: Trace, span: Span) => Promise<T>,
): Promise<T> {
  const carrier = Object.fromEntries(
    ['traceparent', 'tracestate'].flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
  const parent = propagation.extract(context.active(), carrier);
  return tracer.startActiveSpan(name, { kind: SpanKind.SERVER }, parent, async (span) => {
    try {
      return await work(identify(span, carrier), span);
    } finally {
      span.end();
    }
  });
}

function identify(span: Span, carrier: Record<string, string>): Trace {
  const own = span.spanContext();
  const flags = own.traceFlags.toString(16).padStart(2, '0');
  const tracestate = carrier['tracestate'];
  if (!zeroes.test(own.traceId))
    return { traceId: own.traceId, traceparent: `00-${own.traceId}-${own.spanId}-${flags}`, tracestate };
  const sent = traceparentForm.exec(carrier['traceparent'] ?? '');
  const [, traceId = '', spanId = ''] = sent ?? [];
  if (sent && !zeroes.test(traceId) && !zeroes.test(spanId))
    return { traceId, traceparent: sent[0], tracestate };
  const made = randomHex();
  return {
    traceId: made,
    traceparent: `00-${made}-${randomHex().slice(16)}-00`,
    tracestate: undefined,
  };
}

/** From Node's pool of random bytes: a call of the system for each id cost more than the rest of this file. */
const randomHex = (): string => randomUUID().replaceAll('-', '');
