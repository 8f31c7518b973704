import { directions } from '../domain/arena/grid.ts';
import { socketLimits } from '../domain/arena/protocol.ts';
import type { ClientMessage } from '../domain/arena/protocol.ts';
import type { Action } from '../domain/arena/types.ts';

/** A message, or what is wrong with it in words for the one who wrote the client. */
export type Parsed<T> =
  | { ok: true; value: T }
  | { ok: false; code: 'malformed_json' | 'validation_failed'; detail: string };

const wrong = (detail: string): Parsed<never> => ({ ok: false, code: 'validation_failed', detail });
const right = <T>(value: T): Parsed<T> => ({ ok: true, value });

/** Members of each message; anything else is refused, so that a misspelt member is heard of. */
const membersOf: Readonly<Record<string, readonly string[]>> = {
  action: ['kind', 'id', 'seal', 'type', 'direction', 'targetId'],
  resume: ['kind', 'lastSeq', 'resumeToken'],
  leave: ['kind'],
  ping: ['kind'],
};

/** Written by hand: this runs for every frame of every player, and a browser's error text need not be perfect. */
export function parseMessage(text: string): Parsed<ClientMessage> {
  const json = parseJson(text);
  if (!json.ok) return json;
  const { value: message } = json;
  const { kind } = message;
  const members = typeof kind === 'string' && Object.hasOwn(membersOf, kind) ? membersOf[kind] : undefined;
  if (members === undefined) return wrong('kind must be action, resume, leave or ping');
  const unknown = Object.keys(message).find((name) => !members.includes(name));
  if (unknown !== undefined) return wrong(`${String(kind)} has no member ${unknown.slice(0, 40)}`);
  if (kind === 'action') return parseAction(message);
  if (kind === 'resume') return parseResume(message);
  return right({ kind } as ClientMessage);
}

function parseJson(text: string): Parsed<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, code: 'malformed_json', detail: 'a frame must be one JSON object' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return wrong('a frame must be one JSON object');
  if (Object.hasOwn(value, '__proto__'))
    return { ok: false, code: 'malformed_json', detail: '__proto__ is refused' };
  return right(value as Record<string, unknown>);
}

function parseAction(message: Record<string, unknown>): Parsed<ClientMessage> {
  const { id, seal } = message;
  if (id !== undefined && !isActionKey(id)) return wrong('id must be 1 to 255 printable characters');
  if (seal !== undefined && typeof seal !== 'boolean') return wrong('seal must be true or false');
  if (seal === true && id === undefined) return wrong('a sealed action needs an id');
  const action = toAction(message);
  if (!action.ok) return action;
  return right({
    kind: 'action',
    ...action.value,
    ...(id !== undefined && { id }),
    ...(seal !== undefined && { seal }),
  });
}

/** An action out of untrusted members; shared with the internal door. */
export function toAction({ type, direction, targetId }: Record<string, unknown>): Parsed<Action> {
  if (type !== 'move' && direction !== undefined) return wrong('only move has a direction');
  if (type !== 'attack' && targetId !== undefined) return wrong('only attack has a targetId');
  switch (type) {
    case 'move': {
      const known = directions.find((name) => name === direction);
      return known === undefined
        ? wrong('direction must be north, south, east or west')
        : right({ type, direction: known });
    }
    case 'attack':
      // whatever it names goes into the tick log, so it must be text that the database takes
      return typeof targetId === 'string' && playerId.test(targetId)
        ? right({ type, targetId })
        : wrong('targetId must be a player id');
    case 'defend':
    case 'collect':
      return right({ type });
    default:
      return wrong('type must be move, attack, defend or collect');
  }
}

const playerId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const printable = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/;
export const isActionKey = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= socketLimits.actionKeyCharsMax && printable.test(value);

function parseResume({ lastSeq, resumeToken }: Record<string, unknown>): Parsed<ClientMessage> {
  if (typeof lastSeq !== 'number' || !Number.isSafeInteger(lastSeq) || lastSeq < 0)
    return wrong('lastSeq must be an integer');
  if (typeof resumeToken !== 'string') return wrong('resumeToken must be text');
  return right({ kind: 'resume', lastSeq, resumeToken });
}
