-- ---------------------------------------------------------------- posting

-- Wallets are updated by every journal that touches them: free room on their page keeps the update off the indexes.
ALTER TABLE "accounts" SET (fillfactor = 70);
ALTER TABLE "items" SET (fillfactor = 80);

-- The sweep looks for holds past their expiry.
CREATE INDEX "transfers_expiring" ON "transfers" ("expires_at", "id") WHERE state = 'pending';

-- Posts a batch of journals, each entirely or not at all, and answers them in the given order. See `PostResult` in
-- domain/ledger/types.ts for the answers and store/ledger/encode-batch.ts for the arrays; numbers count from 1.
--
-- Shape: read and lock everything once, judge the journals one after another on counters in memory, then write each table
-- with one statement. Measured against a row-wise loop over jsonb: 2.5 times faster on distinct accounts, 28 times on one
-- hot account (docs/explanation/performance.md).
--
-- Locks are taken in one order by every caller: accounts that must be opened, wallets by id, items by id, the days of
-- capped flows by role, side and asset, journal keys. System accounts are never locked: they have no counters here and are
-- folded in the background. Keys come last because a refused journal must leave its key free, and an append-only row cannot
-- be taken back; the insert in key order waits for a concurrent post of the same key, and when that one commits this whole
-- call fails on `journals_key_key`: try again (`isConcurrentPost`).
--
-- Table lookups are subqueries or `= ANY`, never joins with an unnested array: a join planned while the tables are small
-- would be a full scan, and a cached plan keeps it while they grow.
CREATE FUNCTION post_journals(
  j_key text[], j_kind text[], j_hash bytea[], j_actor text[], j_workflow text[], j_step text[], j_request text[],
  j_trace text[], j_reason text[], j_pinned text[], j_headers text[], j_previous integer[], j_transfers integer[], j_movements integer[],
  a_holder text[], a_asset text[], a_purpose text[],
  h_key text[], h_index integer[],
  t_journal integer[], t_index integer[], t_state text[], t_debit integer[], t_credit integer[], t_amount bigint[],
  t_code text[], t_hold integer[], t_own_hold integer[], t_life_ms bigint[],
  m_journal integer[], m_index integer[], m_code text[], m_item uuid[], m_kind text[], m_kind_version integer[],
  m_from text[], m_to text[], m_expect text[], m_lock text[], m_attributes text[],
  v_journal integer[], v_valve text[],
  e_journal integer[], e_topic text[], e_type text[], e_key text[], e_subject text[], e_data text[], e_sequenced boolean[]
) RETURNS TABLE (result text, journal_id bigint, line integer, subject text, shortfall bigint, detail text)
LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
  amount_max CONSTANT bigint := 9223372036854775807;
  posted_at CONSTANT timestamptz := clock_timestamp();
  -- keys that exist already
  k_id bigint[]; k_same boolean[]; k_tombstone boolean[];
  -- accounts named by transfers: id, position among the locked ones
  a_id bigint[]; a_live integer[];
  -- holds named by transfers; status null: not found
  h_id bigint[]; h_debit_id bigint[]; h_credit_id bigint[]; h_amount bigint[]; h_asset text[]; h_expires timestamptz[];
  h_status text[]; h_debit_live integer[]; h_credit_live integer[];
  -- locked accounts by id, where their rows are, and their counters
  l_id bigint[]; l_row tid[]; l_debits_pending bigint[]; l_debits_posted bigint[]; l_credits_pending bigint[]; l_credits_posted bigint[];
  -- items named by movements, by id; owner null: there is none
  i_id uuid[]; i_existed boolean[]; i_kind text[]; i_kind_version integer[]; i_attributes jsonb[]; i_owner text[];
  i_lock text[]; i_version integer[]; i_minted_by bigint[];
  -- movements: position of the item, catalog attributes, whether the receiver exists, what stood before
  m_position integer[]; m_catalog jsonb[]; m_to_known boolean[]; m_owner_before text[]; m_lock_before text[];
  m_attributes_before jsonb[]; m_journal_id bigint[];
  -- transfers: what they change and where, what gets written
  t_pending_delta bigint[]; t_posted_delta bigint[]; t_id bigint[]; t_journal_id bigint[]; t_expires timestamptz[];
  -- answers
  r_result text[]; r_journal_id bigint[]; r_line integer[]; r_subject text[]; r_shortfall bigint[]; r_detail text[];
  closed text[]; j_frozen text[]; some_flow_capped boolean; some_wallet_capped boolean;
  -- capped flows and what went through them today; per account or hold: the flow it counts to, the most its wallet takes
  today CONSTANT date := (posted_at AT TIME ZONE 'UTC')::date;
  f_role text[]; f_side text[]; f_asset text[]; f_max bigint[]; f_amount bigint[];
  a_source_flow integer[]; a_sink_flow integer[]; a_max bigint[]; h_flow integer[];
  n integer; t integer; m integer; giver integer; taker integer; t_from integer; t_next integer := 1; m_from_line integer; m_next integer := 1;
  previous integer; hold integer; debit integer; credit integer; item integer; amount bigint; available bigint;
  state text; refusal text; at_line integer; about text; missing bigint; explained text;
  flow integer; f_before bigint[]; new_id bigint; ok_count integer := 0; written integer; frozen_row record;
