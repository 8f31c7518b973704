import type { EventType } from '../../domain/events.ts';
import type { EventHandler } from '../consumer/handler.ts';

/** Checks a handler against its own event types and lets it stand among handlers of others. */
export const defineHandler = <const T extends EventType>(handler: EventHandler<T>): EventHandler => handler;

type BatchHandler<T extends EventType> = Omit<EventHandler<T>, 'handle' | 'handleMany'> &
  Required<Pick<EventHandler<T>, 'handleMany'>>;

/** A handler of many events at once, to which one is many too. */
export const defineBatchHandler = <const T extends EventType>(handler: BatchHandler<T>): EventHandler =>
  defineHandler<T>({
    ...handler,
    handle: (tx, event, { context }) => handler.handleMany(tx, [event], { contextOf: () => context }),
  });
