import { createHash } from 'node:crypto';
import type { Action } from '../domain/arena/types.ts';
import { canonicalJson } from '../domain/canonical-json.ts';

/** What makes a repeat of an action key the same request: the action and whether it is sealed. */
export const bodyHashOf = (action: Action, seal: boolean): string =>
  createHash('sha256')
    .update(canonicalJson({ ...action, seal }))
    .digest('hex');
