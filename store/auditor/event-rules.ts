import type { SqlRule } from './rules.ts';

/** The event log forgets after the longest retention of a topic: only what is younger can be looked for. */
const remembered = `interval '29 days'`;

export const eventRules: readonly SqlRule[] = [
  {
    name: 'events_told',
    title: 'P6 every journal has its event',
    holds: 'every journal was told or waits in the outbox',
    violations: `
      WITH told AS MATERIALIZED (
        SELECT key FROM outbox WHERE topic = 'ledger.journal'
        UNION ALL
        SELECT key FROM event_log WHERE topic = 'ledger.journal' AND published_at >= (
          SELECT coalesce(min(created_at), 'infinity') FROM journals WHERE id > $1 AND created_at > now() - ${remembered})
      )
      SELECT 'journal ' || j.id AS subject, 'no event for ' || j.key AS detail, j.created_at AS since
      FROM journals j
      WHERE j.id > $1 AND j.created_at > now() - ${remembered} AND NOT EXISTS (SELECT 1 FROM told WHERE told.key = j.key)`,
  },
  {
    name: 'event_sequences',
    title: 'P6 no gap in what waits in the outbox',
    holds: 'the waiting events of every aggregate follow each other up to its counter',
    violations: `
      SELECT o.topic || ' ' || o.key AS subject,
        format('%s events from %s to %s, the counter stands at %s', count(*), min(o.sequence), max(o.sequence),
          coalesce(max(s.sequence)::text, 'nothing')) AS detail,
        min(o.created_at) AS since
      FROM outbox o LEFT JOIN event_sequences s ON s.topic = o.topic AND s.key = o.key
      WHERE o.sequence IS NOT NULL
      GROUP BY o.topic, o.key
      HAVING count(*) <> max(o.sequence) - min(o.sequence) + 1 OR max(s.sequence) IS DISTINCT FROM max(o.sequence)`,
  },
];
