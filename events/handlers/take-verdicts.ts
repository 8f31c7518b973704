import type { Log } from '../../platform/log.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { Temporal } from '../../platform/temporal.ts';
import { recordVerdict } from '../../store/verdicts/record-verdict.ts';
import { verdictRecorded, workflowIds } from '../../workflows/messages.ts';
import { DeadEvent } from '../consumer/failures.ts';
import { defineHandler } from './define.ts';
import { nudge } from './nudge.ts';

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const subjectForm = new RegExp(`^(match|trade):(${uuid})$`);

/** A decision from outside becomes a row, then its story is told to look. */
export const takeVerdicts = ({
  temporal,
  metrics,
  log,
}: {
  temporal: Temporal;
  metrics: Metrics;
  log: Log;
}) =>
  defineHandler({
    group: 'verdicts',
    types: ['trust.verdict.cleared.v1', 'trust.verdict.rejected.v1'],
    onDeadLetter: 'park',
    async handle(tx, { type, data: { subject, reason }, source }) {
      storyOf(subject);
      const decision = type === 'trust.verdict.cleared.v1' ? 'cleared' : 'rejected';
      await recordVerdict(tx, { subject, decision, reason, source });
    },
    async signal({ data: { subject }, position }) {
      const heard = await nudge(temporal, storyOf(subject), verdictRecorded);
      if (heard) return;
      metrics.eventsConsumed.inc({ topic: position.topic, group: 'verdicts', status: 'signal_dropped' });
      log.debug({ subject }, 'the story of a verdict has not begun or is over');
    },
  });

function storyOf(subject: string): string {
  const [, kind, id] = subjectForm.exec(subject) ?? [];
  if (id === undefined)
    throw new DeadEvent('schema_violation', `not a match or a trade: ${subject.slice(0, 100)}`);
  return kind === 'match' ? workflowIds.rewardGrant(id) : workflowIds.trade(id);
}
