-- What a relay may not send is looked up in a hash, once per row that waits: as a list it was walked for each of them, and
-- with 20,000 aggregates refused one claim took longer than any transaction may. A topic that Kafka does not take is named
-- once, however many aggregates it has. And a claim ends where its bytes do, not only its rows: 250 rows of half a MiB of
-- each shard fit neither a relay's memory nor a transaction's time.
DROP FUNCTION turn_outbox(smallint[], bigint[], int[], bigint[], smallint[], int, text[], text[], bigint[]);
DROP FUNCTION claim_outbox(smallint[], int, text[], text[], bigint[]);

-- The oldest waiting rows of each of some shards: at most `p_count` of each, and none after the one that goes beyond
-- `p_bytes`. What waits for a held topic, or in a held aggregate (topic, a line break, key), is passed over. A row that was
-- refused carries its error. Sizes are as stored: asking for the real ones would unpack every row that is not taken.
CREATE FUNCTION claim_outbox(
  p_shards smallint[], p_count int, p_bytes bigint, p_topics text[], p_aggregates text[]
) RETURNS TABLE (
  shard smallint, seq bigint, id uuid, topic text, type text, key text, raw_key bytea, subject text, sequence bigint,
  data jsonb, value bytea, headers jsonb, created_at_ms float8
) LANGUAGE plpgsql STABLE ROWS 1000
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET enable_material = off AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT c.shard, c.seq, c.id, c.topic, c.type, c.key, c.raw_key, c.subject, c.sequence, c.data, c.value, c.headers,
    date_part('epoch', c.created_at) * 1000
  FROM unnest(p_shards) AS s(shard) CROSS JOIN LATERAL (
    SELECT o.*, sum(coalesce(pg_column_size(o.data), 0) + coalesce(octet_length(o.value), 0) + pg_column_size(o.headers))
      OVER (ORDER BY o.shard, o.seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
    FROM (
      SELECT * FROM outbox o WHERE o.shard = s.shard AND o.error IS NULL
        AND (cardinality(p_topics) = 0 OR o.topic NOT IN (SELECT unnest(p_topics)))
        AND (cardinality(p_aggregates) = 0
          OR o.topic || E'\n' || coalesce(o.key, o.id::text) NOT IN (SELECT unnest(p_aggregates)))
      ORDER BY o.shard, o.seq LIMIT p_count) AS o
  ) AS c WHERE c.bytes_before IS NULL OR c.bytes_before < p_bytes;
END
$$;

-- As before: what Kafka has acknowledged leaves, and what waits next is read, in one round trip and one transaction.
CREATE FUNCTION turn_outbox(
  p_gone_shards smallint[], p_gone_seqs bigint[], p_gone_partitions int[], p_gone_offsets bigint[],
  p_shards smallint[], p_count int, p_bytes bigint, p_topics text[], p_aggregates text[]
) RETURNS TABLE (
  shard smallint, seq bigint, id uuid, topic text, type text, key text, raw_key bytea, subject text, sequence bigint,
  data jsonb, value bytea, headers jsonb, created_at_ms float8
) LANGUAGE plpgsql VOLATILE ROWS 1000 AS $$
BEGIN
  PERFORM mark_outbox_published(p_gone_shards, p_gone_seqs, p_gone_partitions, p_gone_offsets);
  RETURN QUERY SELECT * FROM claim_outbox(p_shards, p_count, p_bytes, p_topics, p_aggregates);
END
$$;

-- Rows that cannot be sent keep the reason. Only for the shards' owner: the word of a relay that was stopped and comes back
-- late would hold up what its successor sends.
CREATE FUNCTION refuse_outbox(p_owner text, p_shards smallint[], p_seqs bigint[], p_errors text[])
RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
  WITH own AS MATERIALIZED (
    SELECT shard FROM outbox_shards WHERE shard = ANY (p_shards) AND owner = p_owner FOR SHARE
  )
  UPDATE outbox o SET error = r.error
  FROM unnest(p_shards, p_seqs, p_errors) AS r(shard, seq, error)
  WHERE o.shard = r.shard AND o.seq = r.seq AND r.shard IN (SELECT own.shard FROM own);
END
$$;
