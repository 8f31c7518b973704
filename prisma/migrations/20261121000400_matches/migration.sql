ALTER TABLE "matches" ADD COLUMN "reserved_count" SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE "matches" ADD CONSTRAINT "matches_reserved_count" CHECK (reserved_count BETWEEN 0 AND 6);

ALTER TABLE "seats" ADD COLUMN "reservation_id" UUID;
CREATE UNIQUE INDEX "seats_reservation_id_key" ON "seats"("reservation_id");
ALTER TABLE "seats" ADD CONSTRAINT "seats_active_is_own" CHECK (active_player_id IS NULL OR active_player_id = player_id);

ALTER TABLE "tick_log" ADD COLUMN "results" JSONB NOT NULL;
CREATE TRIGGER "tick_log_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "tick_log" EXECUTE FUNCTION refuse_rewrite();
REVOKE UPDATE, DELETE ON "tick_log" FROM lootledger_app;
