import type { EventType } from '../../domain/events.ts';
import type { EventHandler } from '../handler.ts';

/** Checks a handler against its own event types and lets it stand among handlers of others. */
export const defineHandler = <const T extends EventType>(handler: EventHandler<T>): EventHandler => handler;
