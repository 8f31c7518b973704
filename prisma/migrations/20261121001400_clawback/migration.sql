-- A clawback takes grants back: examined first, approved by the hash of what was shown, then reversed grant by grant.
CREATE TABLE "clawbacks" (
  "id" UUID NOT NULL,
  "selection" JSONB NOT NULL,
  "reason" TEXT NOT NULL,
  "requested_by" TEXT NOT NULL,
  "state" TEXT NOT NULL DEFAULT 'examining',
  "report" JSONB,
  "report_hash" TEXT,
  "approved_by" TEXT,
  "approved_hash" TEXT,
  "result" JSONB,
  "expires_at" TIMESTAMPTZ(6) NOT NULL,
  "ended_at" TIMESTAMPTZ(6),
  "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "clawbacks_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "clawbacks_state" CHECK (state IN ('examining', 'waiting', 'approved', 'reversing', 'completed', 'cancelled', 'expired')),
  CONSTRAINT "clawbacks_reported" CHECK ((report IS NULL) = (report_hash IS NULL)),
  CONSTRAINT "clawbacks_approved" CHECK (state NOT IN ('approved', 'reversing') OR approved_hash = report_hash),
  CONSTRAINT "clawbacks_ended" CHECK ((state IN ('completed', 'cancelled', 'expired')) = (ended_at IS NOT NULL))
);
CREATE INDEX "clawbacks_created_at_id_idx" ON "clawbacks"("created_at", "id");

-- Which grants its report speaks of; frozen once the reversal begins.
CREATE TABLE "clawback_targets" (
  "clawback_id" UUID NOT NULL,
  "journal_id" BIGINT NOT NULL,
  CONSTRAINT "clawback_targets_pkey" PRIMARY KEY ("clawback_id", "journal_id")
);

-- What became of each grant. A grant is reversed at most once, whichever clawbacks name it: hence the primary key.
CREATE TABLE "clawback_lines" (
  "journal_id" BIGINT NOT NULL,
  "clawback_id" UUID NOT NULL,
  "player_id" UUID NOT NULL,
  "reversal_id" BIGINT,
  "outcome" JSONB NOT NULL,
  "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "clawback_lines_pkey" PRIMARY KEY ("journal_id")
);
CREATE INDEX "clawback_lines_clawback_id_journal_id_idx" ON "clawback_lines"("clawback_id", "journal_id");
CREATE TRIGGER "clawback_lines_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "clawback_lines" EXECUTE FUNCTION refuse_rewrite();
REVOKE UPDATE, DELETE ON "clawback_lines" FROM lootledger_app;
