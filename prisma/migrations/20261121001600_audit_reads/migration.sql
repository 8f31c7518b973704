-- What of one kind was done, newest first; without it a rare action is looked for through everything.
CREATE INDEX "audit_entries_action_created_at_id_idx" ON "audit_entries"("action", "created_at", "id");

-- Who holds how much is measured by one process at a time, and not again at once when it failed: whoever moves this has it.
CREATE TABLE "flow_measures" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "begun_at" TIMESTAMPTZ(6),

    CONSTRAINT "flow_measures_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "flow_measures" ADD CONSTRAINT "flow_measures_one_row" CHECK (id = 1);
INSERT INTO "flow_measures" DEFAULT VALUES;
