import { expect, expectTypeOf, test } from 'vitest';
import type { ReplayView } from '../../activities/event-replay/types.ts';
import type { Activities } from '../../activities/index.ts';
import type { StretchReply } from '../../activities/redrive/types.ts';
import type { DeliverReply } from '../../activities/webhooks/types.ts';
import type * as messages from '../../workflows/messages.ts';

/**
 * A `bigint` argument fails to encode, a `bigint` result of a local activity hangs until its timeout: what crosses Temporal
 * is JSON. Checked by the compiler: this file does not compile when a type below reaches one, at any depth.
 */
type HoldsBigint<T, Depth extends 0[] = []> = Depth['length'] extends 8
  ? false
  : T extends bigint
    ? true
    : T extends string | number | boolean | null | undefined
      ? false
      : T extends Date
        ? true
        : T extends readonly (infer Element)[]
          ? HoldsBigint<Element, [...Depth, 0]>
          : T extends object
            ? true extends { [Key in keyof T]-?: HoldsBigint<T[Key], [...Depth, 0]> }[keyof T]
              ? true
              : false
            : false;

type Offending<Verbs> = {
  [Name in keyof Verbs]: Verbs[Name] extends (...input: infer Input) => Promise<infer Reply>
    ? true extends HoldsBigint<Input> | HoldsBigint<Awaited<Reply>>
      ? Name
      : never
    : never;
}[keyof Verbs];

type Crossing = [
  messages.MatchInput,
  messages.JoinInput,
  messages.JoinReply,
  messages.MatchResult,
  messages.RewardGrantInput,
  messages.RewardGrantResult,
  messages.TradeInput,
  messages.TradeReply,
  messages.TradeResult,
  messages.EventReplayInput,
  messages.EventReplayResult,
  ReplayView,
  messages.RedriveInput,
  StretchReply,
  messages.RedriveResult,
  messages.WebhookDeliveryInput,
  messages.WebhookDeliveryResult,
  DeliverReply,
];

test('nothing that crosses Temporal holds a bigint or a Date', () => {
  expectTypeOf<Offending<Activities>>().toEqualTypeOf<never>();
  expectTypeOf<HoldsBigint<Crossing>>().toEqualTypeOf<false>();
  // the check itself can fail
  expectTypeOf<
    Offending<{ bad(): Promise<{ lines: { amount: bigint }[] }>; good(): Promise<string> }>
  >().toEqualTypeOf<'bad'>();
  expectTypeOf<Offending<{ late(): Promise<{ at: Date }> }>>().toEqualTypeOf<'late'>();
  expect(true).toBe(true);
});
