import { isFull } from './scope.ts';
import type { SqlRule } from './rules.ts';

/** `$n` milliseconds. */
const ms = (parameter: string) => `${parameter} * interval '1 millisecond'`;

/** What ended so long ago has been looked at often enough, unless it is everything that is looked at. */
const recently = `interval '3 days' + ${ms('$3')}`;

/** What a grant may wait for: a valve to open, a daily cap to start anew. */
const patience = `CASE WHEN EXISTS (SELECT 1 FROM valves) OR EXISTS (SELECT 1 FROM assets WHERE frozen)
  OR EXISTS (SELECT 1 FROM flow_caps WHERE side = 'source') THEN interval '26 hours' ELSE interval '0' END`;

/**
 * Whether the story is open that an item's lock names. It is found by its primary key: hence the cast, and a subquery that
 * cannot be turned into a look at all stories.
 */
const isLockOf = (type: string, table: string, isOpen: string): string => {
  const id = `substr(i.lock, ${type.length + 2})`;
  const named = `CASE WHEN i.lock LIKE '${type}:%' AND pg_input_is_valid(${id}, 'uuid') THEN ${id}::uuid END`;
  return `coalesce((SELECT s.${isOpen} FROM ${table} s WHERE s.id = ${named}), false)`;
};

/** Of an item `i` that is locked: whether the story that its lock names is still open. */
export const lockIsOwned = `
  ${isLockOf('listing', 'listings', "status IN ('open', 'in_trade')")}
  OR ${isLockOf('trade', 'trades', "state NOT IN ('completed', 'failed')")}
  OR ${isLockOf('match', 'matches', "status IN ('lobby', 'starting', 'running')")}`;

