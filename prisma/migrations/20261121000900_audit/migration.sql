-- ---------------------------------------------------------------- blocks

-- Runs of journals under one Merkle root, each naming the hash of the one before it.
CREATE TABLE "ledger_blocks" (
    "height" BIGINT NOT NULL,
    "first_journal_id" BIGINT NOT NULL,
    "last_journal_id" BIGINT NOT NULL,
    "journal_count" INTEGER NOT NULL,
    "merkle_root" BYTEA NOT NULL,
    "previous_hash" BYTEA NOT NULL,
    "hash" BYTEA NOT NULL,
    "deployment" TEXT NOT NULL,
    "ledger_epoch" INTEGER NOT NULL,
    "leaves" BYTEA NOT NULL,
    "row_digests" BYTEA NOT NULL,
    "sealed_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "ledger_blocks_pkey" PRIMARY KEY ("height")
);

-- A journal's block is found by the first block that ends at or after it.
CREATE UNIQUE INDEX "ledger_blocks_last_journal_id_key" ON "ledger_blocks"("last_journal_id");

ALTER TABLE "ledger_blocks"
  ADD CONSTRAINT "ledger_blocks_is_a_run" CHECK (height > 0 AND journal_count > 0 AND first_journal_id <= last_journal_id
    AND octet_length(leaves) = 32 * journal_count AND octet_length(merkle_root) = 32 AND octet_length(hash) = 32),
  -- hashes do not compress
  ALTER COLUMN "leaves" SET STORAGE EXTERNAL, ALTER COLUMN "row_digests" SET STORAGE EXTERNAL;

CREATE TRIGGER "ledger_blocks_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger_blocks" EXECUTE FUNCTION refuse_rewrite();
REVOKE UPDATE, DELETE ON "ledger_blocks" FROM lootledger_app;

-- ---------------------------------------------------------------- audits

-- How far the books have been looked through; one row. Blocks are looked at again and again, from the first on.
CREATE TABLE "audit_progress" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "journal_id" BIGINT NOT NULL DEFAULT 0,
    "block_height" BIGINT NOT NULL DEFAULT 0,
    "audited_at" TIMESTAMPTZ(6),

    CONSTRAINT "audit_progress_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "audit_progress" ADD CONSTRAINT "audit_progress_is_one_row" CHECK (id = 1);
INSERT INTO "audit_progress" DEFAULT VALUES;

-- CreateTable
CREATE TABLE "audits" (
    "id" TEXT NOT NULL,
    "mode" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "after_journal_id" BIGINT,
    "until_journal_id" BIGINT,
    "results" JSONB,
    "started_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(6),

    CONSTRAINT "audits_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "audits" ADD CONSTRAINT "audits_mode" CHECK (mode IN ('incremental', 'full'));

-- CreateIndex
CREATE INDEX "audits_started_at_idx" ON "audits"("started_at");

-- The auditor looks at what ended lately.
CREATE INDEX "matches_ended_at_idx" ON "matches"("ended_at");
CREATE INDEX "trades_ended_at_idx" ON "trades"("ended_at");

-- Who closed a finding, and why; both null when its rule holds again.
ALTER TABLE "findings" ADD COLUMN "closed_by" TEXT, ADD COLUMN "close_reason" TEXT;
CREATE INDEX "findings_created_at_id_idx" ON "findings"("created_at", "id");

-- ---------------------------------------------------------------- valves

-- What an ETag of a valve counts. A valve that was never touched has no row and version 1.
CREATE TABLE "valve_versions" (
    "scope" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,

    CONSTRAINT "valve_versions_pkey" PRIMARY KEY ("scope","id")
);
