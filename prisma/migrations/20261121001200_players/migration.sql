-- Why a player is frozen, and whether they were erased; operators look for players by age and page through them.
ALTER TABLE "players" ADD COLUMN "frozen_reason" TEXT, ADD COLUMN "erased_at" TIMESTAMPTZ(6);

CREATE INDEX "players_created_at_id_idx" ON "players"("created_at", "id");

-- An erased player is nobody: nothing may move on their behalf ever again.
ALTER TABLE "players"
  ADD CONSTRAINT "players_frozen_reason" CHECK (frozen_reason IS NULL OR frozen_at IS NOT NULL),
  ADD CONSTRAINT "players_erased" CHECK (erased_at IS NULL OR frozen_at IS NOT NULL);

-- What an actor or a target was part of; also what an export of one player asks for.
CREATE INDEX "audit_entries_target_created_at_id_idx" ON "audit_entries"("target", "created_at", "id");
CREATE INDEX "audit_entries_actor_created_at_id_idx" ON "audit_entries"("actor", "created_at", "id");
