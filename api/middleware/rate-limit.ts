import { LootError } from '../../domain/errors.ts';
import type { Client, Principal } from '../auth/policy.ts';
import { principalName } from '../auth/policy.ts';

/** What a route counts as. Players outside matches write 60 times a minute; actions in a match have a class of their own. */
export type LimitClass = 'read' | 'write' | 'action' | 'auth' | 'publish' | 'none';

type Limit = { name: string; count: number; windowMs: number };

const perPlayer: Record<Exclude<LimitClass, 'none'>, Limit> = {
  read: { name: 'read', count: 1_200, windowMs: 60_000 },
  write: { name: 'write', count: 60, windowMs: 60_000 },
  action: { name: 'action', count: 20, windowMs: 1_000 },
  auth: { name: 'auth', count: 60, windowMs: 60_000 },
  publish: { name: 'publish', count: 60, windowMs: 60_000 },
};
/** Game servers speak for all their players. */
const perClient: Limit = { name: 'client', count: 2_000, windowMs: 1_000 };
/** An address may hide many players behind one router. */
const perAddress: Limit = { name: 'address', count: 3_000, windowMs: 60_000 };
/** A game server publishes from one address whatever all its players do. */
const perAddressPublish: Limit = { name: 'address-publish', count: 120_000, windowMs: 60_000 };
export const eventsPerSecondDefault = 5_000;
const perAddressAuth: Limit = { name: 'address-auth', count: 120, windowMs: 60_000 };

type Bucket = { tokens: number; atMs: number; limit: Limit };

/** What is left of the limit that was used up most, for the `RateLimit` header. */
export type Allowance = { limit: Limit; remaining: number; resetMs: number };

export type RateLimiter = {
  /** Takes one token, or throws `rate_limited`. */
  address(address: string, limit: LimitClass): Allowance | undefined;
  principal(principal: Principal | undefined, limit: LimitClass): Allowance | undefined;
  /**
   * Takes a token per event from the key's own bucket, or throws `rate_limited`. Whoever has any left may send a whole batch;
   * what is beyond is owed by the next.
   */
  events(client: Pick<Client, 'keyId' | 'publishPerSecond'>, count: number): void;
};

const bucketCountMax = 100_000;

/** Token buckets in memory: each process counts for itself, so `n` processes allow up to `n` times as much. */
export function createRateLimiter(options: { nowMs: () => number; percent: number }): RateLimiter {
  const buckets = new Map<string, Bucket>();

  function take(key: string, base: Limit, takenCount = 1): Allowance {
    const limit = { ...base, count: Math.max(1, Math.floor((base.count * options.percent) / 100)) };
    const nowMs = options.nowMs();
    const bucket = buckets.get(key) ?? { tokens: limit.count, atMs: nowMs, limit };
    const perMs = limit.count / limit.windowMs;
    bucket.tokens = Math.min(limit.count, bucket.tokens + Math.max(0, nowMs - bucket.atMs) * perMs);
    bucket.atMs = nowMs;
    // Reinsertion keeps the map in order of last use, so the first entries are the idlest.
    buckets.delete(key);
    buckets.set(key, bucket);
    if (buckets.size > bucketCountMax) dropIdlest();
    if (bucket.tokens < 1) {
      const retryAfterMs = Math.ceil((1 - bucket.tokens) / perMs);
      throw new LootError(
        'rate_limited',
        `At most ${limit.count} of these per ${limit.windowMs / 1_000} s.`,
        { retryAfterMs },
      );
    }
    bucket.tokens -= takenCount;
    return {
      limit,
      remaining: Math.max(0, Math.floor(bucket.tokens)),
      resetMs: Math.ceil((limit.count - bucket.tokens) / perMs),
    };
  }

  function dropIdlest(): void {
    for (const key of buckets.keys()) {
      if (buckets.size <= bucketCountMax * 0.9) return;
      buckets.delete(key);
    }
  }

  const off = options.percent === 0;
  return {
    address(address, limit) {
      if (off || limit === 'none') return undefined;
      if (limit === 'auth') take(`auth ${address}`, perAddressAuth);
      return limit === 'publish'
        ? take(`publish ${address}`, perAddressPublish)
        : take(`address ${address}`, perAddress);
    },
    principal(principal, limit) {
      if (off || limit === 'none' || principal === undefined) return undefined;
      const name = principalName(principal);
      return principal.type === 'client' ? take(name, perClient) : take(`${name} ${limit}`, perPlayer[limit]);
    },
    events({ keyId, publishPerSecond }, count) {
      if (off) return;
      const perSecond = publishPerSecond ?? eventsPerSecondDefault;
      take(`events ${keyId}`, { name: 'events', count: perSecond, windowMs: 1_000 }, count);
    },
  };
}

/** The IETF draft's two fields. */
export const rateLimitHeaders = ({ limit, remaining, resetMs }: Allowance): Record<string, string> => ({
  'ratelimit-policy': `"${limit.name}";q=${limit.count};w=${Math.ceil(limit.windowMs / 1_000)}`,
  ratelimit: `"${limit.name}";r=${remaining};t=${Math.ceil(resetMs / 1_000)}`,
});
