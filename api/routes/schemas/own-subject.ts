import { topicOf } from '../../../domain/events.ts';
import { LootError } from '../../../domain/errors.ts';
import { subjectOf } from '../../../events/codec/registry.ts';
import { findTopic } from '../../../events/catalogue/topics.ts';
import type { Queryable } from '../../../store/db.ts';
import { findOwnTopic } from '../../../store/own-topics/reads.ts';
import { registryError } from '../../registry-dialect.ts';

const word = '[a-z][a-z0-9]*(?:-[a-z0-9]+)*';
/** `{domain}.{entity}.{action}.v{n}` */
export const typeForm = new RegExp(`^${word}\\.${word}\\.${word}\\.v[1-9]\\d{0,3}$`);

/**
 * Others register types of their own topics only, under the subject that our codec looks for: `<topic>-<type>`. Ours come with
 * the build. Throws `validation_failed` or `forbidden`.
 */
export async function assertOwnSubject(db: Queryable, clientId: string, subject: string): Promise<void> {
  const type = typeOfSubject(subject);
  if (type === undefined)
    throw registryError(
      'validation_failed',
      'invalidSubject',
      'A subject is <topic>-<type>, its type {domain}.{entity}.{action}.v{n}.',
    );
  const topic = topicOf(type);
  if (findTopic(topic) !== undefined)
    throw new LootError('forbidden', `The types of ${topic} come with Lootledger.`);
  const own = await findOwnTopic(db, topic);
  if (own?.ownerClientId !== clientId)
    throw new LootError('forbidden', `${topic} is no topic of yours: create it first (POST /v1/topics).`);
}

function typeOfSubject(subject: string): string | undefined {
  // a subject is twice as long as its topic, and a bit: the type is what stands after the first hyphen that fits
  for (let at = subject.indexOf('-'); at !== -1; at = subject.indexOf('-', at + 1)) {
    const type = subject.slice(at + 1);
    if (typeForm.test(type) && subjectOf(type) === subject) return type;
  }
  return undefined;
}
