import { replayTopicOf } from '../../domain/replays/types.ts';
import type { Db, Tx } from '../../store/db.ts';
import {
  beginTopicDeletion,
  endTopicDeletion,
  forgetPublished,
  hasDeletedTopic,
} from '../../store/own-topics/delete-own-topic.ts';
import type { Broker } from '../kafka/broker.ts';
import { deleteInKafka, liveReadersOf } from './own-topics.ts';
import { deadLetterTopicOf } from './topics.ts';

export type TopicToDelete = {
  name: string;
  clientId: string;
  /** The request's own: repeated, it meets its deletion, also when there is a new topic of that name by then. */
  deletionId: string;
  /** In the transaction that ends the deletion. */
  audit(tx: Tx, detail: { deletionId: string }): Promise<void>;
};

/**
 * Deletes a topic with its dead letters' and its replays', and whatever knows its events by their place. Whoever breaks off in
 * between asks again and finishes: until then nobody finds the topic, and its name is taken. Throws `not_found`, `forbidden`,
 * `topic_in_use`, `dependency_unavailable`.
 */
export async function deleteOwnTopic(
  { db, broker }: { db: Db; broker: Broker },
  { name, clientId, deletionId, audit }: TopicToDelete,
): Promise<void> {
  if (await hasDeletedTopic(db, name, deletionId)) return;
  const names = [name, deadLetterTopicOf(name), replayTopicOf(name)];
  // one that lived on would take its place in this topic for one in the next
  const readers = (await liveReadersOf(broker, name)).map(
    (group) => `the consumer group ${group} reads it (stop its members)`,
  );
  const since = await db.transaction((tx) => beginTopicDeletion(tx, { name, names, clientId, readers }));
  await deleteInKafka(broker, names);
  await forgetPublished(db, names, since);
  await db.transaction(async (tx) => {
    if (await endTopicDeletion(tx, name, names)) await audit(tx, { deletionId });
  });
}
