-- An event replay reads a past window of a topic once more. `active_ms` is how long it ran before the present run.
CREATE TABLE "replays" (
  "id" UUID NOT NULL,
  "topic" TEXT NOT NULL,
  "window" JSONB NOT NULL,
  "filter" JSONB NOT NULL,
  "target" JSONB NOT NULL,
  "rate" INTEGER,
  "requested_by" TEXT NOT NULL,
  "state" TEXT NOT NULL DEFAULT 'pinning',
  "reason" TEXT,
  "warnings" JSONB NOT NULL DEFAULT '[]',
  "failures" JSONB NOT NULL DEFAULT '[]',
  "active_ms" BIGINT NOT NULL DEFAULT 0,
  "active_since" TIMESTAMPTZ(6),
  "ended_at" TIMESTAMPTZ(6),
  "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "replays_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "replays_state" CHECK (state IN ('pinning', 'running', 'paused', 'completed', 'cancelled', 'failed')),
  CONSTRAINT "replays_rate" CHECK (rate > 0),
  CONSTRAINT "replays_reason" CHECK ((state = 'failed') = (reason IS NOT NULL)),
  CONSTRAINT "replays_active" CHECK ((state = 'running') = (active_since IS NOT NULL)),
  CONSTRAINT "replays_ended" CHECK ((state IN ('completed', 'cancelled', 'failed')) = (ended_at IS NOT NULL))
);
CREATE INDEX "replays_created_at_id_idx" ON "replays"("created_at", "id");

-- How far it is. Moving on names the offset it moves on from: of two workers that believe they run it, one is refused.
CREATE TABLE "replay_positions" (
  "replay_id" UUID NOT NULL,
  "partition" INTEGER NOT NULL,
  "start_offset" BIGINT NOT NULL,
  "next_offset" BIGINT NOT NULL,
  "end_offset" BIGINT NOT NULL,
  "matched_count" BIGINT NOT NULL DEFAULT 0,
  "handled_count" BIGINT NOT NULL DEFAULT 0,
  "failed_count" BIGINT NOT NULL DEFAULT 0,
  "duplicate_count" BIGINT NOT NULL DEFAULT 0,
  CONSTRAINT "replay_positions_pkey" PRIMARY KEY ("replay_id", "partition"),
  CONSTRAINT "replay_positions_within" CHECK (start_offset <= next_offset AND next_offset <= end_offset)
) WITH (fillfactor = 50);

-- A replay's own inbox: which events have had their effect in it. Forgotten when it is over.
CREATE TABLE "replay_seen" (
  "replay_id" UUID NOT NULL,
  "event_key" UUID NOT NULL,
  CONSTRAINT "replay_seen_pkey" PRIMARY KEY ("replay_id", "event_key")
);
