-- The role every process works as (connections say `role=lootledger_app`). It owns nothing, so what the grants below
-- take away it cannot do. Roles belong to the cluster: another database may have created it already.
DO $$ BEGIN
  CREATE ROLE lootledger_app NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$ BEGIN
  EXECUTE format('GRANT lootledger_app TO %I', current_user);
EXCEPTION WHEN unique_violation OR duplicate_object THEN NULL;
END $$;
GRANT USAGE ON SCHEMA "public" TO lootledger_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA "public" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO lootledger_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA "public" GRANT USAGE, SELECT ON SEQUENCES TO lootledger_app;

-- CreateTable
CREATE TABLE "deployment" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "name" TEXT NOT NULL,
    "ledger_epoch" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "deployment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "players" (
    "id" UUID NOT NULL,
    "frozen_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "players_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "identities" (
    "issuer" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "player_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "identities_pkey" PRIMARY KEY ("issuer","subject")
);

-- CreateTable
CREATE TABLE "player_profiles" (
    "player_id" UUID NOT NULL,
    "username" TEXT NOT NULL,
    "username_key" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "player_profiles_pkey" PRIMARY KEY ("player_id")
);

-- CreateTable
CREATE TABLE "credentials" (
    "player_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "credentials_pkey" PRIMARY KEY ("player_id","kind")
);

-- CreateTable
CREATE TABLE "refresh_tokens" (
    "hash" TEXT NOT NULL,
    "family_id" UUID NOT NULL,
    "player_id" UUID NOT NULL,
    "used_at" TIMESTAMPTZ(6),
    "revoked_at" TIMESTAMPTZ(6),
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "refresh_tokens_pkey" PRIMARY KEY ("hash")
);

-- CreateTable
CREATE TABLE "signing_keys" (
    "kid" TEXT NOT NULL,
    "algorithm" TEXT NOT NULL,
    "public_jwk" JSONB NOT NULL,
    "private_jwk" JSONB NOT NULL,
    "retired_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "signing_keys_pkey" PRIMARY KEY ("kid")
);

-- CreateTable
CREATE TABLE "api_keys" (
    "id" UUID NOT NULL,
    "client_id" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "scopes" TEXT[],
    "revoked_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "scope" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "body_hash" TEXT NOT NULL,
    "lease_until" TIMESTAMPTZ(6),
    "status" INTEGER,
    "headers" JSONB,
    "body" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("scope","key")
);

-- CreateTable
CREATE TABLE "economy_versions" (
    "version" INTEGER NOT NULL,
    "hash" TEXT NOT NULL,
    "content" JSONB NOT NULL,
    "applied_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "economy_versions_pkey" PRIMARY KEY ("version")
);

-- CreateTable
CREATE TABLE "assets" (
    "code" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "frozen" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "assets_pkey" PRIMARY KEY ("code")
);

-- CreateTable
CREATE TABLE "catalog_kinds" (
    "code" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "attributes" JSONB NOT NULL,
    "frozen" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "catalog_kinds_pkey" PRIMARY KEY ("code","version")
);

-- CreateTable
CREATE TABLE "drop_tables" (
    "code" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "hash" TEXT NOT NULL,
    "entries" JSONB NOT NULL,

    CONSTRAINT "drop_tables_pkey" PRIMARY KEY ("code","version")
);

-- CreateTable
CREATE TABLE "valves" (
    "scope" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "closed_by" TEXT NOT NULL,
    "closed_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "valves_pkey" PRIMARY KEY ("scope","id")
);

