import { LootError } from '../../../domain/errors.ts';
import type { FlowBucket, FlowWindow } from '../../../store/flows/reads.ts';

const hourMs = 3_600_000;
export const bucketMs = { hour: hourMs, day: 24 * hourMs } as const;
/** What comes later has no ISO 8601 time of four digits. */
const lastInstantMs = Date.parse('9999-12-31T23:59:59.999Z');
const dayCountMax = { hour: 31, day: 400 } as const;

/** A window widened to whole buckets. Throws `validation_failed` for an inverted, an empty and a too large one. */
export function windowOf(query: {
  from: string;
  to: string;
  bucket: FlowBucket;
}): Pick<FlowWindow, 'from' | 'to' | 'bucket'> {
  const { bucket } = query;
  const sizeMs = bucketMs[bucket];
  const [fromMs, toMs] = [Date.parse(query.from), Date.parse(query.to)];
  if (fromMs >= toMs) throw refused('to', 'must be later than from');
  const from = new Date(Math.floor(fromMs / sizeMs) * sizeMs);
  const to = new Date(Math.ceil(toMs / sizeMs) * sizeMs);
  if (to.getTime() > lastInstantMs)
    throw refused('to', 'must lie within the year 9999, with its whole bucket');
  const daysMax = dayCountMax[bucket];
  if (to.getTime() - from.getTime() > daysMax * bucketMs.day)
    throw refused('to', `a window of buckets of one ${bucket} is at most ${daysMax} days long`);
  return { from, to, bucket };
}

const refused = (name: string, detail: string) =>
  new LootError('validation_failed', 'The window is not one; see errors.', {
    errors: [{ pointer: `/query/${name}`, detail }],
  });
