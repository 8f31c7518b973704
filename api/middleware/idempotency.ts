import { createHash } from 'node:crypto';
import { canonicalBytes } from '../../domain/canonical-json.ts';
import { LootError } from '../../domain/errors.ts';
import type { StoredReply } from '../../store/idempotency/claim-key.ts';
import { claimKey } from '../../store/idempotency/claim-key.ts';
import { releaseKey } from '../../store/idempotency/release-key.ts';
import { replaceReply } from '../../store/idempotency/replace-reply.ts';
import { storeReply } from '../../store/idempotency/store-reply.ts';
import type { Services } from '../deps.ts';
import type { Reply } from '../http.ts';

/** `Idempotency-Key`, or its old name. Throws `idempotency_key_missing`, `idempotency_key_invalid`. */
export function readIdempotencyKey(headers: Headers): string {
  const key = headers.get('idempotency-key') ?? headers.get('x-idempotency-key');
  if (key === null)
    throw new LootError(
      'idempotency_key_missing',
      'Send an Idempotency-Key header, and the same one when you retry.',
    );
  if (!/^[\x20-\x7e]{1,255}$/.test(key))
    throw new LootError('idempotency_key_invalid', 'Use 1 to 255 printable ASCII characters.');
  return key;
}

/** Equal requests have equal hashes, however their JSON is written. */
export const hashBody = (request: unknown): string =>
  createHash('sha256').update(canonicalBytes(request)).digest('hex');

/** What answers a replay when the stored reply does not: a 202's present state, a secret made again from the same ids. */
export type Replays = { pending?: (() => Promise<Reply>) | undefined; secret?: () => Promise<Reply> };

export type Claimed = { scope: string; key: string; bodyHash: string };

/**
 * Runs a mutation once per key. What it returns is stored and answered again; what it throws frees the key. After a crash
 * the next request with the key takes the claim over and, its ids being derived, meets what the first one did.
 * Throws `idempotency_mismatch`, `request_in_flight`, and whatever `run` throws.
 */
export async function oncePerKey(
  services: Pick<Services, 'db' | 'log' | 'metrics'>,
  claimed: Claimed,
  run: () => Promise<Reply>,
  replays: Replays,
): Promise<Reply & { replayed: boolean }> {
  const claim = await claimKey(services.db, claimed);
  switch (claim.state) {
    case 'mismatch':
      throw new LootError(
        'idempotency_mismatch',
        'This Idempotency-Key was used with another body; use a new one.',
      );
    case 'in_flight':
      throw new LootError('request_in_flight', 'The first request with this key is still being handled.', {
        retryAfterMs: Math.min(claim.leaseMs, 1_000),
      });
    case 'stored':
      services.metrics.idempotencyHits.inc({ layer: 'http' });
      return { ...(await replay(services, claimed, claim.reply, replays)), replayed: true };
    case 'claimed':
      return {
        ...(await runClaimed(
          services,
          { ...claimed, lease: claim.lease },
          run,
          replays.secret !== undefined,
        )),
        replayed: false,
      };
  }
}

async function runClaimed(
  services: Pick<Services, 'db' | 'log'>,
  claim: Claimed & { lease: string },
  run: () => Promise<Reply>,
  isSecret: boolean,
): Promise<Reply> {
  let reply: Reply;
  try {
    reply = await run();
  } catch (error) {
    await releaseKey(services.db, claim).catch((cause: unknown) =>
      services.log.warn({ err: cause }, 'an idempotency key keeps its lease'),
    );
    throw error;
  }
  // The effect is committed: failing to remember the reply must not deny it. A retry finds the effect by its derived ids.
  await storeReply(services.db, claim, toStored(isSecret ? { status: reply.status } : reply)).catch(
    (cause: unknown) => services.log.warn({ err: cause }, 'a reply was not stored'),
  );
  return reply;
}

async function replay(
  services: Pick<Services, 'db'>,
  claim: Claimed,
  stored: StoredReply,
  { pending, secret }: Replays,
): Promise<Reply> {
  if (secret !== undefined) return secret();
  if (stored.status !== 202 || pending === undefined) return fromStored(stored);
  const reply = await pending();
  if (reply.status !== 202) await replaceReply(services.db, claim, toStored(reply));
  return reply;
}

const toStored = (reply: Reply): StoredReply => ({
  status: reply.status,
  headers: reply.headers ?? {},
  body: reply.body === undefined ? '' : JSON.stringify(reply.body),
});

const fromStored = (stored: StoredReply): Reply => ({
  status: stored.status,
  headers: stored.headers,
  ...(stored.body !== '' && { body: JSON.parse(stored.body) as unknown }),
});