export const storyRules: readonly SqlRule[] = [
  {
    name: 'plans_paid',
    title: 'P3 every plan of every finished match is paid or withheld',
    holds: 'every non-empty plan has its one journal or a rejection',
    violations: `
      SELECT 'match ' || m.id || ' player ' || (p.plan ->> 'playerId') AS subject,
        'ended ' || coalesce(m.ended_at::text, 'some time ago') || ', not paid, not withheld' AS detail, m.ended_at AS since
      FROM matches m CROSS JOIN LATERAL jsonb_array_elements(m.plans) AS p(plan)
      WHERE m.status = 'finished' AND m.reward_status IS DISTINCT FROM 'withheld' AND jsonb_typeof(m.plans) = 'array'
        AND (p.plan -> 'lines' <> '[]'::jsonb OR p.plan -> 'items' <> '[]'::jsonb)
        AND (${isFull} OR (m.reward_status IS NULL AND m.ended_at > now() - (${recently})))
        AND ($2::bigint = 0 OR m.ended_at < now() - ${ms('$2')} - ${patience}
          - CASE WHEN m.review_required THEN ${ms('$3')} ELSE interval '0' END)
        AND NOT EXISTS (SELECT 1 FROM journals j WHERE j.key = 'grant:match:' || m.id || ':' || (p.plan ->> 'playerId') AND j.kind = 'grant')
        AND NOT EXISTS (SELECT 1 FROM verdicts v WHERE v.subject = 'match:' || m.id AND v.decision = 'rejected')`,
  },
  {
    name: 'keys_once',
    title: 'P3 a business key has one journal',
    holds: 'no key was posted twice',
    violations: `
      SELECT 'key ' || j.key AS subject, 'journals ' || string_agg(other.id::text, ', ' ORDER BY other.id) AS detail,
        max(other.created_at) AS since
      FROM journals j JOIN journals other ON other.key = j.key
      WHERE j.id > $1 GROUP BY j.id, j.key HAVING count(*) > 1 AND j.id = max(other.id)`,
  },
  {
    name: 'trades_settled',
    title: 'P4 a trade settles once or is undone entirely',
    holds: 'completed trades have their settlement, failed ones none',
    violations: `
      SELECT 'trade ' || t.id AS subject, 'it is ' || t.state || ' and ' ||
        CASE WHEN j.id IS NULL THEN 'was never settled' ELSE 'was settled by journal ' || j.id END AS detail, t.ended_at AS since
      FROM trades t LEFT JOIN journals j ON j.key = 'trade:' || t.id || ':settle' AND j.kind <> 'tombstone'
      WHERE (${isFull} OR t.ended_at > now() - (${recently}))
        AND ((t.state = 'completed' AND j.id IS NULL) OR (t.state <> 'completed' AND j.id IS NOT NULL))`,
  },
  {
    name: 'item_custody',
    title: 'P4 an item is where its last movement left it',
    holds: 'owner, lock and attributes of every item agree with its chain of custody',
    violations: `
      WITH touched AS MATERIALIZED (
        SELECT item_id AS id FROM item_movements WHERE journal_id > $1 UNION SELECT id FROM items WHERE ${isFull}
      )
      SELECT 'item ' || x.id AS subject,
        CASE WHEN i.id IS NULL THEN 'it has movements and no row'
          WHEN last.to_owner IS DISTINCT FROM i.owner THEN 'owner ' || i.owner || ', moved to ' || coalesce(last.to_owner, 'nobody')
          WHEN last.lock_after IS DISTINCT FROM i.lock THEN 'lock ' || coalesce(i.lock, 'none') || ', left with ' || coalesce(last.lock_after, 'none')
          WHEN broken.id IS NOT NULL THEN 'movement ' || broken.id || ' begins where the one before it did not end'
          ELSE 'its attributes are not those it was left with' END AS detail,
        NULL::timestamptz AS since
      FROM touched x LEFT JOIN items i ON i.id = x.id
      LEFT JOIN LATERAL (
        SELECT m.to_owner, m.lock_after FROM item_movements m WHERE m.item_id = x.id ORDER BY m.id DESC LIMIT 1
      ) last ON true
      LEFT JOIN LATERAL (
        SELECT coalesce(m.attributes, (SELECT c.attributes FROM catalog_kinds c WHERE c.code = i.kind AND c.version = i.kind_version)) AS attributes
        FROM item_movements m WHERE m.item_id = x.id AND m.code IN ('mint', 'modify') ORDER BY m.id DESC LIMIT 1
      ) made ON true
      LEFT JOIN LATERAL (
        SELECT chain.id FROM (
          SELECT m.id, m.code, m.from_owner, m.lock_before, lag(m.to_owner) OVER w AS owner_before, lag(m.lock_after) OVER w AS lock_was
          FROM item_movements m WHERE m.item_id = x.id WINDOW w AS (ORDER BY m.id)
        ) chain WHERE chain.code <> 'mint' AND (chain.from_owner, chain.lock_before) IS DISTINCT FROM (chain.owner_before, chain.lock_was)
        ORDER BY chain.id LIMIT 1
      ) broken ON true
      WHERE i.id IS NULL OR (last.to_owner, last.lock_after) IS DISTINCT FROM (i.owner, i.lock)
        OR broken.id IS NOT NULL OR made.attributes IS DISTINCT FROM i.attributes`,
  },
  {
    name: 'locks_owned',
    title: 'P4 no lock without a live story',
    holds: 'every locked item is listed, in a trade or in a match',
    violations: `
      WITH touched AS MATERIALIZED (
        SELECT item_id AS id FROM item_movements WHERE journal_id > $1
        UNION SELECT item_id FROM trades WHERE ended_at > now() - (${recently})
        -- one that ended lately was to end then or later
        UNION SELECT item_id FROM listings
          WHERE status IN ('cancelled', 'expired') AND expires_at > now() - (${recently})
        UNION SELECT s.weapon_item_id FROM seats s JOIN matches m ON m.id = s.match_id
          WHERE m.ended_at > now() - (${recently}) AND s.weapon_item_id IS NOT NULL
        UNION SELECT id FROM items WHERE ${isFull} AND lock IS NOT NULL
      )
      SELECT 'item ' || i.id AS subject, 'locked by ' || i.lock AS detail, NULL::timestamptz AS since
      FROM items i JOIN touched x ON x.id = i.id WHERE i.lock IS NOT NULL AND NOT (${lockIsOwned})`,
  },
  {
    name: 'holds_owned',
    title: 'P4 no hold without a live story',
    holds: 'open holds belong to open stories, and none is long past its expiry',
    violations: `
      SELECT 'hold ' || t.id AS subject, h.why || ': ' || j.key AS detail, j.created_at AS since
      FROM transfers t JOIN journals j ON j.id = t.journal_id
      LEFT JOIN trades x ON j.kind = 'trade_hold' AND x.id::text = split_part(j.key, ':', 2)
      LEFT JOIN matches m ON j.kind = 'seal_hold' AND m.id::text = split_part(j.key, ':', 2)
      CROSS JOIN LATERAL (SELECT CASE
        WHEN j.kind = 'trade_hold' AND (x.id IS NULL OR x.state IN ('completed', 'failed')) THEN 'its trade is over'
        WHEN j.kind = 'seal_hold' AND (m.id IS NULL OR m.status IN ('finished', 'cancelled', 'voided')) THEN 'its match is over'
        WHEN x.id IS NULL AND t.expires_at < now() - ${ms('$4')} THEN 'it has expired and nobody gave it back'
      END AS why) h
      WHERE t.state = 'pending' AND h.why IS NOT NULL AND (${isFull} OR t.expires_at > now() - (${recently}))
        AND NOT EXISTS (SELECT 1 FROM transfers r WHERE r.pending_id = t.id)`,
  },
];
