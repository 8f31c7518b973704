-- A brought-in result: its reference is unique for ever per client. How the rewards of a finished match ended is decided
-- once, on the match's own row, in the transaction that pays or withholds them.
ALTER TABLE "matches" ADD COLUMN "reference" TEXT, ADD COLUMN "reward_status" TEXT;
CREATE UNIQUE INDEX "matches_client_id_reference_key" ON "matches"("client_id", "reference");
ALTER TABLE "matches"
  ADD CONSTRAINT "matches_reward_status" CHECK (reward_status IN ('paid', 'withheld')),
  ADD CONSTRAINT "matches_rewarded_after_end" CHECK (reward_status IS NULL OR status = 'finished'),
  ADD CONSTRAINT "matches_external" CHECK ((mode = 'external') = (external_id IS NOT NULL));

-- One story per listing: two trades cannot both stand in it, whatever the code above does.
ALTER TABLE "listings"
  ADD CONSTRAINT "listings_in_trade" CHECK ((status IN ('in_trade', 'sold')) = (trade_id IS NOT NULL));
CREATE INDEX "listings_status_expires_at_idx" ON "listings"("status", "expires_at");
