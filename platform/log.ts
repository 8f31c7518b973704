import { trace } from '@opentelemetry/api';
import pino from 'pino';

export type Log = pino.Logger;

const secrets = [
  'password',
  'secret',
  'token',
  'ticket',
  'refreshToken',
  'resumeToken',
  'authorization',
  'cookie',
  'apiKey',
  'deviceSecret',
];

/** One wide JSON line per request, message or activity. Secrets are removed wherever they stand in the first two levels. */
export function createLog(service: string, level: string): Log {
  return pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: secrets.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
    mixin: () => {
      const span = trace.getActiveSpan()?.spanContext();
      return span ? { traceId: span.traceId, spanId: span.spanId } : {};
    },
  });
}
