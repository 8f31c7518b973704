-- The relay's two statements, with their plans nailed down. A queue table is empty most of the time and holds a million
-- rows after an outage; a plan made (and kept, it is a prepared statement) for the one is a disaster for the other: the
-- anti-join against refused rows took more than ten seconds per claim at 30,000 rows, and so never ended. Here every
-- access is by primary key, whatever the statistics say.

-- The oldest waiting rows of each of some shards, at most `p_count` of each. What stands behind a refused row of its
-- aggregate (`p_topics`, `p_keys`, `p_seqs`) waits with it. The time is in ms: text would be parsed, and written again.
CREATE FUNCTION claim_outbox(
  p_shards smallint[], p_count int, p_topics text[], p_keys text[], p_seqs bigint[]
) RETURNS TABLE (
  shard smallint, seq bigint, id uuid, topic text, type text, key text, raw_key bytea, subject text, sequence bigint,
  data jsonb, value bytea, headers jsonb, created_at_ms float8
) LANGUAGE plpgsql STABLE ROWS 1000
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET enable_material = off AS $$
#variable_conflict use_column
BEGIN
  IF cardinality(p_keys) = 0 THEN
    RETURN QUERY
    SELECT o.* FROM unnest(p_shards) AS s(shard) CROSS JOIN LATERAL (
      SELECT o.shard, o.seq, o.id, o.topic, o.type, o.key, o.raw_key, o.subject, o.sequence, o.data, o.value, o.headers,
        date_part('epoch', o.created_at) * 1000
      FROM outbox o WHERE o.shard = s.shard AND o.error IS NULL ORDER BY o.shard, o.seq LIMIT p_count) AS o;
  ELSE
    RETURN QUERY
    SELECT o.* FROM unnest(p_shards) AS s(shard) CROSS JOIN LATERAL (
      SELECT o.shard, o.seq, o.id, o.topic, o.type, o.key, o.raw_key, o.subject, o.sequence, o.data, o.value, o.headers,
        date_part('epoch', o.created_at) * 1000
      FROM outbox o WHERE o.shard = s.shard AND o.error IS NULL AND NOT EXISTS (
        SELECT FROM unnest(p_topics, p_keys, p_seqs) AS r(topic, key, seq)
        WHERE r.topic = o.topic AND r.key = o.key AND r.seq < o.seq)
      ORDER BY o.shard, o.seq LIMIT p_count) AS o;
  END IF;
END
$$;

-- Exactly the acknowledged rows leave the outbox and become one metadata row each in `event_log`. Rows that another owner
-- of the shard already moved are not there any more. Not flushed: after a crash of the server the rows are back, are sent
-- again, and the inboxes drop them.
CREATE FUNCTION mark_outbox_published(
  p_shards smallint[], p_seqs bigint[], p_partitions int[], p_offsets bigint[]
) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  WITH acknowledged AS MATERIALIZED (
    SELECT * FROM unnest(p_shards, p_seqs, p_partitions, p_offsets) AS a(shard, seq, "partition", "offset")
  ), gone AS (
    DELETE FROM outbox o USING acknowledged a WHERE o.shard = a.shard AND o.seq = a.seq
    RETURNING o.id, o.topic, o.type, o.key, a."partition", a."offset", o.created_at
  )
  INSERT INTO event_log (id, topic, type, key, "partition", "offset", created_at) SELECT * FROM gone
  -- a client may tell one event twice; where it stood first stays
  ON CONFLICT DO NOTHING;
END
$$;
