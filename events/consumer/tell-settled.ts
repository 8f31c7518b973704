import type { Log } from '../../platform/log.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { OnSettled } from './settle-batch.ts';
import { placeOf } from './settle-event.ts';
import type { Settled } from './settle-event.ts';

/** Metrics and the wide log line of what was settled together: a line per event would cost more than its handling. */
export function tellSettled(
  { log, metrics }: { log: Log; metrics: Metrics },
  group: string,
  part: Parameters<OnSettled>[0],
  durationMs: number,
): void {
  const [first] = part;
  if (first === undefined) return;
  for (const [topic, entries] of Map.groupBy(part, ({ entry }) => entry.record.topic)) {
    const labels = { topic, group };
    metrics.eventProcessingDuration.observe(labels, durationMs / 1_000);
    for (const [status, { length }] of Map.groupBy(entries, ({ settled }) => settled)) {
      metrics.eventsConsumed.inc({ ...labels, status }, length);
      if (status !== 'duplicate') continue;
      metrics.inboxDuplicates.inc(labels, length);
      metrics.idempotencyHits.inc({ layer: 'inbox' }, length);
    }
  }
  if (part.length > 1) {
    const counts = Object.fromEntries(
      [...Map.groupBy(part, ({ settled }) => settled)].map(([status, { length }]) => [status, length]),
    );
    log[levelOf(part.map(({ settled }) => settled))](
      {
        ...placeOf(group, first.entry.record),
        eventCount: part.length,
        counts,
        durationMs: Math.round(durationMs),
      },
      'events',
    );
    if (!log.isLevelEnabled('debug')) return;
  }
  for (const { entry, settled } of part) {
    const { headers } = entry.record;
    log[part.length > 1 ? 'debug' : levelOf([settled])](
      {
        ...placeOf(group, entry.record),
        eventId: headers['ce_id']?.toString(),
        type: headers['ce_type']?.toString(),
        outcome: settled,
        durationMs: Math.round(durationMs),
      },
      'event',
    );
  }
}

function levelOf(settled: readonly Settled[]): 'debug' | 'info' | 'warn' {
  if (settled.includes('too_old')) return 'warn';
  return settled.every((outcome) => outcome === 'duplicate') ? 'debug' : 'info';
}
