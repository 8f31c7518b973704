/**
 * What is held about a player, kind by kind. `$1` is the player's id, `$2` the cursor of the last row seen (null at first),
 * `$3` how many rows; amounts are text. A table that comes to hold something about players belongs here.
 */
export const exportSections: readonly { type: string; sql: string }[] = [
  {
    type: 'profile',
    sql: single('player_profiles', 'username, created_at AS "createdAt"'),
  },
  {
    type: 'identity',
    sql: `SELECT issuer || chr(10) || subject AS cursor, issuer, subject, created_at AS "createdAt" FROM identities
      WHERE player_id = $1 AND ($2::text IS NULL OR issuer || chr(10) || subject > $2) ORDER BY 1 LIMIT $3`,
  },
  {
    type: 'credential',
    sql: `SELECT kind AS cursor, kind, created_at AS "createdAt" FROM credentials
      WHERE player_id = $1 AND ($2::text IS NULL OR kind > $2) ORDER BY 1 LIMIT $3`,
  },
  {
    type: 'login',
    sql: `SELECT family_id AS cursor, min(created_at) AS "createdAt", max(expires_at) AS "expiresAt", max(revoked_at) AS "revokedAt"
      FROM refresh_tokens WHERE player_id = $1 AND ($2::uuid IS NULL OR family_id > $2) GROUP BY family_id ORDER BY 1 LIMIT $3`,
  },
  {
    type: 'balance',
    // a debt is kept by no counter of its account: it is the sum of its transfers
    sql: `SELECT id AS cursor, asset, purpose, now.balance::text AS balance, now.held::text AS held
      FROM accounts CROSS JOIN LATERAL account_at(id, 9223372036854775807) AS now WHERE holder = 'player:' || $1::uuid AND ($2::bigint IS NULL OR id > $2) ORDER BY 1 LIMIT $3`,
  },
  {
    type: 'transfer',
    sql: `WITH own AS (SELECT id FROM accounts WHERE holder = 'player:' || $1::uuid), mine AS (
        SELECT t.id FROM own JOIN transfers t ON t.debit_account_id = own.id WHERE $2::bigint IS NULL OR t.id > $2
        UNION SELECT t.id FROM own JOIN transfers t ON t.credit_account_id = own.id WHERE $2::bigint IS NULL OR t.id > $2
        ORDER BY 1 LIMIT $3)
      SELECT t.id AS cursor, j.key, j.kind, t.code, t.state, t.asset, t.amount::text AS amount, d.holder AS "from", c.holder AS "to",
        j.reason, j.created_at AS "createdAt"
      FROM mine JOIN transfers t ON t.id = mine.id JOIN journals j ON j.id = t.journal_id
      JOIN accounts d ON d.id = t.debit_account_id JOIN accounts c ON c.id = t.credit_account_id ORDER BY t.id`,
  },
  {
    type: 'item',
    sql: `SELECT id AS cursor, id AS "itemId", kind, attributes, lock FROM items
      WHERE owner = 'player:' || $1::uuid AND ($2::uuid IS NULL OR id > $2) ORDER BY 1 LIMIT $3`,
  },
  {
    type: 'itemMovement',
    sql: `SELECT m.id AS cursor, m.item_id AS "itemId", m.code, m.from_owner AS "from", m.to_owner AS "to", j.key, j.created_at AS "createdAt"
      FROM item_movements m JOIN journals j ON j.id = m.journal_id
      WHERE (m.from_owner = 'player:' || $1::uuid OR m.to_owner = 'player:' || $1::uuid) AND ($2::bigint IS NULL OR m.id > $2)
      ORDER BY 1 LIMIT $3`,
  },
  {
    type: 'mailboxEntry',
    sql: owned(
      'mailbox_entries',
      'id, asset, amount::text AS amount, source, cause, status, expires_at AS "expiresAt", created_at AS "createdAt"',
    ),
  },
  {
    type: 'clawback',
    sql: `SELECT journal_id AS cursor, clawback_id AS "clawbackId", outcome, created_at AS "createdAt" FROM clawback_lines
      WHERE player_id = $1 AND ($2::bigint IS NULL OR journal_id > $2) ORDER BY 1 LIMIT $3`,
  },
  {
    type: 'match',
    sql: `SELECT m.id AS cursor, m.id AS "matchId", m.mode, m.status, s.seat, s.reserved_at AS "joinedAt", m.ended_at AS "endedAt",
        jsonb_path_query_first(m.result, '$.players[*] ? (@.playerId == $id)', jsonb_build_object('id', $1::uuid::text)) AS result
      FROM seats s JOIN matches m ON m.id = s.match_id
      WHERE s.player_id = $1 AND ($2::uuid IS NULL OR m.id > $2) ORDER BY 1 LIMIT $3`,
  },
  {
    type: 'sealedAction',
    sql: `SELECT sequence AS cursor, match_id AS "matchId", action_key AS "actionKey", action, status, tick, created_at AS "createdAt"
      FROM sealed_actions WHERE player_id = $1 AND ($2::bigint IS NULL OR sequence > $2) ORDER BY 1 LIMIT $3`,
  },
  {
    type: 'listing',
    sql: owned(
      'listings',
      'id, item_id AS "itemId", kind, asset, price::text AS price, status, created_at AS "createdAt"',
      'seller_id',
    ),
  },
  {
    type: 'trade',
    sql: `SELECT id AS cursor, id, CASE WHEN buyer_id = $1 THEN 'buyer' ELSE 'seller' END AS role, item_id AS "itemId", kind, asset,
        price::text AS price, fee::text AS fee, state, failure_code AS "failureCode", created_at AS "createdAt"
      FROM trades WHERE (buyer_id = $1 OR seller_id = $1) AND ($2::uuid IS NULL OR id > $2) ORDER BY 1 LIMIT $3`,
  },
  { type: 'loadout', sql: single('loadouts', 'weapon_item_id AS "weaponItemId", updated_at AS "updatedAt"') },
  { type: 'streak', sql: single('player_streaks', 'days, last_day AS "lastDay"') },
  {
    type: 'pityCounter',
    sql: `SELECT table_code AS cursor, table_code AS "table", misses FROM pity_counters
      WHERE player_id = $1 AND ($2::text IS NULL OR table_code > $2) ORDER BY 1 LIMIT $3`,
  },
  {
    type: 'leaderboardScore',
    sql: `SELECT leaderboard AS cursor, leaderboard, score::text AS score FROM leaderboard_scores
      WHERE player_id = $1 AND ($2::text IS NULL OR leaderboard > $2) ORDER BY 1 LIMIT $3`,
  },
  {
    type: 'notification',
    sql: owned(
      'notifications',
      'id, type, data, acknowledged_at AS "acknowledgedAt", created_at AS "createdAt"',
    ),
  },
  {
    type: 'auditEntry',
    sql: `SELECT id AS cursor, actor, action, target, detail, created_at AS "createdAt" FROM audit_entries
      WHERE (actor = 'player:' || $1::uuid OR target IN ('player:' || $1::uuid, $1::uuid::text))
        AND ($2::uuid IS NULL OR id > $2) ORDER BY 1 LIMIT $3`,
  },
];

function owned(table: string, columns: string, owner = 'player_id'): string {
  return `SELECT id AS cursor, ${columns} FROM ${table} WHERE ${owner} = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY 1 LIMIT $3`;
}

function single(table: string, columns: string): string {
  return `SELECT '' AS cursor, ${columns} FROM ${table} WHERE player_id = $1 AND $2::text IS NULL LIMIT $3`;
}
