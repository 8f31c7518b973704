import { z } from '@hono/zod-openapi';
import { Code, Cursor, Id, Limit, Time } from '../../schemas.ts';

const Nullable = z.string().nullable();
const WorkflowUrl = z
  .url()
  .nullable()
  .openapi({ description: 'The story in the Temporal Web UI; for operators' });

export const ItemParams = z.strictObject({ itemId: Id });
export const ItemHistoryQuery = z.strictObject({ limit: Limit, cursor: Cursor });

const ItemMovement = z
  .strictObject({
    code: z.enum(['mint', 'burn', 'transfer', 'modify', 'lock', 'unlock']),
    from: Nullable,
    to: Nullable,
    lockBefore: Nullable,
    lockAfter: Nullable,
    attributes: z.unknown().openapi({ description: 'What the movement set, null when it set none' }),
    journalId: z.string(),
    key: z.string(),
    kind: z.string(),
    actor: z.string(),
    reason: Nullable.openapi({ description: 'For the owner and operators' }),
    workflowId: Nullable,
    workflowUrl: WorkflowUrl,
    step: Nullable,
    createdAt: Time,
    receipt: z.string(),
  })
  .openapi('ItemMovement');

const ItemLock = z
  .strictObject({
    lock: z.string(),
    type: z.enum(['listing', 'trade', 'match', 'other']),
    id: z.string(),
    state: Nullable.openapi({ description: 'Where the story stands; null when there is no such story' }),
    resource: Nullable.openapi({ description: 'Where it can be read' }),
    workflowId: Nullable,
    workflowUrl: WorkflowUrl,
    since: Time.nullable(),
    actor: Nullable.openapi({ description: 'Who took the lock' }),
    step: Nullable.openapi({ description: 'The step of the story that took it' }),
    reason: Nullable,
    receipt: Nullable,
  })
  .openapi('ItemLock');

export const ItemHistory = z
  .strictObject({
    item: z.strictObject({
      itemId: Id,
      kind: Code,
      kindVersion: z.number().int(),
      attributes: z.record(z.string(), z.unknown()),
      owner: z.string(),
    }),
    lock: ItemLock.nullable().openapi({
      description: 'Why it is locked now, by whom, in which step of what',
    }),
    items: z.array(ItemMovement),
    nextCursor: Nullable,
  })
  .openapi('ItemHistory');
