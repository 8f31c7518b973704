import type { z } from '@hono/zod-openapi';
import { LootError } from '../../../domain/errors.ts';
import { matchesPattern } from '../../../domain/event-filter.ts';
import { subscribableTopics } from '../../../events/catalogue/subscribable.ts';
import { UnsafeTarget } from '../../../platform/safe-fetch/check-target.ts';
import { assertSafeUrl } from '../../../platform/safe-fetch/safe-post.ts';
import { findOwnTopic } from '../../../store/own-topics/reads.ts';
import type { SubscriptionMethod, SubscriptionSettings } from '../../../store/subscriptions/types.ts';
import type { Client } from '../../auth/policy.ts';
import { assertMayPublish, assertMayRead } from '../../auth/topics.ts';
import type { Services } from '../../deps.ts';
import type { SubscriptionChange } from './schema.ts';

type Asked = z.output<typeof SubscriptionChange>;

/** `topics` are what the pattern matches today. */
export type CheckedSettings = { settings: SubscriptionSettings; topics: string[] };

const resolveDeadlineMs = 3_000;

/**
 * What a schema cannot see: whether the topics exist and may be read, whether the receiver may be called. Both are looked at
 * again with every event. Throws `validation_failed`, `forbidden`.
 */
export async function checkSettings(
  deps: Services,
  principal: Client,
  method: SubscriptionMethod,
  asked: Asked,
): Promise<CheckedSettings> {
  const { maxRetries, batching, ...same } = asked;
  const names = await subscribableTopics(deps.db);
  const topics = names.filter((topic) => matchesPattern(asked.topicPattern, topic));
  if (topics.length === 0) throw invalid('/topicPattern', 'it matches no topic');
  for (const topic of topics) assertMayRead(principal, topic);
  await checkReceiver(deps, principal, method, asked);
  const filter = Object.fromEntries(Object.entries(asked.filter).filter(([, value]) => value !== undefined));
  return {
    topics,
    settings: {
      ...same,
      filter,
      url: asked.url ?? null,
      targetTopic: asked.targetTopic ?? null,
      retryCountMax: maxRetries,
      batchEventsMax: batching.maxEvents,
      batchWaitMsMax: batching.maxWaitMs,
    },
  };
}

async function checkReceiver(
  deps: Services,
  principal: Client,
  method: SubscriptionMethod,
  { url, targetTopic, topicPattern }: Asked,
): Promise<void> {
  if (method !== 'webhook' && url !== undefined) throw invalid('/url', 'only a webhook has one');
  if (method !== 'kafka' && targetTopic !== undefined)
    throw invalid('/targetTopic', 'only method kafka has one');
  if (method === 'webhook') await checkUrl(deps, url);
  if (method === 'kafka') await checkTopic(deps, principal, targetTopic, topicPattern);
}

async function checkUrl({ config }: Services, url: string | undefined): Promise<void> {
  if (url === undefined) throw invalid('/url', 'a webhook needs one');
  try {
    await assertSafeUrl(url, {
      allowedHosts: config.WEBHOOK_ALLOWED_HOSTS,
      deadlineMs: resolveDeadlineMs,
    });
  } catch (error) {
    if (error instanceof UnsafeTarget) throw invalid('/url', error.message);
    throw error;
  }
}

async function checkTopic(
  { db }: Services,
  principal: Client,
  targetTopic: string | undefined,
  topicPattern: string,
): Promise<void> {
  if (targetTopic === undefined) throw invalid('/targetTopic', 'method kafka needs one');
  const own = await findOwnTopic(db, targetTopic);
  if (own === undefined || own.ownerClientId !== principal.clientId)
    throw invalid('/targetTopic', 'it must be a topic of your own; make it with POST /v1/topics');
  assertMayPublish(principal, targetTopic);
  if (matchesPattern(topicPattern, targetTopic))
    throw invalid('/targetTopic', 'what is copied there would be copied again');
}

export const invalid = (pointer: string, detail: string): LootError =>
  new LootError('validation_failed', 'The request does not match its schema; see errors.', {
    errors: [{ pointer, detail }],
  });
