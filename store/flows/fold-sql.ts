/**
 * What journals moved, as rows of `flow_hours`: a posted amount counts once on each side, under the purpose and role of the
 * account there; a hold counts when it is posted. Players are one role. `journals` is a condition on `j`.
 */
export const flowsOf = (journals: string): string => `
  SELECT line.asset, line.hour, a.purpose, ${roleOf('a')} AS role, line.code, sum(line.debited) AS debited,
    sum(line.credited) AS credited, count(*) AS transfer_count
  FROM (
    SELECT t.asset, date_trunc('hour', j.created_at, 'UTC') AS hour, t.code, side.*
    FROM journals j JOIN transfers t ON t.journal_id = j.id
      CROSS JOIN LATERAL (VALUES (t.debit_account_id, t.amount, 0), (t.credit_account_id, 0, t.amount))
        AS side(account_id, debited, credited)
    WHERE t.state IN ('posted', 'post') AND ${journals}
  ) line JOIN accounts a ON a.id = line.account_id
  GROUP BY 1, 2, 3, 4, 5`;

const roleOf = (account: string): string =>
  `CASE WHEN ${account}.holder LIKE 'system:%' THEN substr(${account}.holder, 8) ELSE 'player' END`;
