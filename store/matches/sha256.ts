import { createHash } from 'node:crypto';
import type { Sha256 } from '../../domain/arena/types.ts';

/** The hash that the rules take as an argument. */
export const sha256: Sha256 = (bytes) => createHash('sha256').update(bytes).digest();
