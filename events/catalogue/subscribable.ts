import type { Queryable } from '../../store/db.ts';
import { listOwnTopics } from '../../store/own-topics/reads.ts';
import { topics } from './topics.ts';

/** The one group that reads for all subscriptions. */
export const dispatcherGroup = 'subscriptions';

/** Names of everything that can be subscribed to: the catalogue's topics and others' own, without dead letters. */
export async function subscribableTopics(db: Queryable): Promise<string[]> {
  const own = await listOwnTopics(db);
  return [...Object.keys(topics), ...own.map(({ name }) => name)];
}
