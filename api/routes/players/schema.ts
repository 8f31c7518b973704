import { z } from '@hono/zod-openapi';
import { Amount, Code, Cursor, Id, Issuer, Limit, Subject, Time, pageOf } from '../../schemas.ts';

export const reasonLengthMax = 500;

export const PlayerParams = z.strictObject({ playerId: Id });

export const PlayersQuery = z
  .strictObject({
    id: Id.optional(),
    username: z.string().min(1).max(64).optional().openapi({ description: 'Its beginning is enough' }),
    issuer: Issuer.optional(),
    subject: Subject.optional().openapi({ description: 'As the issuer knows the player; needs `issuer`' }),
    limit: Limit,
    cursor: Cursor,
  })
  .refine(({ issuer, subject }) => subject === undefined || issuer !== undefined, {
    path: ['issuer'],
    message: 'is needed beside subject',
  });

const brief = {
  playerId: Id,
  username: z.string().nullable(),
  frozenAt: Time.nullable(),
  frozenReason: z.string().nullable(),
  erasedAt: Time.nullable(),
  createdAt: Time,
};
export const FoundPlayer = z.strictObject(brief).openapi('FoundPlayer');
export const FoundPlayers = pageOf(FoundPlayer).openapi('FoundPlayers');

export const PlayerDetail = z
  .strictObject({
    ...brief,
    identityCount: z.number().int(),
    credentialKinds: z.array(z.string()),
    loginCount: z.number().int().openapi({ description: 'Logins that can still be renewed' }),
    balances: z.array(z.strictObject({ asset: Code, balance: Amount, held: Amount, available: Amount })),
    statement: z.string().openapi({ description: 'Path of the statement' }),
    export: z.string().openapi({ description: 'Path of the export' }),
    audit: z.string().openapi({ description: 'Path of what operators did to the player' }),
  })
  .openapi('PlayerDetail');

export const Freeze = z
  .strictObject({
    frozen: z.boolean(),
    reason: z
      .string()
      .min(1)
      .max(reasonLengthMax)
      .openapi({ description: 'Kept in the audit for ever: no personal data' }),
  })
  .openapi('Freeze');

export const ErasedPlayer = z
  .strictObject({
    playerId: Id,
    erasedAt: Time,
    lettersToResolve: z
      .array(Id)
      .openapi({ description: 'Waiting dead letters that name the player as the studio does' }),
  })
  .openapi('ErasedPlayer');
