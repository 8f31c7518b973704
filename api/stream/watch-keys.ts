import type { Log } from '../../platform/log.ts';
import { revokedAmong } from '../../store/api-keys/reads.ts';
import type { Queryable } from '../../store/db.ts';
import type { StreamRegistry } from './registry.ts';

/** Other processes hear of a revoked key by asking: one question at a time, about keys with open streams only. */
const everyMs = 2_000;

/** Ends the streams of keys that somebody has revoked, in whichever process; answers how to stop. */
export function watchKeys({
  db,
  streams,
  log,
}: {
  db: Queryable;
  streams: StreamRegistry;
  log: Log;
}): () => void {
  let asking = false;
  const look = async (): Promise<void> => {
    const keyIds = streams.openKeys();
    if (asking || keyIds.length === 0) return;
    asking = true;
    try {
      for (const keyId of await revokedAmong(db, keyIds)) streams.closeOfKey(keyId);
    } catch (error) {
      log.debug({ err: error }, 'keys of open streams are looked at again');
    } finally {
      asking = false;
    }
  };
  const timer = setInterval(() => void look(), everyMs);
  return () => clearInterval(timer);
}
