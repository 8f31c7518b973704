import { Hono } from 'hono';
import { SERVICE_AUDIENCE, doorPaths } from '../domain/arena/door.ts';
import type { DoorFailure } from '../domain/arena/door.ts';
import { LootError, errorCodes, isLootError } from '../domain/errors.ts';
import type { Log } from '../platform/log.ts';
import { isServiceToken } from '../platform/service-token.ts';
import type { MatchHost } from './match-host.ts';
import { isActionKey, toAction } from './parse-message.ts';

/**
 * The internal door for actions that came over HTTP. It believes the player id it is told, so it opens for our own
 * processes only.
 */
export function createActionDoor({ host, secret, log }: { host: MatchHost; secret: string; log: Log }): Hono {
  const door = new Hono();

  door.use('/internal/*', async (context, next) => {
    const [scheme, token] = (context.req.header('authorization') ?? '').split(' ');
    const isOurs = scheme === 'Bearer' && (await isServiceToken(secret, SERVICE_AUDIENCE, token));
    if (!isOurs) throw new LootError('unauthenticated', 'A service token is required.');
    return next();
  });

  door.post(doorPaths.actions(':id'), async (context) => {
    const body = await readBody(context.req);
    const { playerId, id, seal } = body;
    const action = toAction(isObject(body['action']) ? body['action'] : {});
    if (!action.ok) throw new LootError(action.code, action.detail);
    if (typeof playerId !== 'string' || !isActionKey(id) || typeof seal !== 'boolean') {
      throw new LootError('validation_failed', 'playerId, id and seal are required.');
    }
    return context.json(
      await host.submit(context.req.param('id'), playerId, { id, action: action.value, seal }),
    );
  });

  door.post(doorPaths.leave(':id'), async (context) => {
    const { playerId } = await readBody(context.req);
    if (typeof playerId !== 'string') throw new LootError('validation_failed', 'playerId is required.');
    host.leave(context.req.param('id'), playerId);
    return context.json({ left: true });
  });

  door.notFound((context) =>
    context.json<DoorFailure, 404>({ code: 'not_found', detail: 'There is no such door.' }, 404),
  );
  door.onError((error, context) => {
    if (!isLootError(error)) log.error({ err: error }, 'internal action failed');
    const code = isLootError(error) ? error.code : 'internal';
    const detail = isLootError(error) ? error.message : 'Something failed on our side.';
    return context.json<DoorFailure>({ code, detail }, errorCodes[code].status);
  });
  return door;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

async function readBody(request: { json(): Promise<unknown> }): Promise<Record<string, unknown>> {
  const body = await request.json().catch(() => null);
  if (!isObject(body)) throw new LootError('malformed_json', 'The body must be a JSON object.');
  return body;
}
