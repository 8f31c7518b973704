import type { Config } from '../platform/config.ts';
import type { CrashPoints } from '../platform/crash-points.ts';
import type { Log } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Db } from '../store/db.ts';
import { createClawbackActivities } from './clawback/clawback-activities.ts';
import { createImportActivities } from './imports/import-activities.ts';
import { createAuditActivities } from './audit/audit-activities.ts';
import { createTradeActivities } from './market/trade-activities.ts';
import { createMatchActivities } from './match/match-activities.ts';
import { createRewardActivities } from './rewards/reward-activities.ts';
import { createStuckActivities } from './stuck.ts';

export type ActivityDeps = { db: Db; log: Log; metrics: Metrics; crash: CrashPoints; config: Config };

/** The effects of the stories on queues `economy` and `match`. Each worker offers all of them. */
export const createActivities = (deps: ActivityDeps) => ({
  ...createTradeActivities(deps),
  ...createRewardActivities(deps),
  ...createMatchActivities(deps),
  ...createClawbackActivities(deps),
  ...createImportActivities(deps),
  ...createStuckActivities(deps),
  ...createAuditActivities(deps),
});

export type Activities = ReturnType<typeof createActivities>;
