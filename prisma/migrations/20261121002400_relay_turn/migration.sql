-- A relay's turn at the database: what Kafka has acknowledged leaves, and what waits next is read, in one round trip and
-- one transaction. Volatile, so that the reading sees the leaving.
CREATE FUNCTION turn_outbox(
  p_gone_shards smallint[], p_gone_seqs bigint[], p_gone_partitions int[], p_gone_offsets bigint[],
  p_shards smallint[], p_count int, p_topics text[], p_keys text[], p_seqs bigint[]
) RETURNS TABLE (
  shard smallint, seq bigint, id uuid, topic text, type text, key text, raw_key bytea, subject text, sequence bigint,
  data jsonb, value bytea, headers jsonb, created_at_ms float8
) LANGUAGE plpgsql VOLATILE ROWS 1000 AS $$
BEGIN
  PERFORM mark_outbox_published(p_gone_shards, p_gone_seqs, p_gone_partitions, p_gone_offsets);
  RETURN QUERY SELECT * FROM claim_outbox(p_shards, p_count, p_topics, p_keys, p_seqs);
END
$$;
