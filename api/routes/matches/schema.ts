import { z } from '@hono/zod-openapi';
import { Amount, Cursor, Id, Limit, Time, pageOf } from '../../schemas.ts';

const Name = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be a lower-case name');
export const MatchParams = z.strictObject({ matchId: Id });

export const JoinMatch = z
  .strictObject({
    mode: Name.default('arena'),
    region: Name.default('local'),
    private: z.boolean().default(false),
    code: z
      .string()
      .regex(/^[A-Za-z0-9]{4,16}$/, 'must be the code of a private lobby')
      .optional(),
  })
  .openapi('JoinMatch');

export const MatchPlayer = z
  .strictObject({
    playerId: Id,
    seat: z.number().int().nullable(),
    weaponItemId: Id.nullable(),
    weaponBonus: z.number().int(),
    outcome: z.enum(['winner', 'survivor', 'eliminated']).nullable(),
    placement: z.number().int().nullable(),
    score: z.number().int().nullable(),
  })
  .openapi('MatchPlayer');

export const Match = z
  .strictObject({
    matchId: Id,
    mode: z.string(),
    region: z.string(),
    status: z.enum(['lobby', 'starting', 'running', 'finished', 'cancelled', 'voided']),
    seat: z.number().int().nullable().openapi({ description: 'Of the player who asks' }),
    joinCode: z.string().nullable(),
    players: z.array(MatchPlayer),
    economyVersion: z.number().int(),
    seedHash: z.string().nullable(),
    seed: z.string().nullable().openapi({ description: 'Published when the match has finished' }),
    reviewRequired: z.boolean(),
    startsAt: Time.nullable(),
    startedAt: Time.nullable(),
    endedAt: Time.nullable(),
    createdAt: Time,
    workflowId: z.string(),
    workflowUrl: z.url().nullable(),
  })
  .openapi('Match');
export const Matches = pageOf(Match).openapi('Matches');
export const MatchQuery = z.strictObject({
  mine: z.enum(['', 'true']).optional(),
  limit: Limit,
  cursor: Cursor,
});

export const Connection = z
  .strictObject({ url: z.string(), ticket: z.string(), expiresInMs: z.number().int() })
  .openapi('Connection');
export const Left = z.strictObject({ left: z.boolean() }).openapi('Left');

const Sealable = { seal: z.boolean().default(false) };
export const ActionBody = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('move'),
      direction: z.enum(['north', 'south', 'east', 'west']),
      ...Sealable,
    }),
    z.strictObject({ type: z.literal('attack'), targetId: Id, ...Sealable }),
    z.strictObject({ type: z.literal('defend'), ...Sealable }),
    z.strictObject({ type: z.literal('collect'), ...Sealable }),
  ])
  .openapi('Action');
export const ActionReply = z
  .strictObject({
    actionId: z.string(),
    tick: z.number().int().optional(),
    type: z.enum(['move', 'attack', 'defend', 'collect']),
    sealed: z.boolean(),
    result: z.looseObject({ type: z.string() }),
    stampBalance: Amount.optional(),
  })
  .openapi('ActionReply');

export const Recording = z
  .strictObject({
    seed: z.string(),
    config: z.looseObject({}),
    seats: z.array(z.strictObject({ playerId: Id, weaponBonus: z.number().int() })),
    ticks: z.array(
      z.strictObject({
        tick: z.number().int(),
        inputs: z.array(z.unknown()),
        results: z.array(z.unknown()).optional(),
        stateHash: z.string(),
      }),
    ),
  })
  .openapi('Recording');
