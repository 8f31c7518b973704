import type { Db } from '../store/db.ts';
import type { Log } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import { closeFinding } from '../store/findings/close-finding.ts';
import { countOpenFindings } from '../store/findings/reads.ts';
import { openFinding } from '../store/findings/open-finding.ts';

/** What a story that needs an operator does besides saying so in the Web UI: a finding, a metric, an error line. */
export type StuckActivities = {
  reportStuck(input: { workflowId: string; step: string; reason: string }): Promise<void>;
  reportUnstuck(input: { workflowId: string }): Promise<void>;
};

type Deps = { db: Db; log: Log; metrics: Metrics };

const rule = 'saga_stuck';
const sagaOf = (workflowId: string): string => workflowId.split('-')[0] ?? workflowId;

export function createStuckActivities({ db, log, metrics }: Deps): StuckActivities {
  /** Set from the rows, not counted up and down: an activity may run twice, a process may start anew. */
  async function count(workflowId: string): Promise<void> {
    const saga = sagaOf(workflowId);
    metrics.sagaStuck.set({ saga }, await countOpenFindings(db, { rule, subjectPrefix: `${saga}-` }));
  }

  return {
    async reportStuck({ workflowId, step, reason }) {
      log.error({ workflowId, step, reason }, 'saga stuck: an operator is needed');
      await db.transaction((tx) => openFinding(tx, { rule, subject: workflowId, detail: { step, reason } }));
      await count(workflowId);
    },
    async reportUnstuck({ workflowId }) {
      log.info({ workflowId }, 'saga tries its undo again');
      await db.transaction((tx) => closeFinding(tx, { rule, subject: workflowId }));
      await count(workflowId);
    },
  };
}
