-- Totals of system accounts, apart from the wallets' counters: what a faucet gives in its life does not fit a bigint, and a
-- fold touches only the accounts that moved.
CREATE TABLE "folded_totals" (
    "account_id" BIGINT NOT NULL,
    "debits_pending" DECIMAL(38,0) NOT NULL DEFAULT 0,
    "debits_posted" DECIMAL(38,0) NOT NULL DEFAULT 0,
    "credits_pending" DECIMAL(38,0) NOT NULL DEFAULT 0,
    "credits_posted" DECIMAL(38,0) NOT NULL DEFAULT 0,

    CONSTRAINT "folded_totals_pkey" PRIMARY KEY ("account_id")
);
ALTER TABLE "folded_totals" ADD CONSTRAINT "folded_totals_never_negative" CHECK (
  debits_pending >= 0 AND debits_posted >= 0 AND credits_pending >= 0 AND credits_posted >= 0);

-- How far `folded_totals` has got.
CREATE TABLE "fold_progress" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "folded_journal_id" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "fold_progress_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "fold_progress" ADD CONSTRAINT "fold_progress_one_row" CHECK (id = 1);
INSERT INTO "fold_progress" DEFAULT VALUES;

ALTER TABLE "accounts" DROP COLUMN "folded_journal_id";
