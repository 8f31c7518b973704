-- Where an event is, group by group: handled, a dead letter, or parked behind one.
ALTER TABLE "parked_events" ADD COLUMN "event_id" TEXT, ADD COLUMN "event_source" TEXT;
-- By hash: whoever sends an event of a size that no B-tree takes must not be able to stop the partition.
CREATE INDEX "parked_events_event_id_idx" ON "parked_events" USING HASH ("event_id");
CREATE INDEX "dead_letters_event_id_idx" ON "dead_letters" USING HASH ("event_id");

-- Which letters of a key still wait is asked under the key's lock.
CREATE INDEX "dead_letters_key_idx" ON "dead_letters" USING HASH ("key");

CREATE TABLE "redrives" (
    "id" UUID NOT NULL,
    "requested_by" TEXT NOT NULL,
    "selection" JSONB NOT NULL,
    "preview" BOOLEAN NOT NULL,
    "discard_reason" TEXT,
    "force" BOOLEAN NOT NULL,
    "rate_per_second" INTEGER,
    "state" TEXT NOT NULL DEFAULT 'running',
    "letter_count" INTEGER NOT NULL,
    "done_count" INTEGER NOT NULL DEFAULT 0,
    "handled_count" INTEGER NOT NULL DEFAULT 0,
    "kept_count" INTEGER NOT NULL DEFAULT 0,
    "released_count" INTEGER NOT NULL DEFAULT 0,
    "moving_since" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "moving_from_count" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(6),

    CONSTRAINT "redrives_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "redrives_created_at_id_idx" ON "redrives"("created_at", "id");
ALTER TABLE "redrives" ADD CONSTRAINT "redrives_state"
  CHECK (state IN ('running', 'paused', 'cancelling', 'completed', 'cancelled'));
ALTER TABLE "redrives" ADD CONSTRAINT "redrives_end"
  CHECK ((state IN ('completed', 'cancelled')) = (ended_at IS NOT NULL));
ALTER TABLE "redrives" ADD CONSTRAINT "redrives_counts"
  CHECK (handled_count + kept_count <= done_count AND done_count <= letter_count);

CREATE TABLE "redrive_letters" (
    "redrive_id" UUID NOT NULL,
    "n" INTEGER NOT NULL,
    "dead_letter_id" UUID NOT NULL,
    "outcome" TEXT,
    "detail" JSONB,
    "released_count" INTEGER NOT NULL DEFAULT 0,
    "done_at" TIMESTAMPTZ(6),

    CONSTRAINT "redrive_letters_pkey" PRIMARY KEY ("redrive_id","n")
);
