import { z } from '@hono/zod-openapi';
import { LootError } from '../../../domain/errors.ts';
import type { JsonValue } from '../../../domain/canonical-json.ts';
import type { EventData } from '../../../domain/events.ts';
import type { ClientEvent } from '../../../events/publish/prepare.ts';
import { resolvePlayers } from '../../../store/players/resolve-players.ts';
import { service } from '../../auth/policy.ts';
import type { Client } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import type { Call } from '../../http.ts';
import { PlayerRef } from '../../schemas.ts';
import { checkEvents, pointersOf, presentEvents, publishEvents } from '../events/publish-events.ts';
import type { PointerOf } from '../events/publish-events.ts';
import { EventId, EventTime, Published, bodyBytesMax, oneOrMany } from '../events/schema.ts';

const Name = z.string().min(1).max(255);
const Coordinate = z.number().min(-1e9).max(1e9);

const GameEvent = z
  .strictObject({
    id: EventId.optional(),
    time: EventTime.optional(),
    player: PlayerRef,
    session: Name,
    action: z
      .string()
      .regex(/^[a-z][a-z0-9_.-]{0,63}$/, 'must be a lower-case name')
      .openapi({ example: 'level-completed' }),
    mode: Name.optional(),
    map: Name.optional(),
    position: z.strictObject({ x: Coordinate, y: Coordinate, z: Coordinate.optional() }).optional(),
    server: Name.optional(),
    region: Name.optional(),
    version: Name.optional(),
    data: z
      .record(z.string().max(255), z.unknown()) // not z.json(): the OpenAPI generator cannot follow it
      .optional()
      .openapi({ description: 'Whatever else belongs to it; nothing that names a person' }),
  })
  .openapi('GameEvent');
type GameEvent = z.infer<typeof GameEvent>;

const Body = oneOrMany(GameEvent);
type Publishing = Call<unknown, unknown, z.infer<typeof Body>> & { principal: Client };
const type = 'analytics.event.game-action.v1';
/** As long as any player's id. */
const anybody = '00000000-0000-0000-0000-000000000000';

const publish = defineRoute(
  {
    method: 'post',
    path: '/v1/game-events',
    operationId: 'publishGameEvents',
    tag: 'events',
    summary: 'Tell what players do, one event or up to 500: published as `analytics.event.game-action.v1`',
    auth: service('events:write'),
    mutation: 'keyed',
    limit: 'publish',
    bodyBytesMax,
    body: Body,
    answers: {
      200: { description: 'Every replica of Kafka has them', schema: Published },
      202: { description: 'Stored here; sent as soon as Kafka takes them', schema: Published },
    },
    errors: ['payload_too_large', 'outcome_unknown', 'unknown_account'],
  },
  async (call) => publishEvents(call, ...(await readBody(call))),
  async (call) => presentEvents(call, ...(await readBody(call))),
);

/** Players become ids here: whom an issuer calls what is nobody's business further on. */
async function readBody(call: Publishing) {
  const { body, derivedId, deps, eventContext } = call;
  const isBatch = Array.isArray(body);
  const given = isBatch ? body : [body];
  const pointerOf = pointersOf(isBatch);
  const eventOf = (event: GameEvent, index: number, playerId: string): ClientEvent => {
    const time = new Date(event.time ?? deps.nowMs());
    const id = event.id ?? derivedId(`event ${index}`);
    return { id, type, subject: playerId, time, data: dataOf(event, playerId) };
  };
  // a refused request makes no players
  if (given.some(({ player }) => 'issuer' in player)) {
    const unresolved = given.map((event, index) => eventOf(event, index, anybody));
    await checkEvents(call, unresolved, pointerOf);
  }
  const players = await resolvePlayers(
    deps.db,
    given.map(({ player }) => player),
    { context: eventContext },
  );
  refuseUnknown(players, pointerOf);
  const events = given.map((event, index) => eventOf(event, index, players[index] ?? ''));
  return [events, pointerOf] as const;
}

function refuseUnknown(players: readonly (string | null)[], pointerOf: PointerOf): void {
  const errors = players.flatMap((player, index) =>
    player === null
      ? [{ pointer: pointerOf(index, ['player', 'id']), detail: 'there is no such player' }]
      : [],
  );
  if (errors.length > 0)
    throw new LootError('unknown_account', 'Nothing was published: players are not known; see errors.', {
      errors,
    });
}

function dataOf(event: GameEvent, playerId: string): EventData[typeof type] {
  const { session, action, mode, map, position, server, region, version, data } = event;
  return {
    playerId,
    session,
    action,
    mode: mode ?? null,
    map: map ?? null,
    position:
      position === undefined
        ? null
        : {
            x: position.x,
            y: position.y,
            z: position.z ?? null,
          },
    server: server ?? null,
    region: region ?? null,
    version: version ?? null,
    data: (data ?? {}) as JsonValue,
  };
}

export const gameEventRoutes = [publish];
