-- Topics that others made for themselves; ours are in the catalogue.
CREATE TABLE "own_topics" (
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "partition_count" INTEGER NOT NULL,
    "retention_ms" BIGINT NOT NULL,
    "category" TEXT NOT NULL,
    "owner_client_id" TEXT NOT NULL,
    "classification" TEXT NOT NULL,
    "dead_letters" BOOLEAN NOT NULL,
    "record_bytes_max" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "own_topics_pkey" PRIMARY KEY ("name")
);
CREATE INDEX "own_topics_owner_client_id_idx" ON "own_topics"("owner_client_id");
ALTER TABLE "own_topics"
    ADD CONSTRAINT "own_topics_classification" CHECK (classification IN ('internal', 'confidential')),
    ADD CONSTRAINT "own_topics_partition_count" CHECK (partition_count BETWEEN 1 AND 50);

-- Null: this build's own.
ALTER TABLE "schemas" ADD COLUMN "registered_by" TEXT;
