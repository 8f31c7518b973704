import type { Log } from '../../platform/log.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { Temporal } from '../../platform/temporal.ts';
import type { Db } from '../../store/db.ts';
import type { EventHandler } from '../consumer/handler.ts';
import { keepFlows } from './keep-flows.ts';
import { keepLeaderboard } from './keep-leaderboard.ts';
import { notify } from './notify.ts';
import { payRewards } from './pay-rewards.ts';
import { recordResults } from './record-results.ts';
import { takeVerdicts } from './take-verdicts.ts';

export type HandlerDeps = { db: Db; temporal: Temporal; metrics: Metrics; log: Log };

/** Every consumer group of this build. */
export const allHandlers = (deps: HandlerDeps): readonly EventHandler[] => [
  payRewards(deps),
  recordResults(),
  keepLeaderboard(),
  keepFlows(deps),
  notify(),
  takeVerdicts(deps),
];

export const byGroup = (handlers: readonly EventHandler[]): ReadonlyMap<string, EventHandler> =>
  new Map(handlers.map((handler) => [handler.group, handler]));
