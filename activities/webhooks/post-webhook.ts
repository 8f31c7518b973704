import { UnsafeTarget } from '../../platform/safe-fetch/check-target.ts';
import { safePost } from '../../platform/safe-fetch/safe-post.ts';
import type { PostReply, PostRules } from '../../platform/safe-fetch/safe-post.ts';
import { webhookHeaders } from '../../platform/webhook-signature.ts';
import type { Db } from '../../store/db.ts';
import { validSecretIds, webhookSecret } from '../../store/subscriptions/secrets.ts';
import type { Message } from '../../store/subscriptions/take-delivery.ts';
import type { Subscription } from '../../store/subscriptions/types.ts';

export type Sent = {
  outcome: 'delivered' | 'failed';
  responseCode: number | null;
  error: string | null;
  /** What the receiver asked for. */
  retryAfterMs?: number;
  /** It was not the receiver that failed. */
  isOutage?: boolean;
};

type Deps = { db: Db; rules: PostRules; secretKey: () => Promise<Uint8Array> };

/** One signed request. Whatever goes wrong on the way to the receiver is an outcome; ours are thrown. */
export async function postWebhook(
  { db, rules, secretKey }: Deps,
  { subscriptionId, url, batchEventsMax }: Subscription,
  message: Message,
): Promise<Sent> {
  const key = await secretKey();
  const secrets = (await validSecretIds(db, subscriptionId)).map((id) => webhookSecret(key, id));
  const { body, contentType } = bodyOf(message, batchEventsMax > 1);
  const signed = webhookHeaders(secrets, { id: message.deliveryId, timestampMs: Date.now(), body });
  const headers = { ...signed, 'content-type': contentType, 'user-agent': 'lootledger-webhooks' };
  try {
    return outcomeOf(await safePost(url ?? '', { headers, body }, rules));
  } catch (error) {
    return { outcome: 'failed', responseCode: null, error: reasonOf(error) };
  }
}

/** A subscriber that takes batches always gets an array, also of one. */
function bodyOf({ body, events }: Message, batch: boolean): { body: string; contentType: string } {
  const texts = body === null ? events.map(({ event }) => event ?? 'null') : [body];
  return batch
    ? { body: `[${texts.join(',')}]`, contentType: 'application/cloudevents-batch+json' }
    : { body: texts[0] ?? 'null', contentType: 'application/cloudevents+json' };
}

function outcomeOf({ status, headers }: PostReply): Sent {
  if (status >= 200 && status < 300) return { outcome: 'delivered', responseCode: status, error: null };
  const redirect = status >= 300 && status < 400 ? ', and redirects are not followed' : '';
  const retryAfterMs = status === 429 || status === 503 ? retryAfterOf(headers['retry-after']) : undefined;
  return {
    outcome: 'failed',
    responseCode: status,
    error: `the receiver answered ${status}${redirect}`,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** Seconds, or an HTTP date. */
function retryAfterOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1_000;
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - Date.now());
}

const reasonCharactersMax = 300;

function reasonOf(error: unknown): string {
  if (error instanceof UnsafeTarget) return `the URL is refused: ${error.message}`;
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no reply in time';
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : '';
  return `${code}${error.message}`.slice(0, reasonCharactersMax);
}
