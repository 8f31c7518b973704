/** The stories of task queue `economy`; a workflow is registered where it runs and nowhere else. */
export { clawback } from './clawback.ts';
export { rewardGrant } from './reward-grant.ts';
export { trade } from './trade.ts';
