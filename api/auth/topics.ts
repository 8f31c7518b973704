import { LootError } from '../../domain/errors.ts';
import { matchesPattern } from '../../domain/event-filter.ts';
import type { Client } from './policy.ts';

/** A topic's name, the beginning of several (`game.*`), or all of them. */
export const topicPatternForm = /^(\*|[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)*(\.\*)?)$/;

type Asking = Pick<Client, 'topics'>;

export const mayPublish = ({ topics }: Asking, topic: string): boolean => covers(topics.publish, topic);
export const mayRead = ({ topics }: Asking, topic: string): boolean => covers(topics.read, topic);

/** An operator's key: it may speak for other clients, too. */
export const isForAllTopics = ({ topics }: Asking): boolean =>
  topics.publish.includes('*') && topics.read.includes('*');

/** Patterns of what it may read, for lists; null: everything. */
export const readableBy = ({ topics }: Asking): readonly string[] | null =>
  topics.read.includes('*') ? null : topics.read;

/** Throws `forbidden`. */
export function assertMayPublish(client: Asking, topic: string): void {
  if (!mayPublish(client, topic))
    throw new LootError('forbidden', `The API key may not publish to ${topic}.`);
}

/** Throws `forbidden`. */
export function assertMayRead(client: Asking, topic: string): void {
  if (!mayRead(client, topic)) throw new LootError('forbidden', `The API key may not read ${topic}.`);
}

/** Which of the patterns reach beyond what the key has itself. */
export const beyondOwn = (own: readonly string[], given: readonly string[]): string[] =>
  given.filter((pattern) => !covers(own, pattern));

/** A pattern is covered by one that matches all it matches: as text, its star is one more character after the prefix. */
const covers = (patterns: readonly string[], name: string): boolean =>
  patterns.some((pattern) => matchesPattern(pattern, name));
