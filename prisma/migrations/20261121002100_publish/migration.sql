-- Which topics a key may publish to and read: names, `prefix.*` or `*`.
ALTER TABLE "api_keys"
  ADD COLUMN "publish_topics" TEXT[] NOT NULL DEFAULT '{}',
  ADD COLUMN "read_topics" TEXT[] NOT NULL DEFAULT '{}',
  -- events per second; null: as every other key
  ADD COLUMN "publish_per_second" INTEGER;
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_publish_per_second" CHECK (publish_per_second BETWEEN 1 AND 1000000);
-- Whoever may do everything else a key can be allowed, as the first key of a deployment, keeps being that.
UPDATE "api_keys" SET publish_topics = '{*}', read_topics = '{*}' WHERE 'keys:write' = ANY (scopes);

-- What each consuming process says of itself every few seconds: rates and processing times of a group are sums over these.
-- Counts only grow while an instance lives; `sample_*` are of the last interval.
CREATE TABLE "consumer_stats" (
    "consumer_group" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "instance" TEXT NOT NULL,
    "types" TEXT[] NOT NULL,
    "handled" BIGINT NOT NULL,
    "failed" BIGINT NOT NULL,
    "dead" BIGINT NOT NULL,
    "duration_ms_sum" DOUBLE PRECISION NOT NULL,
    "sample_ms" DOUBLE PRECISION NOT NULL,
    "sample_handled" BIGINT NOT NULL,
    "sample_failed" BIGINT NOT NULL,
    "sample_duration_ms_sum" DOUBLE PRECISION NOT NULL,
    "lag_seconds" DOUBLE PRECISION,
    "started_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),
    "reported_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "consumer_stats_pkey" PRIMARY KEY ("consumer_group", "topic", "instance")
);
CREATE INDEX "consumer_stats_reported_at_idx" ON "consumer_stats"("reported_at");

-- Events that a group is having trouble with: what their status shows between two attempts. Nobody decides by it.
CREATE TABLE "event_attempts" (
    "consumer_group" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "partition" INTEGER NOT NULL,
    "offset" BIGINT NOT NULL,
    "attempts" INTEGER NOT NULL,
    "error" TEXT NOT NULL,
    "failed_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "event_attempts_pkey" PRIMARY KEY ("consumer_group", "topic", "partition", "offset")
);
CREATE INDEX "event_attempts_failed_at_idx" ON "event_attempts"("failed_at");
