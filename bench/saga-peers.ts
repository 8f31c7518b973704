import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';

/** What the trade is measured against: workflows of four activities that do nothing. */
type Empty = { nothing(): Promise<void> };

const regular = proxyActivities<Empty>({ startToCloseTimeout: 10_000 });
const local = proxyLocalActivities<Empty>({ startToCloseTimeout: 10_000 });

export async function fourRegular(): Promise<void> {
  for (let step = 0; step < 4; step++) await regular.nothing();
}

export async function fourLocal(): Promise<void> {
  for (let step = 0; step < 4; step++) await local.nothing();
}
