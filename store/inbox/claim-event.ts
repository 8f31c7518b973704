import type { Tx } from '../db.ts';

/**
 * Claims an event for a group in the handler's own transaction. False when it was handled before; while another
 * transaction has claimed it, this waits for that one's end.
 */
export async function claimEvent(tx: Tx, group: string, source: string, id: string): Promise<boolean> {
  const { rowCount } = await tx.query({
    name: 'claim_inbox_event',
    text: 'INSERT INTO inbox (consumer_group, source, id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    values: [group, source, id],
  });
  return rowCount === 1;
}
