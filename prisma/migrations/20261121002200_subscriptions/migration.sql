-- Who wants which events, and how they get them. Secrets are derived from their ids and never stored.
CREATE TABLE "subscriptions" (
  "id" UUID NOT NULL,
  "client_id" TEXT NOT NULL,
  "description" TEXT NOT NULL,
  "topic_pattern" TEXT NOT NULL,
  "types" TEXT[],
  "filter" JSONB NOT NULL,
  "method" TEXT NOT NULL,
  "url" TEXT,
  "target_topic" TEXT,
  "retry_count_max" INTEGER NOT NULL,
  "retry_delay_ms" INTEGER NOT NULL,
  "rate_per_minute" INTEGER,
  "batch_events_max" INTEGER NOT NULL,
  "batch_wait_ms_max" INTEGER NOT NULL,
  "ack_required" BOOLEAN NOT NULL,
  "starts_at" TIMESTAMPTZ(6) NOT NULL,
  "state" TEXT NOT NULL DEFAULT 'active',
  "state_reason" TEXT,
  "version" INTEGER NOT NULL DEFAULT 1,
  "deleted_at" TIMESTAMPTZ(6),
  "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),
  "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "subscriptions_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "subscriptions_state" CHECK (state IN ('active', 'paused', 'disabled')),
  CONSTRAINT "subscriptions_reason" CHECK ((state = 'disabled') = (state_reason IS NOT NULL)),
  CONSTRAINT "subscriptions_method" CHECK (CASE method
    WHEN 'webhook' THEN url IS NOT NULL AND target_topic IS NULL
    WHEN 'kafka' THEN url IS NULL AND target_topic IS NOT NULL
    WHEN 'sse' THEN url IS NULL AND target_topic IS NULL
    ELSE false END)
);
CREATE INDEX "subscriptions_client_id_idx" ON "subscriptions"("client_id");
CREATE INDEX "subscriptions_created_at_id_idx" ON "subscriptions"("created_at", "id");

-- What changes with every event, apart from what a change must name by its ETag. Its row lock orders the events.
CREATE TABLE "subscription_progress" (
  "subscription_id" UUID NOT NULL,
  "last_seq" BIGINT NOT NULL DEFAULT 0,
  "failure_count" INTEGER NOT NULL DEFAULT 0,
  "next_send_at" TIMESTAMPTZ(6),
  CONSTRAINT "subscription_progress_pkey" PRIMARY KEY ("subscription_id")
);

-- A secret is a function of its id; two are valid while one takes over from the other.
CREATE TABLE "subscription_secrets" (
  "id" UUID NOT NULL,
  "subscription_id" UUID NOT NULL,
  "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),
  "expires_at" TIMESTAMPTZ(6),
  CONSTRAINT "subscription_secrets_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "subscription_secrets_subscription_id_idx" ON "subscription_secrets"("subscription_id");

-- How far the dispatcher has read; moved in the transaction that queues what it found. Whoever takes over a partition raises
-- the epoch, and the one before it can move nothing any more.
CREATE TABLE "dispatch_positions" (
  "topic" TEXT NOT NULL,
  "partition" INTEGER NOT NULL,
  "next_offset" BIGINT NOT NULL,
  "epoch" INTEGER NOT NULL DEFAULT 1,
  CONSTRAINT "dispatch_positions_pkey" PRIMARY KEY ("topic", "partition")
);

-- Followed: the dispatcher's reading is also this subscription's, from this offset on. Else it reads on from here by itself.
CREATE TABLE "subscription_partitions" (
  "subscription_id" UUID NOT NULL,
  "topic" TEXT NOT NULL,
  "partition" INTEGER NOT NULL,
  "next_offset" BIGINT NOT NULL,
  "followed" BOOLEAN NOT NULL,
  CONSTRAINT "subscription_partitions_pkey" PRIMARY KEY ("subscription_id", "topic", "partition")
);
CREATE INDEX "subscription_partitions_topic_partition_idx" ON "subscription_partitions"("topic", "partition");

-- What waits for a subscriber. Once delivered only the fact remains, so that the same event is not told twice.
CREATE TABLE "subscription_events" (
  "subscription_id" UUID NOT NULL,
  "seq" BIGINT NOT NULL,
  "source" TEXT NOT NULL,
  "event_id" TEXT NOT NULL,
  "replay_id" TEXT NOT NULL DEFAULT '',
  "type" TEXT NOT NULL,
  "topic" TEXT,
  "partition" INTEGER,
  "offset" BIGINT,
  "event" TEXT,
  "record_key" BYTEA,
  "record_value" BYTEA,
  "record_headers" JSONB,
  "state" TEXT NOT NULL DEFAULT 'waiting',
  "error" TEXT,
  "delivery_id" UUID,
  "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "subscription_events_pkey" PRIMARY KEY ("subscription_id", "seq"),
  CONSTRAINT "subscription_events_state" CHECK (state IN ('waiting', 'taken', 'delivered', 'failed', 'dropped'))
);
CREATE UNIQUE INDEX "subscription_events_subscription_id_source_event_id_replay__key" ON "subscription_events"("subscription_id", "source", "event_id", "replay_id");
CREATE INDEX "subscription_events_subscription_id_state_seq_idx" ON "subscription_events"("subscription_id", "state", "seq");
CREATE INDEX "subscription_events_delivery_id_idx" ON "subscription_events"("delivery_id");
CREATE INDEX "subscription_events_created_at_idx" ON "subscription_events"("created_at");

-- One message to a subscriber, with one or more events; its id is the webhook-id of every attempt.
CREATE TABLE "deliveries" (
  "id" UUID NOT NULL,
  "subscription_id" UUID NOT NULL,
  "kind" TEXT NOT NULL DEFAULT 'events',
  "state" TEXT NOT NULL DEFAULT 'pending',
  "attempts" INTEGER NOT NULL DEFAULT 0,
  "event_ids" TEXT[],
  "body" TEXT,
  "response_code" INTEGER,
  "duration_ms" INTEGER,
  "error" TEXT,
  "next_attempt_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),
  "last_attempt_at" TIMESTAMPTZ(6),
  "ended_at" TIMESTAMPTZ(6),
  "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "deliveries_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "deliveries_kind" CHECK (kind IN ('events', 'ping')),
  CONSTRAINT "deliveries_state" CHECK (state IN ('pending', 'delivered', 'failed')),
  CONSTRAINT "deliveries_ended" CHECK ((state = 'pending') = (ended_at IS NULL))
);
CREATE INDEX "deliveries_subscription_id_created_at_id_idx" ON "deliveries"("subscription_id", "created_at", "id");
CREATE INDEX "deliveries_subscription_id_state_idx" ON "deliveries"("subscription_id", "state");
CREATE INDEX "deliveries_ended_at_idx" ON "deliveries"("ended_at");
