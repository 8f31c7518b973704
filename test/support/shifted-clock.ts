/**
 * Loaded before anything else (`node --import <this>?ms=3600000`), it makes the whole process believe in another time: every
 * `Date` that is asked for the present is off by so much. Monotonic clocks, and everybody else's, stay right.
 */
const shiftMs = Number(new URL(import.meta.url).searchParams.get('ms'));
const { now } = Date;

globalThis.Date = new Proxy(Date, {
  construct: (target, args: unknown[], newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now() + shiftMs] : args, newTarget) as Date,
  apply: () => new Date().toString(),
  get: (target, member, receiver) =>
    member === 'now' ? () => now() + shiftMs : (Reflect.get(target, member, receiver) as unknown),
});
