import type { Db } from '../store/db.ts';
import type { Breaker } from './breaker.ts';

/** The same database, refusing at once while it is known to be down. */
export function guardDb(db: Db, breaker: Breaker): Db {
  return {
    ...db,
    // Typed on the outside as it was: the extension changes how calls run, not what they answer.
    prisma: db.prisma.$extends({
      query: { $allOperations: ({ args, query }) => breaker(() => query(args)) },
    }) as unknown as Db['prisma'],
    query: (text, values) => breaker(() => db.query(text, values)),
    transaction: (work) => breaker(() => db.transaction(work)),
  };
}
