-- CreateTable
CREATE TABLE "mailbox_entries" (
    "id" UUID NOT NULL,
    "player_id" UUID NOT NULL,
    "asset" TEXT NOT NULL,
    "amount" BIGINT NOT NULL,
    "source" TEXT NOT NULL,
    "cause" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'waiting',
    "expires_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "closed_at" TIMESTAMPTZ(6),

    CONSTRAINT "mailbox_entries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "imports" (
    "id" UUID NOT NULL,
    "batch" TEXT NOT NULL,
    "client_id" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'staging',
    "staging_token" UUID NOT NULL,
    "body_hash" TEXT,
    "line_count" INTEGER NOT NULL DEFAULT 0,
    "posted_count" INTEGER NOT NULL DEFAULT 0,
    "refused_count" INTEGER NOT NULL DEFAULT 0,
    "totals" JSONB,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "completed_at" TIMESTAMPTZ(6),

    CONSTRAINT "imports_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "import_lines" (
    "import_id" UUID NOT NULL,
    "line" INTEGER NOT NULL,
    "player" JSONB,
    "content" JSONB NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'waiting',
    "code" TEXT,
    "detail" TEXT,

    CONSTRAINT "import_lines_pkey" PRIMARY KEY ("import_id","line")
);

-- CreateIndex
CREATE INDEX "mailbox_entries_player_id_created_at_id_idx" ON "mailbox_entries"("player_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "mailbox_entries_status_expires_at_idx" ON "mailbox_entries"("status", "expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "imports_batch_key" ON "imports"("batch");

-- CreateIndex
CREATE INDEX "import_lines_import_id_status_line_idx" ON "import_lines"("import_id", "status", "line");

-- AddForeignKey
ALTER TABLE "import_lines" ADD CONSTRAINT "import_lines_import_id_fkey" FOREIGN KEY ("import_id") REFERENCES "imports"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "mailbox_entries"
  ADD CONSTRAINT "mailbox_entries_amount_check" CHECK (amount > 0),
  ADD CONSTRAINT "mailbox_entries_status_check" CHECK (status IN ('waiting', 'claimed', 'expired')),
  ADD CONSTRAINT "mailbox_entries_closed_check" CHECK ((status = 'waiting') = (closed_at IS NULL));

-- An entry is a promise: it is closed once, and never rewritten or taken away.
REVOKE UPDATE, DELETE ON "mailbox_entries" FROM lootledger_app;
GRANT UPDATE ("status", "closed_at") ON "mailbox_entries" TO lootledger_app;

ALTER TABLE "imports"
  ADD CONSTRAINT "imports_status_check" CHECK (status IN ('staging', 'posting', 'completed')),
  ADD CONSTRAINT "imports_counts_check" CHECK (posted_count + refused_count <= line_count);

ALTER TABLE "import_lines"
  ADD CONSTRAINT "import_lines_line_check" CHECK (line > 0),
  ADD CONSTRAINT "import_lines_status_check" CHECK (status IN ('waiting', 'posted', 'refused')),
  ADD CONSTRAINT "import_lines_refused_check" CHECK ((status = 'refused') = (code IS NOT NULL)),
  -- who the line is for is personal data: it stays no longer than it is needed
  ADD CONSTRAINT "import_lines_player_check" CHECK ((status = 'waiting') = (player IS NOT NULL));