BEGIN
  -- Journal ids are drawn only by a transaction that already has its number: `settled_journal_id` relies on it.
  PERFORM pg_current_xact_id();

  -- ------------------------------------------------------------ accounts, opened on first use
  FOR attempt IN 1..2 LOOP
    a_id := ARRAY(SELECT (
        SELECT a.id FROM accounts a WHERE a.holder = r.holder AND a.asset = r.asset AND a.purpose = r.purpose)
      FROM unnest(a_holder, a_asset, a_purpose) AS r(holder, asset, purpose));
    EXIT WHEN attempt = 2 OR array_position(a_id, NULL) IS NULL;
    PERFORM open_accounts(a_holder, a_asset, a_purpose);
  END LOOP;

  -- ------------------------------------------------------------ holds to be resolved
  IF cardinality(h_key) > 0 THEN
    SELECT array_agg(h.id ORDER BY r.n), array_agg(h.debit_account_id ORDER BY r.n), array_agg(h.credit_account_id ORDER BY r.n),
      array_agg(h.amount ORDER BY r.n), array_agg(h.asset ORDER BY r.n), array_agg(h.expires_at ORDER BY r.n)
    INTO h_id, h_debit_id, h_credit_id, h_amount, h_asset, h_expires
    FROM unnest(h_key, h_index) WITH ORDINALITY AS r(key, index, n)
    -- The state is asked outside: inside, it would let the index of expiring holds be read from end to end.
    LEFT JOIN LATERAL (
      SELECT p.* FROM transfers p WHERE p.journal_id = (SELECT j.id FROM journals j WHERE j.key = r.key) AND p.index = r.index
      OFFSET 0
    ) h ON h.state = 'pending';
  END IF;

  -- ------------------------------------------------------------ lock wallets by id, read their counters
  SELECT coalesce(array_agg(l.id), '{}'), array_agg(l.row), array_agg(l.debits_pending), array_agg(l.debits_posted),
    array_agg(l.credits_pending), array_agg(l.credits_posted)
  INTO l_id, l_row, l_debits_pending, l_debits_posted, l_credits_pending, l_credits_posted
  FROM (
    SELECT a.ctid AS row, a.* FROM accounts a WHERE a.id = ANY (a_id || h_debit_id || h_credit_id) AND a.live ORDER BY a.id FOR UPDATE
  ) l;
  -- `width_bucket` is the binary search: the position of the last locked id that is not greater. It is given the array
  -- as an aggregate's result because a variable's would be copied for every call.
  a_live := ARRAY(SELECT CASE WHEN l_id[p] = r.id THEN p END
    FROM (SELECT array_agg(u.id) AS ids FROM unnest(l_id) AS u(id)) flat,
      unnest(a_id) AS r(id), LATERAL width_bucket(r.id, flat.ids) AS p);
  IF cardinality(h_key) > 0 THEN
    h_debit_live := ARRAY(SELECT CASE WHEN l_id[p] = r.id THEN p END
      FROM (SELECT array_agg(u.id) AS ids FROM unnest(l_id) AS u(id)) flat,
        unnest(h_debit_id) WITH ORDINALITY AS r(id, n), LATERAL width_bucket(r.id, flat.ids) AS p ORDER BY r.n);
    h_credit_live := ARRAY(SELECT CASE WHEN l_id[p] = r.id THEN p END
      FROM (SELECT array_agg(u.id) AS ids FROM unnest(l_id) AS u(id)) flat,
        unnest(h_credit_id) WITH ORDINALITY AS r(id, n), LATERAL width_bucket(r.id, flat.ids) AS p ORDER BY r.n);
    h_status := ARRAY(SELECT CASE WHEN r.id IS NOT NULL THEN coalesce(
        (SELECT CASE x.state WHEN 'post' THEN 'posted' ELSE 'voided' END FROM transfers x WHERE x.pending_id = r.id), 'open') END
      FROM unnest(h_id) WITH ORDINALITY AS r(id, n) ORDER BY r.n);
  END IF;

  -- ------------------------------------------------------------ lock items by id, read them
  IF cardinality(m_item) > 0 THEN
    i_id := ARRAY(SELECT DISTINCT u.id FROM unnest(m_item) AS u(id) ORDER BY u.id);
    PERFORM 1 FROM (SELECT x.id FROM items x WHERE x.id = ANY (i_id) ORDER BY x.id FOR UPDATE) locked;
    SELECT array_agg(x.id IS NOT NULL ORDER BY r.n), array_agg(x.kind ORDER BY r.n), array_agg(x.kind_version ORDER BY r.n),
      array_agg(x.attributes ORDER BY r.n), array_agg(x.owner ORDER BY r.n), array_agg(x.lock ORDER BY r.n),
      array_agg(coalesce(x.version, 0) ORDER BY r.n), array_agg(x.minted_by ORDER BY r.n)
    INTO i_existed, i_kind, i_kind_version, i_attributes, i_owner, i_lock, i_version, i_minted_by
    FROM unnest(i_id) WITH ORDINALITY AS r(id, n)
    LEFT JOIN LATERAL (SELECT y.* FROM items y WHERE y.id = r.id OFFSET 0) x ON true;
    SELECT array_agg(width_bucket(r.item, i_id) ORDER BY r.n),
      array_agg((SELECT c.attributes FROM catalog_kinds c WHERE c.code = r.kind AND c.version = r.kind_version) ORDER BY r.n),
      array_agg(holder_exists(r.receiver) ORDER BY r.n)
    INTO m_position, m_catalog, m_to_known
    FROM unnest(m_item, m_kind, m_kind_version, m_to) WITH ORDINALITY AS r(item, kind, kind_version, receiver, n);
  END IF;

  -- ------------------------------------------------------------ keys, after the locks that order their posts
  SELECT array_agg(k.id), array_agg(k.body_hash = r.hash), array_agg(k.kind = 'tombstone')
  INTO k_id, k_same, k_tombstone
  FROM unnest(j_key, j_hash) AS r(key, hash)
  LEFT JOIN LATERAL (SELECT j.id, j.body_hash, j.kind FROM journals j WHERE j.key = r.key OFFSET 0) k ON true;

  -- ------------------------------------------------------------ closed valves, frozen assets and kinds
  SELECT array_agg(c.valve) FILTER (WHERE c.valve IS NOT NULL), bool_or(c.flow), bool_or(c.wallet)
  INTO closed, some_flow_capped, some_wallet_capped
  FROM (
    SELECT v.scope || ':' || v.id, false, false FROM valves v
    UNION ALL SELECT 'asset:' || a.code, false, false FROM assets a WHERE a.frozen
    UNION ALL SELECT 'kind:' || c.code, false, false FROM catalog_kinds c WHERE c.frozen AND cardinality(m_item) > 0
    UNION ALL (SELECT NULL, true, false FROM flow_caps LIMIT 1)
    UNION ALL SELECT NULL, false, true FROM assets a WHERE a.wallet_max IS NOT NULL
  ) c(valve, flow, wallet);
  IF closed IS NOT NULL THEN
    -- What gives back (void, unlock, a lock put in another's place) passes a closed valve: a story must be able to undo
    -- itself. So does the post of a hold: a match ends with its stamps, and what is paid on from a hold is refused anyway.
    FOR frozen_row IN
      SELECT DISTINCT ON (w.journal) w.journal, w.valve FROM (
        SELECT d.journal, d.valve FROM unnest(v_journal, v_valve) AS d(journal, valve)
        UNION ALL
        SELECT d.journal, 'asset:' || a_asset[d.debit]
        FROM unnest(t_journal, t_state, t_debit) AS d(journal, state, debit) WHERE d.state NOT IN ('void', 'post')
        UNION ALL
        SELECT d.journal, 'source:' || substr(a_holder[d.debit], length('system:') + 1)
        FROM unnest(t_journal, t_debit) AS d(journal, debit) WHERE a_purpose[d.debit] = 'source'
        UNION ALL
        SELECT d.journal, 'source:' || substr(d.giver, length('system:') + 1)
        FROM unnest(m_journal, m_code, m_from) AS d(journal, code, giver) WHERE d.code = 'mint'
        UNION ALL
        SELECT d.journal, 'kind:' || coalesce(d.kind, i_kind[d.position])
        FROM unnest(m_journal, m_code, m_kind, m_position, m_expect) AS d(journal, code, kind, position, expect)
        WHERE d.code <> 'unlock' AND NOT (d.code = 'lock' AND d.expect IS NOT NULL)
      ) w WHERE w.valve = ANY (closed) ORDER BY w.journal, w.valve
    LOOP
      j_frozen[frozen_row.journal] := frozen_row.valve;
    END LOOP;
  END IF;

  -- ------------------------------------------------------------ caps: of flows per day, of wallets
  -- A capped flow is a system account that gives (source) or takes (sink). Its count of today is read and written under its
  -- row's lock; a flow without a cap has no row and costs nothing.
  IF some_flow_capped THEN
    SELECT array_agg(c.role ORDER BY c.role, c.side, c.asset), array_agg(c.side ORDER BY c.role, c.side, c.asset),
      array_agg(c.asset ORDER BY c.role, c.side, c.asset), array_agg(c.amount_per_day ORDER BY c.role, c.side, c.asset)
    INTO f_role, f_side, f_asset, f_max
    FROM flow_caps c WHERE EXISTS (
      SELECT 1 FROM unnest(a_holder, a_asset, a_purpose) AS r(holder, asset, purpose)
      WHERE r.purpose = c.side AND r.holder = 'system:' || c.role AND r.asset = c.asset
      UNION ALL
      SELECT 1 FROM accounts a
      WHERE a.id = ANY (h_credit_id) AND a.purpose = c.side AND a.holder = 'system:' || c.role AND a.asset = c.asset);
  END IF;
  IF f_max IS NOT NULL THEN
    INSERT INTO flow_days (role, side, asset, day)
    SELECT f.role, f.side, f.asset, today FROM unnest(f_role, f_side, f_asset) AS f(role, side, asset)
    WHERE NOT EXISTS (
      SELECT 1 FROM flow_days d WHERE d.role = f.role AND d.side = f.side AND d.asset = f.asset AND d.day = today)
    ORDER BY f.role, f.side, f.asset
    ON CONFLICT (role, side, asset, day) DO NOTHING;
    SELECT array_agg(l.amount) INTO f_amount FROM (
      SELECT d.amount FROM flow_days d
      WHERE d.day = today AND (d.role, d.side, d.asset) IN (SELECT * FROM unnest(f_role, f_side, f_asset))
      ORDER BY d.role, d.side, d.asset FOR UPDATE
    ) l;
    SELECT array_agg(CASE WHEN r.purpose = 'source' THEN f.n END ORDER BY r.n), array_agg(CASE WHEN r.purpose = 'sink' THEN f.n END ORDER BY r.n)
    INTO a_source_flow, a_sink_flow
    FROM unnest(a_holder, a_asset, a_purpose) WITH ORDINALITY AS r(holder, asset, purpose, n)
    LEFT JOIN unnest(f_role, f_side, f_asset) WITH ORDINALITY AS f(role, side, asset, n)
      ON r.purpose = f.side AND r.holder = 'system:' || f.role AND r.asset = f.asset;
    -- A hold counts when it is taken; one of today that is given up gives its share back.
    h_flow := ARRAY(SELECT (
        SELECT f.n FROM accounts a JOIN unnest(f_role, f_side, f_asset) WITH ORDINALITY AS f(role, side, asset, n)
          ON f.side = 'sink' AND a.purpose = 'sink' AND a.holder = 'system:' || f.role AND a.asset = f.asset
        WHERE a.id = r.id AND EXISTS (
          SELECT 1 FROM journals j WHERE j.key = r.key AND (j.created_at AT TIME ZONE 'UTC')::date = today))
      FROM unnest(h_credit_id, h_key) WITH ORDINALITY AS r(id, key, n) ORDER BY r.n);
  END IF;
  IF some_wallet_capped THEN
    a_max := ARRAY(SELECT (SELECT s.wallet_max FROM assets s WHERE s.code = r.asset AND r.purpose = 'wallet')
      FROM unnest(a_asset, a_purpose) WITH ORDINALITY AS r(asset, purpose, n) ORDER BY r.n);
  END IF;

  -- ------------------------------------------------------------ judge the journals, one after another
  -- Filled to full length: an element assigned past the end of an empty array would become its first.
  r_journal_id := array_fill(NULL::bigint, ARRAY[cardinality(j_key)]);
  r_shortfall := r_journal_id;
  r_result := array_fill('ok'::text, ARRAY[cardinality(j_key)]);
  r_line := array_fill(NULL::integer, ARRAY[cardinality(j_key)]);
  r_subject := array_fill(NULL::text, ARRAY[cardinality(j_key)]);
  r_detail := r_subject;
  t_id := array_fill(NULL::bigint, ARRAY[cardinality(t_state)]);
  t_journal_id := t_id; t_pending_delta := t_id; t_posted_delta := t_id;
  t_expires := array_fill(NULL::timestamptz, ARRAY[cardinality(t_state)]);
  IF i_id IS NOT NULL THEN
    m_journal_id := array_fill(NULL::bigint, ARRAY[cardinality(m_code)]);
    m_owner_before := array_fill(NULL::text, ARRAY[cardinality(m_code)]);
    m_lock_before := m_owner_before;
    m_attributes_before := array_fill(NULL::jsonb, ARRAY[cardinality(m_code)]);
  END IF;
  FOR n IN 1..cardinality(j_key) LOOP
    t_from := t_next; t_next := t_next + j_transfers[n];
    m_from_line := m_next; m_next := m_next + j_movements[n];
    refusal := NULL;
    IF k_id[n] IS NOT NULL THEN
      refusal := CASE WHEN k_tombstone[n] AND j_kind[n] <> 'tombstone' THEN 'cancelled' WHEN k_same[n] THEN 'exists'
        ELSE 'exists_with_different_body' END;
      new_id := k_id[n];
    ELSE
      previous := j_previous[n];
      WHILE previous IS NOT NULL AND r_journal_id[previous] IS NULL LOOP
        previous := j_previous[previous];
      END LOOP;
      IF previous IS NOT NULL THEN
        refusal := CASE WHEN j_kind[previous] = 'tombstone' AND j_kind[n] <> 'tombstone' THEN 'cancelled'
          WHEN j_hash[previous] = j_hash[n] THEN 'exists' ELSE 'exists_with_different_body' END;
        new_id := r_journal_id[previous];
      ELSIF j_frozen[n] IS NOT NULL THEN
        refusal := 'frozen'; about := j_frozen[n];
      END IF;
    END IF;
    IF refusal = 'exists' THEN
      r_journal_id[n] := new_id;
    END IF;

    IF refusal IS NULL THEN
      f_before := f_amount;
      t := t_from;
      WHILE t < t_next LOOP
        state := t_state[t];
        IF state IN ('posted', 'pending') THEN
          amount := t_amount[t]; giver := t_debit[t]; taker := t_credit[t];
          debit := a_live[giver]; credit := a_live[taker];
          IF amount IS NULL THEN
            refusal := 'overflow'; explained := 'an amount is a positive integer below 2^63';
          ELSIF a_id[giver] IS NULL THEN
            refusal := 'unknown_account'; explained := concat_ws(' ', a_holder[giver], a_asset[giver], a_purpose[giver]);
          ELSIF a_id[taker] IS NULL THEN
            refusal := 'unknown_account'; explained := concat_ws(' ', a_holder[taker], a_asset[taker], a_purpose[taker]);
          ELSIF a_asset[giver] <> a_asset[taker] OR giver = taker THEN
            refusal := 'unknown_account'; explained := 'a transfer is between two accounts of one asset';
          ELSIF debit IS NULL AND state = 'pending' THEN
            -- a hold is resolved under its wallet's lock
            refusal := 'unknown_account'; explained := 'a hold is taken from a wallet';
          ELSIF debit IS NOT NULL AND l_credits_posted[debit] - l_debits_posted[debit] - l_debits_pending[debit] < amount THEN
            refusal := 'insufficient_funds'; about := a_asset[giver];
            missing := amount - (l_credits_posted[debit] - l_debits_posted[debit] - l_debits_pending[debit]);
          ELSIF credit IS NOT NULL AND l_credits_posted[credit] > amount_max - l_credits_pending[credit] - amount THEN
            refusal := 'overflow'; explained := 'the balance would not fit';
          ELSIF a_max IS NOT NULL AND a_purpose[giver] = 'source'
            AND l_credits_posted[credit] - l_debits_posted[credit] > a_max[taker] - amount THEN
            refusal := 'limit_exceeded'; about := 'wallet:' || a_asset[taker];
            explained := format('the wallet holds at most %s %s', a_max[taker], a_asset[taker]);
          ELSIF state = 'pending' THEN
            t_pending_delta[t] := amount; t_posted_delta[t] := 0;
            t_expires[t] := posted_at + t_life_ms[t] * interval '1 millisecond';
          END IF;
          IF f_max IS NOT NULL AND refusal IS NULL THEN
            FOREACH flow IN ARRAY ARRAY[a_source_flow[giver], a_sink_flow[taker]] LOOP
              CONTINUE WHEN flow IS NULL;
              IF f_amount[flow] > f_max[flow] - amount THEN
                refusal := 'limit_exceeded'; about := f_side[flow] || ':' || f_role[flow];
                explained := format('%s of %s %s a day are used', f_amount[flow], f_max[flow], f_asset[flow]);
                EXIT;
              END IF;
              f_amount[flow] := f_amount[flow] + amount;
            END LOOP;
          END IF;
        ELSE
          hold := t_hold[t];
          IF h_status[hold] = 'open' THEN
            IF state = 'post' AND h_expires[hold] <= posted_at THEN
              refusal := 'pending_expired'; explained := h_id[hold];
            ELSE
              amount := h_amount[hold];
              debit := h_debit_live[hold]; credit := h_credit_live[hold];
              t_pending_delta[t] := -amount;
              t_posted_delta[t] := CASE state WHEN 'post' THEN amount ELSE 0 END;
              h_status[hold] := CASE state WHEN 'post' THEN 'posted' ELSE 'voided' END;
              IF state = 'void' AND h_flow[hold] IS NOT NULL THEN
                f_amount[h_flow[hold]] := greatest(0, f_amount[h_flow[hold]] - amount);
              END IF;
            END IF;
          ELSE
            refusal := CASE h_status[hold] WHEN 'posted' THEN 'pending_already_posted' WHEN 'voided' THEN 'pending_already_voided'
              ELSE 'pending_not_found' END;
          END IF;
        END IF;
        IF refusal IS NOT NULL THEN
          at_line := t_index[t];
          EXIT;
        END IF;
        IF state = 'posted' THEN
          IF debit IS NOT NULL THEN
            l_debits_posted[debit] := l_debits_posted[debit] + amount;
          END IF;
          IF credit IS NOT NULL THEN
            l_credits_posted[credit] := l_credits_posted[credit] + amount;
          END IF;
        ELSE
          IF debit IS NOT NULL THEN
            l_debits_pending[debit] := l_debits_pending[debit] + t_pending_delta[t];
            l_debits_posted[debit] := l_debits_posted[debit] + t_posted_delta[t];
          END IF;
          IF credit IS NOT NULL THEN
            l_credits_pending[credit] := l_credits_pending[credit] + t_pending_delta[t];
            l_credits_posted[credit] := l_credits_posted[credit] + t_posted_delta[t];
          END IF;
        END IF;
        t := t + 1;
      END LOOP;

      m := m_from_line;
      WHILE refusal IS NULL AND m < m_next LOOP
        item := m_position[m];
        m_owner_before[m] := i_owner[item]; m_lock_before[m] := i_lock[item]; m_attributes_before[m] := i_attributes[item];
        IF m_code[m] = 'mint' THEN
          IF i_owner[item] IS NOT NULL THEN
            refusal := 'item_not_owned'; explained := 'the item exists already';
          ELSIF m_catalog[m] IS NULL THEN
            refusal := 'unknown_account'; explained := format('catalog kind %s version %s', m_kind[m], m_kind_version[m]);
          END IF;
        ELSIF i_owner[item] IS DISTINCT FROM m_from[m] THEN
          refusal := 'item_not_owned';
        ELSIF i_lock[item] IS DISTINCT FROM m_expect[m] THEN
          refusal := 'item_locked'; about := m_item[m]; explained := i_lock[item];
        END IF;
        IF refusal IS NULL AND NOT m_to_known[m] THEN
          refusal := 'unknown_account'; explained := m_to[m];
        END IF;
        IF refusal IS NOT NULL THEN
          at_line := m_index[m];
          EXIT;
        END IF;
        IF m_code[m] = 'mint' THEN
          i_kind[item] := m_kind[m]; i_kind_version[item] := m_kind_version[m];
          i_attributes[item] := coalesce(m_attributes[m]::jsonb, m_catalog[m]);
        ELSIF m_code[m] = 'modify' THEN
          i_attributes[item] := m_attributes[m]::jsonb;
        END IF;
        i_owner[item] := m_to[m]; i_lock[item] := m_lock[m]; i_version[item] := i_version[item] + 1;
        m := m + 1;
      END LOOP;

      IF refusal IS NULL THEN
        ok_count := ok_count + 1;
        new_id := nextval('journals_id_seq');
        r_journal_id[n] := new_id;
        FOR u IN t_from..t_next - 1 LOOP
          t_journal_id[u] := new_id;
          t_id[u] := nextval('transfers_id_seq');
          hold := t_own_hold[u];
          IF hold IS NOT NULL THEN
            giver := t_debit[u]; taker := t_credit[u];
            h_id[hold] := t_id[u]; h_status[hold] := 'open'; h_amount[hold] := t_amount[u]; h_asset[hold] := a_asset[giver];
            h_debit_id[hold] := a_id[giver]; h_credit_id[hold] := a_id[taker]; h_expires[hold] := t_expires[u];
            h_debit_live[hold] := a_live[giver]; h_credit_live[hold] := a_live[taker];
            h_flow[hold] := a_sink_flow[taker];
          END IF;
        END LOOP;
        FOR u IN m_from_line..m_next - 1 LOOP
          m_journal_id[u] := new_id;
          IF m_code[u] = 'mint' THEN
            i_minted_by[m_position[u]] := new_id;
          END IF;
        END LOOP;
      ELSE
        -- nothing of a refused journal remains: take back what its earlier lines did
        f_amount := f_before;
        FOR u IN REVERSE m - 1..m_from_line LOOP
          item := m_position[u];
          i_owner[item] := m_owner_before[u]; i_lock[item] := m_lock_before[u];
          i_attributes[item] := m_attributes_before[u]; i_version[item] := i_version[item] - 1;
        END LOOP;
        FOR u IN REVERSE t - 1..t_from LOOP
          hold := t_hold[u];
          debit := coalesce(a_live[t_debit[u]], h_debit_live[hold]); credit := coalesce(a_live[t_credit[u]], h_credit_live[hold]);
          IF debit IS NOT NULL THEN
            l_debits_pending[debit] := l_debits_pending[debit] - coalesce(t_pending_delta[u], 0);
            l_debits_posted[debit] := l_debits_posted[debit] - coalesce(t_posted_delta[u], t_amount[u]);
          END IF;
          IF credit IS NOT NULL THEN
            l_credits_pending[credit] := l_credits_pending[credit] - coalesce(t_pending_delta[u], 0);
            l_credits_posted[credit] := l_credits_posted[credit] - coalesce(t_posted_delta[u], t_amount[u]);
          END IF;
          IF hold IS NOT NULL THEN
            h_status[hold] := 'open';
          END IF;
        END LOOP;
      END IF;
    END IF;

    IF refusal IS NOT NULL THEN
      r_result[n] := refusal; r_line[n] := at_line; r_subject[n] := about; r_shortfall[n] := missing; r_detail[n] := explained;
      at_line := NULL; about := NULL; missing := NULL; explained := NULL;
    END IF;
  END LOOP;

  -- ------------------------------------------------------------ write, one statement per table
  IF ok_count > 0 THEN
    INSERT INTO journals (id, key, kind, body_hash, actor, workflow_id, step, request_id, trace_id, reason, pinned, created_at)
    SELECT j.id, j.key, j.kind, j.hash, j.actor, j.workflow, j.step, j.request, j.trace, j.reason, j.pinned::jsonb, posted_at
    FROM unnest(r_journal_id, r_result, j_key, j_kind, j_hash, j_actor, j_workflow, j_step, j_request, j_trace, j_reason, j_pinned)
      AS j(id, result, key, kind, hash, actor, workflow, step, request, trace, reason, pinned)
    WHERE j.result = 'ok' ORDER BY j.key;

    INSERT INTO transfers (id, journal_id, index, debit_account_id, credit_account_id, asset, amount, state, code, pending_id, expires_at)
    SELECT x.id, x.journal, x.index, coalesce(a_id[x.debit], h_debit_id[x.hold]), coalesce(a_id[x.credit], h_credit_id[x.hold]),
      coalesce(a_asset[x.debit], h_asset[x.hold]), coalesce(x.amount, h_amount[x.hold]), x.state, x.code, h_id[x.hold], x.expires
    FROM unnest(t_id, t_journal_id, t_index, t_debit, t_credit, t_hold, t_amount, t_state, t_code, t_expires)
      AS x(id, journal, index, debit, credit, hold, amount, state, code, expires)
    WHERE x.journal IS NOT NULL;

    -- Nobody else can move a locked row: it is where it was when it was locked, and needs no second search.
    UPDATE accounts a
    SET debits_pending = w.debits_pending, debits_posted = w.debits_posted, credits_pending = w.credits_pending,
      credits_posted = w.credits_posted
    FROM unnest(l_row, l_debits_pending, l_debits_posted, l_credits_pending, l_credits_posted)
      AS w(row, debits_pending, debits_posted, credits_pending, credits_posted)
    WHERE a.ctid = w.row;
    GET DIAGNOSTICS written = ROW_COUNT;
    IF written <> cardinality(l_id) THEN
      RAISE EXCEPTION 'a locked wallet is not where it was';
    END IF;

    IF f_max IS NOT NULL THEN
      UPDATE flow_days d SET amount = f.amount
      FROM unnest(f_role, f_side, f_asset, f_amount) AS f(role, side, asset, amount)
      WHERE d.role = f.role AND d.side = f.side AND d.asset = f.asset AND d.day = today AND d.amount <> f.amount;
    END IF;

    IF i_id IS NOT NULL THEN
      INSERT INTO item_movements (journal_id, index, item_id, from_owner, to_owner, lock_before, lock_after, attributes, code)
      SELECT x.journal, x.index, x.item, x.giver, x.receiver, x.lock_before, x.lock_after, x.attributes::jsonb, x.code
      FROM unnest(m_journal_id, m_index, m_item, m_from, m_to, m_lock_before, m_lock, m_attributes, m_code) WITH ORDINALITY
        AS x(journal, index, item, giver, receiver, lock_before, lock_after, attributes, code, n)
      WHERE x.journal IS NOT NULL ORDER BY x.n;

      INSERT INTO items (id, kind, kind_version, attributes, owner, lock, minted_by, version)
      SELECT x.id, x.kind, x.kind_version, x.attributes, x.owner, x.lock, x.minted_by, x.version
      FROM unnest(i_id, i_existed, i_kind, i_kind_version, i_attributes, i_owner, i_lock, i_minted_by, i_version)
        AS x(id, existed, kind, kind_version, attributes, owner, lock, minted_by, version)
      WHERE NOT x.existed AND x.owner IS NOT NULL
      ON CONFLICT (id) DO NOTHING;
      GET DIAGNOSTICS written = ROW_COUNT;
      IF written < (SELECT count(*) FROM unnest(i_existed, i_owner) AS x(existed, owner) WHERE NOT x.existed AND x.owner IS NOT NULL) THEN
        RAISE EXCEPTION 'another transaction has minted one of these items' USING ERRCODE = 'serialization_failure';
      END IF;

      UPDATE items x
      SET (attributes, owner, lock, version) = (
        SELECT i_attributes[w.p], i_owner[w.p], i_lock[w.p], i_version[w.p] FROM width_bucket(x.id, i_id) AS w(p))
      -- `i_existed`: an item that was minted since it was looked for is not ours to write
      WHERE x.id = ANY (i_id) AND i_existed[width_bucket(x.id, i_id)] AND x.version <> i_version[width_bucket(x.id, i_id)];
    END IF;

    -- What `append_outbox` does for an event without a sequence, without its detour through arrays.
    INSERT INTO outbox (shard, topic, type, key, subject, data, headers)
    SELECT outbox_shard(j.key), 'ledger.journal', 'ledger.journal.posted.v1', j.key, j.key,
      jsonb_build_object('journalId', j.id::text, 'key', j.key, 'kind', j.kind), j.headers::jsonb
    FROM unnest(r_journal_id, r_result, j_key, j_kind, j_headers) AS j(id, result, key, kind, headers)
    WHERE j.result = 'ok';
    IF cardinality(e_journal) > 0 THEN
      PERFORM append_outbox(array_agg(e.topic), array_agg(e.type), array_agg(e.key), array_agg(e.subject), array_agg(e.data),
        array_agg(j_headers[e.journal]), array_agg(e.sequenced))
      FROM unnest(e_journal, e_topic, e_type, e_key, e_subject, e_data, e_sequenced)
        AS e(journal, topic, type, key, subject, data, sequenced)
      WHERE r_result[e.journal] = 'ok'
      HAVING count(*) > 0;
    END IF;
  END IF;

  RETURN QUERY SELECT * FROM unnest(r_result, r_journal_id, r_line, r_subject, r_shortfall, r_detail);
END $$;

-- A player must exist; system holders are the economy's roles.
CREATE FUNCTION holder_exists(holder text) RETURNS boolean LANGUAGE plpgsql STABLE
SET enable_seqscan = off
AS $$
BEGIN
  IF holder LIKE 'system:%' THEN
    RETURN true;
  END IF;
  RETURN holder LIKE 'player:%' AND pg_input_is_valid(substr(holder, 8), 'uuid')
    AND EXISTS (SELECT 1 FROM players p WHERE p.id = substr(holder, 8)::uuid);
END $$;

-- Opens those accounts whose asset and holder exist, in one order, so that two callers cannot wait for each other.
CREATE FUNCTION open_accounts(holders text[], assets text[], purposes text[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO accounts (holder, asset, purpose, live)
  SELECT r.holder, r.asset, r.purpose, r.purpose IN ('wallet', 'mailbox')
  FROM unnest(holders, assets, purposes) AS r(holder, asset, purpose)
  WHERE EXISTS (SELECT 1 FROM assets s WHERE s.code = r.asset) AND holder_exists(r.holder)
    AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.holder = r.holder AND a.asset = r.asset AND a.purpose = r.purpose)
  ORDER BY r.holder, r.asset, r.purpose
  ON CONFLICT (holder, asset, purpose) DO NOTHING
$$;
