import { isConcurrentPost } from './post-journals.ts';

const attemptCountMax = 5;

/** Runs a transaction again when another one posted the same key, or took the same locks, at the same moment. */
export async function retryConcurrent<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isConcurrentPost(error) || attempt === attemptCountMax) throw error;
    }
  }
}
