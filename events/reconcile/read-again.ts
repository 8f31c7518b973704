import { topicOf } from '../../domain/events.ts';
import type { Broker } from '../kafka/broker.ts';
import type { EventHandler } from '../consumer/handler.ts';

/**
 * Has every group read again what it handled since a moment, for the database has forgotten it. No group is ever moved
 * forward: one that lagged goes on where it was, and one that never read begins at the beginning.
 */
export async function readAgain(
  { broker, handlers }: { broker: Broker; handlers: readonly Pick<EventHandler, 'group' | 'types'>[] },
  sinceMs: number,
): Promise<void> {
  const existing = new Set(await broker.admin.listTopics());
  await Promise.all(
    handlers.map(async ({ group, types }) => {
      const topics = [...new Set(types.map(topicOf))].filter((topic) => existing.has(topic));
      const places = (
        await Promise.all(topics.map((topic) => placesOf(broker, group, topic, sinceMs)))
      ).flat();
      if (places.some(({ offset, committed }) => offset !== committed))
        await broker.admin.setGroupOffsets(group, places);
    }),
  );
}

async function placesOf(broker: Broker, group: string, topic: string, sinceMs: number) {
  const [starts, commits, ends] = await Promise.all([
    broker.admin.offsetsAt(topic, sinceMs),
    broker.admin.groupOffsets(group, topic),
    broker.admin.partitionEnds(topic),
  ]);
  return ends.map(({ partition, startOffset, endOffset }) => {
    const since = starts.find((start) => start.partition === partition)?.offset ?? endOffset;
    const committed = commits.find((commit) => commit.partition === partition)?.offset ?? -1n;
    const next = committed < since ? committed : since;
    return { topic, partition, committed, offset: next < startOffset ? startOffset : next };
  });
}
