import type { EventData, EventType } from '../../domain/events.ts';

/**
 * How an old version of a type is read by handlers that name a newer one. A version stays readable for at least 28 days after
 * its successor is published: its schema and its upcaster stay, and only then go together. Several versions are a chain.
 */
export type Upcaster = { from: string; to: string; upcast(data: unknown): unknown };

/** Typed at both ends, so that a version that does not fit does not compile. */
export const upcaster = <From extends EventType, To extends EventType>(
  from: From,
  to: To,
  upcast: (data: EventData[From]) => EventData[To],
): Upcaster => ({ from, to, upcast: (data) => upcast(data as EventData[From]) });

/** No type has a second version yet. */
export const upcasters: readonly Upcaster[] = [];

/** The steps from one version to another; none when they are the same, undefined when there is no way. */
export function stepsBetween(
  list: readonly Upcaster[],
  from: string,
  to: string,
): readonly Upcaster[] | undefined {
  const steps: Upcaster[] = [];
  for (let at = from; at !== to;) {
    const next = list.find((step) => step.from === at);
    if (next === undefined || steps.length > list.length) return undefined;
    steps.push(next);
    at = next.to;
  }
  return steps;
}
