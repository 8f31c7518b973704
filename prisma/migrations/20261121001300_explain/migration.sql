-- ---------------------------------------------------------------- what passed through a player's hands
CREATE INDEX "item_movements_to_owner_journal_id_idx" ON "item_movements"("to_owner", "journal_id");
CREATE INDEX "item_movements_from_owner_journal_id_idx" ON "item_movements"("from_owner", "journal_id");

-- A receipt names the event that caused it; this type alone is asked for, so the relay pays for one row per match.
CREATE INDEX "event_log_match_finished" ON "event_log" ("key") WHERE type = 'game.match.finished.v1';

-- The last journal of an instant: the one before the first that was stamped later. Null when none was.
--
-- Stamps rise with ids but for one thing: a call is stamped when it begins and draws its ids when it has its locks, at
-- most a transaction's time limit later. So everything up to a journal stamped half a minute before the instant belongs
-- to it; that one is found by bisection over the primary key, and the rest is read in order. No index on the time is
-- needed, which every post would have to keep.
CREATE FUNCTION last_journal_at(instant timestamptz) RETURNS bigint LANGUAGE plpgsql STABLE
SET enable_seqscan = off
AS $$
DECLARE
  low bigint := 0;
  high bigint;
  middle bigint;
  stamped timestamptz;
BEGIN
  SELECT coalesce(max(j.id), 0) INTO high FROM journals j;
  WHILE low < high LOOP
    middle := (low + high) / 2;
    SELECT j.created_at INTO stamped FROM journals j WHERE j.id > middle ORDER BY j.id LIMIT 1;
    IF stamped > instant - interval '30 seconds' THEN
      high := middle;
    ELSE
      low := middle + 1;
    END IF;
  END LOOP;
  RETURN (SELECT j.id - 1 FROM journals j WHERE j.id > low AND j.created_at > instant ORDER BY j.id LIMIT 1);
END $$;

-- What an account stood at when a journal was the last. A player's wallet is read backwards from its counters, as far as
-- there are later transfers: in one account, ids of transfers rise with ids of journals, because both are drawn under
-- its lock. Accounts without counters are folded from the beginning. A range of one account, not an equality: its order
-- is that of the (account, id) index and of no other, so the planner cannot try its luck on the primary key.
CREATE FUNCTION account_at(account bigint, last_journal bigint, OUT balance numeric, OUT held numeric)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off
AS $$
DECLARE
  counted accounts;
  line record;
BEGIN
  SELECT * INTO counted FROM accounts a WHERE a.id = account;
  IF NOT counted.live THEN
    SELECT coalesce(sum(CASE WHEN t.credit_account_id = account THEN t.amount ELSE -t.amount END), 0), 0 INTO balance, held
    FROM transfers t
    WHERE (t.debit_account_id = account OR t.credit_account_id = account) AND t.state IN ('posted', 'post')
      AND t.journal_id <= last_journal;
    RETURN;
  END IF;
  balance := counted.credits_posted - counted.debits_posted;
  held := counted.debits_pending;
  FOR line IN SELECT t.journal_id, t.amount, t.state FROM transfers t
    WHERE t.debit_account_id BETWEEN account AND account ORDER BY t.debit_account_id DESC, t.id DESC LOOP
    EXIT WHEN line.journal_id <= last_journal;
    balance := balance + CASE WHEN line.state IN ('posted', 'post') THEN line.amount ELSE 0 END;
    held := held - CASE line.state WHEN 'pending' THEN line.amount WHEN 'posted' THEN 0 ELSE -line.amount END;
  END LOOP;
  FOR line IN SELECT t.journal_id, t.amount, t.state FROM transfers t
    WHERE t.credit_account_id BETWEEN account AND account ORDER BY t.credit_account_id DESC, t.id DESC LOOP
    EXIT WHEN line.journal_id <= last_journal;
    balance := balance - CASE WHEN line.state IN ('posted', 'post') THEN line.amount ELSE 0 END;
  END LOOP;
END $$;

-- ---------------------------------------------------------------- flows
-- What entered and left the accounts of an asset in an hour (UTC, by the journals' time); players are one role.
CREATE TABLE "flow_hours" (
    "asset" TEXT NOT NULL,
    "hour" TIMESTAMPTZ(6) NOT NULL,
    "purpose" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "debited" DECIMAL(38,0) NOT NULL,
    "credited" DECIMAL(38,0) NOT NULL,
    "transfer_count" BIGINT NOT NULL,

    CONSTRAINT "flow_hours_pkey" PRIMARY KEY ("asset","hour","purpose","role","code")
);

-- How far `flow_hours` has got.
CREATE TABLE "flow_progress" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "folded_journal_id" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "flow_progress_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "flow_progress" ADD CONSTRAINT "flow_progress_one_row" CHECK (id = 1);
INSERT INTO "flow_progress" DEFAULT VALUES;

-- Who holds how much, as it was last measured within the hour.
CREATE TABLE "flow_holdings" (
    "asset" TEXT NOT NULL,
    "hour" TIMESTAMPTZ(6) NOT NULL,
    "holder_count" BIGINT NOT NULL,
    "held" DECIMAL(38,0) NOT NULL,
    "top_decile" DECIMAL(38,0) NOT NULL,
    "measured_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "flow_holdings_pkey" PRIMARY KEY ("asset","hour")
);
