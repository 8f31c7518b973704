/**
 * What the journals in ($1, $2] moved, as rows of `flow_hours`: a posted amount counts once on each side, under the purpose
 * and role of the account there; a hold counts when it is posted. Players are one role. The range is said of transfers, so
 * that their index serves it.
 */
export const flowsOf = (journals = 'true'): string => `
  SELECT line.asset, line.hour, a.purpose,
    CASE WHEN a.holder LIKE 'system:%' THEN substr(a.holder, 8) ELSE 'player' END AS role, line.code,
    sum(line.debited) AS debited, sum(line.credited) AS credited, count(*) AS transfer_count
  FROM (
    SELECT t.asset, date_trunc('hour', j.created_at, 'UTC') AS hour, t.code, side.*
    FROM transfers t JOIN journals j ON j.id = t.journal_id AND j.id > $1 AND j.id <= $2
      CROSS JOIN LATERAL (VALUES (t.debit_account_id, t.amount, 0), (t.credit_account_id, 0, t.amount))
        AS side(account_id, debited, credited)
    WHERE t.journal_id > $1 AND t.journal_id <= $2 AND t.state IN ('posted', 'post') AND ${journals}
  ) line JOIN accounts a ON a.id = line.account_id
  GROUP BY 1, 2, 3, 4, 5`;
