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
