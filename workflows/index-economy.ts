/** The stories of task queue `economy`; a workflow is registered where it runs and nowhere else. */
export { audit } from './audit.ts';
export { clawback } from './clawback.ts';
export { rewardGrant } from './reward-grant.ts';
export { trade } from './trade.ts';
export { importWallets } from './import-wallets.ts';
