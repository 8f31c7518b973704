import type { Db } from '../../../store/db.ts';
import { foldFlows } from '../../../store/flows/fold-flows.ts';

/** Folds the flows however long somebody else's transaction is in the way; answers the journal they reach. */
export async function folded(db: Db): Promise<bigint> {
  for (;;) {
    const reached = await foldFlows(db);
    if (reached !== null) return reached;
  }
}