-- CreateTable
CREATE TABLE "accounts" (
    "id" BIGSERIAL NOT NULL,
    "holder" TEXT NOT NULL,
    "asset" TEXT NOT NULL,
    "purpose" TEXT NOT NULL,
    "live" BOOLEAN NOT NULL,
    "debits_pending" BIGINT NOT NULL DEFAULT 0,
    "debits_posted" BIGINT NOT NULL DEFAULT 0,
    "credits_pending" BIGINT NOT NULL DEFAULT 0,
    "credits_posted" BIGINT NOT NULL DEFAULT 0,
    "folded_journal_id" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "accounts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "journals" (
    "id" BIGSERIAL NOT NULL,
    "key" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "body_hash" BYTEA NOT NULL,
    "actor" TEXT NOT NULL,
    "workflow_id" TEXT,
    "step" TEXT,
    "request_id" TEXT,
    "trace_id" TEXT,
    "reason" TEXT,
    "pinned" JSONB,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "journals_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "transfers" (
    "id" BIGSERIAL NOT NULL,
    "journal_id" BIGINT NOT NULL,
    "index" SMALLINT NOT NULL,
    "debit_account_id" BIGINT NOT NULL,
    "credit_account_id" BIGINT NOT NULL,
    "asset" TEXT NOT NULL,
    "amount" BIGINT NOT NULL,
    "state" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "pending_id" BIGINT,
    "expires_at" TIMESTAMPTZ(6),

    CONSTRAINT "transfers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "items" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "kind_version" INTEGER NOT NULL,
    "attributes" JSONB NOT NULL,
    "owner" TEXT NOT NULL,
    "lock" TEXT,
    "minted_by" BIGINT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "items_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "item_movements" (
    "id" BIGSERIAL NOT NULL,
    "journal_id" BIGINT NOT NULL,
    "index" SMALLINT NOT NULL,
    "item_id" UUID NOT NULL,
    "from_owner" TEXT,
    "to_owner" TEXT,
    "lock_before" TEXT,
    "lock_after" TEXT,
    "attributes" JSONB,
    "code" TEXT NOT NULL,

    CONSTRAINT "item_movements_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "findings" (
    "id" BIGSERIAL NOT NULL,
    "rule" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "detail" JSONB NOT NULL,
    "closed_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "findings_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "verdicts" (
    "subject" TEXT NOT NULL,
    "decision" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "verdicts_pkey" PRIMARY KEY ("subject")
);

-- CreateTable
CREATE TABLE "matches" (
    "id" UUID NOT NULL,
    "mode" TEXT NOT NULL,
    "region" TEXT NOT NULL,
    "join_code" TEXT,
    "status" TEXT NOT NULL DEFAULT 'lobby',
    "config" JSONB NOT NULL,
    "lobby_ends_at" TIMESTAMPTZ(6),
    "economy_version" INTEGER NOT NULL,
    "seed" BYTEA,
    "seed_hash" TEXT,
    "fence" INTEGER NOT NULL DEFAULT 0,
    "host_id" UUID,
    "loss_count" INTEGER NOT NULL DEFAULT 0,
    "client_id" TEXT,
    "external_id" TEXT,
    "result" JSONB,
    "plans" JSONB,
    "review_required" BOOLEAN NOT NULL DEFAULT false,
    "started_at" TIMESTAMPTZ(6),
    "ended_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "matches_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "seats" (
    "match_id" UUID NOT NULL,
    "player_id" UUID NOT NULL,
    "active_player_id" UUID,
    "seat" SMALLINT,
    "weapon_item_id" UUID,
    "weapon_bonus" SMALLINT NOT NULL DEFAULT 0,
    "confirmed_at" TIMESTAMPTZ(6),
    "reserved_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "seats_pkey" PRIMARY KEY ("match_id","player_id")
);

-- CreateTable
CREATE TABLE "tick_log" (
    "match_id" UUID NOT NULL,
    "tick" INTEGER NOT NULL,
    "fence" INTEGER NOT NULL,
    "inputs" JSONB NOT NULL,
    "state_hash" BYTEA NOT NULL,
    "snapshot" JSONB,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "tick_log_pkey" PRIMARY KEY ("match_id","tick")
);

-- CreateTable
CREATE TABLE "sealed_actions" (
    "match_id" UUID NOT NULL,
    "player_id" UUID NOT NULL,
    "action_key" TEXT NOT NULL,
    "body_hash" TEXT NOT NULL,
    "action" JSONB NOT NULL,
    "sequence" BIGSERIAL NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'held',
    "tick" INTEGER,
    "outcome" JSONB,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "sealed_actions_pkey" PRIMARY KEY ("match_id","player_id","action_key")
);

-- CreateTable
CREATE TABLE "match_hosts" (
    "id" UUID NOT NULL,
    "public_url" TEXT NOT NULL,
    "internal_url" TEXT NOT NULL,
    "capacity" INTEGER NOT NULL,
    "draining" BOOLEAN NOT NULL DEFAULT false,
    "lease_until" TIMESTAMPTZ(6) NOT NULL,
    "started_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "match_hosts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tickets" (
    "hash" TEXT NOT NULL,
    "match_id" UUID NOT NULL,
    "player_id" UUID NOT NULL,
    "used_at" TIMESTAMPTZ(6),
    "expires_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "tickets_pkey" PRIMARY KEY ("hash")
);

-- CreateTable
CREATE TABLE "loadouts" (
    "player_id" UUID NOT NULL,
    "weapon_item_id" UUID,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "loadouts_pkey" PRIMARY KEY ("player_id")
);

-- CreateTable
CREATE TABLE "listings" (
    "id" UUID NOT NULL,
    "seller_id" UUID NOT NULL,
    "item_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "asset" TEXT NOT NULL,
    "price" BIGINT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'open',
    "trade_id" UUID,
    "version" INTEGER NOT NULL DEFAULT 1,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "listings_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "trades" (
    "id" UUID NOT NULL,
    "listing_id" UUID NOT NULL,
    "buyer_id" UUID NOT NULL,
    "seller_id" UUID NOT NULL,
    "item_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "asset" TEXT NOT NULL,
    "price" BIGINT NOT NULL,
    "fee" BIGINT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'initiated',
    "failure_code" TEXT,
    "review_required" BOOLEAN NOT NULL DEFAULT false,
    "ended_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "trades_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "leaderboard_scores" (
    "leaderboard" TEXT NOT NULL,
    "player_id" UUID NOT NULL,
    "score" BIGINT NOT NULL,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "leaderboard_scores_pkey" PRIMARY KEY ("leaderboard","player_id")
);

-- CreateTable
CREATE TABLE "notifications" (
    "id" UUID NOT NULL,
    "player_id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "data" JSONB NOT NULL,
    "acknowledged_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "notifications_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event_sequences" (
    "topic" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "sequence" BIGINT NOT NULL,

    CONSTRAINT "event_sequences_pkey" PRIMARY KEY ("topic","key")
);

-- CreateTable
CREATE TABLE "outbox" (
    "shard" SMALLINT NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "topic" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "key" TEXT,
    "raw_key" BYTEA,
    "subject" TEXT,
    "sequence" BIGINT,
    "data" JSONB,
    "value" BYTEA,
    "headers" JSONB NOT NULL DEFAULT '{}',
    "error" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("shard","seq")
);

-- CreateTable
CREATE TABLE "outbox_shards" (
    "shard" SMALLINT NOT NULL,
    "owner" TEXT,
    "lease_until" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "outbox_shards_pkey" PRIMARY KEY ("shard")
);

-- CreateTable
CREATE TABLE "event_log" (
    "id" UUID NOT NULL,
    "topic" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "key" TEXT,
    "partition" INTEGER NOT NULL,
    "offset" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,
    "published_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "event_log_pkey" PRIMARY KEY ("id","topic")
);

-- CreateTable
CREATE TABLE "inbox" (
    "consumer_group" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "handled_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "inbox_pkey" PRIMARY KEY ("consumer_group","source","id")
);

-- CreateTable
CREATE TABLE "dead_letters" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "consumer_group" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "partition" INTEGER NOT NULL,
    "offset" BIGINT NOT NULL,
    "timestamp" TIMESTAMPTZ(6) NOT NULL,
    "key" BYTEA,
    "value" BYTEA,
    "headers" JSONB NOT NULL,
    "event_id" TEXT,
    "event_source" TEXT,
    "event_type" TEXT,
    "attempts" INTEGER NOT NULL,
    "error_class" TEXT NOT NULL,
    "error_message" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'waiting',
    "redrives" INTEGER NOT NULL DEFAULT 0,
    "reason" TEXT,
    "first_failed_at" TIMESTAMPTZ(6) NOT NULL,
    "last_failed_at" TIMESTAMPTZ(6) NOT NULL,
    "resolved_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "dead_letters_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "parked_keys" (
    "consumer_group" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "key" BYTEA NOT NULL,
    "parked_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "parked_keys_pkey" PRIMARY KEY ("consumer_group","topic","key")
);

-- CreateTable
CREATE TABLE "parked_events" (
    "consumer_group" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "key" BYTEA NOT NULL,
    "partition" INTEGER NOT NULL,
    "offset" BIGINT NOT NULL,
    "timestamp" TIMESTAMPTZ(6) NOT NULL,
    "value" BYTEA,
    "headers" JSONB NOT NULL,
    "parked_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "parked_events_pkey" PRIMARY KEY ("consumer_group","topic","partition","offset")
);

-- CreateTable
CREATE TABLE "schemas" (
    "id" SERIAL NOT NULL,
    "subject" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "content" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "schemas_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_entries" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "actor" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "detail" JSONB NOT NULL,
    "request_id" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "audit_entries_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "identities_player_id_idx" ON "identities"("player_id");

-- CreateIndex
CREATE UNIQUE INDEX "player_profiles_username_key_key" ON "player_profiles"("username_key");

-- CreateIndex
CREATE INDEX "refresh_tokens_family_id_idx" ON "refresh_tokens"("family_id");

-- CreateIndex
CREATE INDEX "refresh_tokens_player_id_idx" ON "refresh_tokens"("player_id");

-- CreateIndex
CREATE UNIQUE INDEX "api_keys_hash_key" ON "api_keys"("hash");

-- CreateIndex
CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "economy_versions_hash_key" ON "economy_versions"("hash");

-- CreateIndex
CREATE UNIQUE INDEX "accounts_holder_asset_purpose_key" ON "accounts"("holder", "asset", "purpose");

-- CreateIndex
CREATE UNIQUE INDEX "journals_key_key" ON "journals"("key");

-- CreateIndex
CREATE UNIQUE INDEX "transfers_pending_id_key" ON "transfers"("pending_id");

-- CreateIndex
CREATE INDEX "transfers_debit_account_id_id_idx" ON "transfers"("debit_account_id", "id");

-- CreateIndex
CREATE INDEX "transfers_credit_account_id_id_idx" ON "transfers"("credit_account_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "transfers_journal_id_index_key" ON "transfers"("journal_id", "index");

-- CreateIndex
CREATE INDEX "items_owner_idx" ON "items"("owner");

-- CreateIndex
CREATE INDEX "item_movements_item_id_id_idx" ON "item_movements"("item_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "item_movements_journal_id_index_key" ON "item_movements"("journal_id", "index");

-- CreateIndex
CREATE UNIQUE INDEX "findings_rule_subject_key" ON "findings"("rule", "subject");

-- CreateIndex
CREATE UNIQUE INDEX "matches_join_code_key" ON "matches"("join_code");

-- CreateIndex
CREATE INDEX "matches_status_mode_region_idx" ON "matches"("status", "mode", "region");

-- CreateIndex
CREATE INDEX "matches_host_id_idx" ON "matches"("host_id");

-- CreateIndex
CREATE UNIQUE INDEX "matches_client_id_external_id_key" ON "matches"("client_id", "external_id");

-- CreateIndex
CREATE UNIQUE INDEX "seats_active_player_id_key" ON "seats"("active_player_id");

-- CreateIndex
CREATE UNIQUE INDEX "seats_match_id_seat_key" ON "seats"("match_id", "seat");

-- CreateIndex
CREATE INDEX "tickets_expires_at_idx" ON "tickets"("expires_at");

-- CreateIndex
CREATE INDEX "listings_status_kind_price_idx" ON "listings"("status", "kind", "price");

-- CreateIndex
CREATE INDEX "listings_seller_id_idx" ON "listings"("seller_id");

-- CreateIndex
CREATE INDEX "listings_created_at_id_idx" ON "listings"("created_at", "id");

-- CreateIndex
CREATE INDEX "trades_buyer_id_created_at_idx" ON "trades"("buyer_id", "created_at");

-- CreateIndex
CREATE INDEX "trades_seller_id_created_at_idx" ON "trades"("seller_id", "created_at");

-- CreateIndex
CREATE INDEX "trades_listing_id_idx" ON "trades"("listing_id");

-- CreateIndex
CREATE INDEX "leaderboard_scores_leaderboard_score_player_id_idx" ON "leaderboard_scores"("leaderboard", "score" DESC, "player_id");

-- CreateIndex
CREATE INDEX "notifications_player_id_created_at_id_idx" ON "notifications"("player_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "event_log_published_at_idx" ON "event_log"("published_at");

-- CreateIndex
CREATE INDEX "inbox_handled_at_idx" ON "inbox"("handled_at");

-- CreateIndex
CREATE INDEX "dead_letters_status_created_at_id_idx" ON "dead_letters"("status", "created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "dead_letters_consumer_group_topic_partition_offset_key" ON "dead_letters"("consumer_group", "topic", "partition", "offset");

-- CreateIndex
CREATE INDEX "parked_events_consumer_group_topic_key_partition_offset_idx" ON "parked_events"("consumer_group", "topic", "key", "partition", "offset");

-- CreateIndex
CREATE UNIQUE INDEX "schemas_subject_version_key" ON "schemas"("subject", "version");

-- CreateIndex
CREATE UNIQUE INDEX "schemas_subject_fingerprint_key" ON "schemas"("subject", "fingerprint");

-- CreateIndex
CREATE INDEX "audit_entries_created_at_id_idx" ON "audit_entries"("created_at", "id");
-- ---------------------------------------------------------------- what the database itself refuses

ALTER TABLE "deployment" ADD CONSTRAINT "deployment_one_row" CHECK (id = 1);

ALTER TABLE "accounts"
  ADD CONSTRAINT "accounts_purpose" CHECK (purpose IN ('wallet', 'mailbox', 'source', 'sink', 'fee', 'clearing', 'debt')),
  ADD CONSTRAINT "accounts_counters" CHECK (
    debits_pending >= 0 AND debits_posted >= 0 AND credits_pending >= 0 AND credits_posted >= 0),
  -- P2: no player balance below zero, whatever the code above does
  ADD CONSTRAINT "accounts_never_overdrawn" CHECK (
    purpose NOT IN ('wallet', 'mailbox') OR credits_posted - debits_posted - debits_pending >= 0);

ALTER TABLE "transfers"
  ADD CONSTRAINT "transfers_amount" CHECK (amount > 0),
  ADD CONSTRAINT "transfers_two_accounts" CHECK (debit_account_id <> credit_account_id),
  ADD CONSTRAINT "transfers_state" CHECK (state IN ('posted', 'pending', 'post', 'void')),
  -- `pending_id` is unique, so a pending transfer is resolved at most once
  ADD CONSTRAINT "transfers_resolution" CHECK ((state IN ('post', 'void')) = (pending_id IS NOT NULL)),
  ADD CONSTRAINT "transfers_expiry" CHECK (expires_at IS NULL OR state = 'pending');

ALTER TABLE "item_movements"
  ADD CONSTRAINT "item_movements_code" CHECK (code IN ('mint', 'burn', 'transfer', 'modify', 'lock', 'unlock'));

ALTER TABLE "matches" ADD CONSTRAINT "matches_status" CHECK (
  status IN ('lobby', 'starting', 'running', 'finished', 'cancelled', 'voided'));
ALTER TABLE "sealed_actions" ADD CONSTRAINT "sealed_actions_status" CHECK (status IN ('held', 'posted', 'voided'));
ALTER TABLE "listings"
  ADD CONSTRAINT "listings_status" CHECK (status IN ('open', 'in_trade', 'sold', 'cancelled', 'expired')),
  ADD CONSTRAINT "listings_price" CHECK (price > 0);
ALTER TABLE "trades"
  ADD CONSTRAINT "trades_state" CHECK (state IN ('initiated', 'funds_reserving', 'item_locking', 'in_review',
    'settling', 'completed', 'compensating', 'failed')),
  ADD CONSTRAINT "trades_two_players" CHECK (buyer_id <> seller_id),
  ADD CONSTRAINT "trades_fee" CHECK (fee >= 0 AND fee <= price);
ALTER TABLE "verdicts" ADD CONSTRAINT "verdicts_decision" CHECK (decision IN ('cleared', 'rejected'));
ALTER TABLE "dead_letters" ADD CONSTRAINT "dead_letters_status" CHECK (status IN ('waiting', 'redriven', 'discarded'));

-- ---------------------------------------------------------------- append-only

CREATE FUNCTION refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER "journals_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "journals" EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER "transfers_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "transfers" EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER "item_movements_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "item_movements" EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER "economy_versions_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "economy_versions" EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER "drop_tables_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "drop_tables" EXECUTE FUNCTION refuse_rewrite();
REVOKE UPDATE, DELETE ON "journals", "transfers", "item_movements", "economy_versions", "drop_tables" FROM lootledger_app;

-- ---------------------------------------------------------------- outbox

INSERT INTO "outbox_shards" (shard) SELECT generate_series(0, 15);

-- Same aggregate, same shard: one owner publishes all its events in order.
CREATE FUNCTION outbox_shard(aggregate_key text) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT (hashtextextended(coalesce(aggregate_key, ''), 0) & 15)::smallint $$;

-- Appends events of one transaction, in the given order. A sequenced event raises its aggregate's counter; that row's
-- lock is held until commit, so sequence, `seq` and commit order agree within an aggregate. Counters are locked in key
-- order, so that two callers cannot deadlock on them.
CREATE FUNCTION append_outbox(
  p_topics text[], p_types text[], p_keys text[], p_subjects text[], p_data text[], p_headers text[], p_sequenced boolean[]
) RETURNS void LANGUAGE sql AS $$
  WITH events AS MATERIALIZED (
    SELECT * FROM unnest(p_topics, p_types, p_keys, p_subjects, p_data, p_headers, p_sequenced)
      WITH ORDINALITY AS e(topic, type, key, subject, data, headers, sequenced, n)
  ), counted AS (
    SELECT topic, key, count(*) AS raise FROM events WHERE sequenced GROUP BY topic, key ORDER BY topic, key
  ), raised AS (
    INSERT INTO event_sequences AS s (topic, key, sequence) SELECT topic, key, raise FROM counted
    ON CONFLICT (topic, key) DO UPDATE SET sequence = s.sequence + excluded.sequence
    RETURNING topic, key, sequence
  )
  INSERT INTO outbox (shard, topic, type, key, subject, sequence, data, headers)
  SELECT outbox_shard(e.key), e.topic, e.type, e.key, e.subject,
    r.sequence - c.raise + row_number() OVER (PARTITION BY e.topic, e.key, e.sequenced ORDER BY e.n),
    e.data::jsonb, e.headers::jsonb
  FROM events e
  LEFT JOIN raised r ON e.sequenced AND r.topic = e.topic AND r.key = e.key
  LEFT JOIN counted c ON e.sequenced AND c.topic = e.topic AND c.key = e.key
  ORDER BY e.n
$$;
