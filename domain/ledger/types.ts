import type { JsonValue } from '../canonical-json.ts';
import type { NewEvent } from '../events.ts';
import type { ValveChannel } from './valves.ts';

/** Who holds an account or owns an item. */
export type Holder = `player:${string}` | `system:${string}`;

export const playerHolder = (playerId: string): Holder => `player:${playerId}`;
export const systemHolder = (role: string): Holder => `system:${role}`;

export type AccountPurpose = 'wallet' | 'mailbox' | 'source' | 'sink' | 'fee' | 'clearing' | 'debt';

/** One holder's position in one asset for one purpose; opened on first use. */
export type AccountRef = { holder: Holder; asset: string; purpose: AccountPurpose };

/** Why an amount moved; every transfer that touches a source, sink or fee carries a faucet or drain code. */
export type TransferCode =
  | 'match_reward'
  | 'welcome'
  | 'grant'
  | 'opening'
  | 'spend'
  | 'seal'
  | 'burn'
  | 'hold'
  | 'trade_price'
  | 'trade_fee'
  | 'listing_deposit'
  | 'mailbox_claim'
  | 'mailbox_expire'
  | 'clawback'
  | 'debt'
  | 'correction';

/** Names a pending transfer by the business key of its journal and its place in it: callers derive both. */
export type PendingRef = { key: string; index: number };

/** Amounts are positive integers below 2^63. A hold expires by PostgreSQL's clock, `ttlMs` after posting. */
export type NewTransfer =
  | { state: 'posted'; debit: AccountRef; credit: AccountRef; amount: bigint; code: TransferCode }
  | {
      state: 'pending';
      debit: AccountRef;
      credit: AccountRef;
      amount: bigint;
      code: TransferCode;
      ttlMs: number;
    }
  | { state: 'post'; pending: PendingRef; code: TransferCode }
  | { state: 'void'; pending: PendingRef; code: TransferCode };

/**
 * `expectLock` must equal the item's lock now (null: unlocked), else `item_locked`; `lock` is what stands afterwards.
 * Attributes of an item change only through `modify`; a mint without any takes those of its catalog kind.
 */
export type NewMovement =
  | {
      code: 'mint';
      itemId: string;
      kind: string;
      kindVersion: number;
      attributes?: JsonValue;
      from: Holder;
      to: Holder;
      lock?: string | null;
    }
  | { code: 'burn'; itemId: string; from: Holder; to: Holder; expectLock: string | null }
  | {
      code: 'transfer';
      itemId: string;
      from: Holder;
      to: Holder;
      expectLock: string | null;
      lock: string | null;
    }
  | { code: 'modify'; itemId: string; from: Holder; attributes: JsonValue; expectLock: string | null }
  | { code: 'lock'; itemId: string; from: Holder; expectLock: string | null; lock: string }
  | { code: 'unlock'; itemId: string; from: Holder; expectLock: string };

export type JournalKind =
  | 'grant'
  | 'spend'
  | 'match_lock'
  | 'match_release'
  | 'seal_hold'
  | 'seal_post'
  | 'seal_void'
  | 'listing_place'
  | 'listing_return'
  | 'trade_hold'
  | 'trade_lock'
  | 'trade_settle'
  | 'trade_undo'
  | 'import'
  | 'mailbox_claim'
  | 'mailbox_expire'
  | 'clawback'
  | 'expire'
  | 'release'
  | 'tombstone';

/** What lets a person find the cause of a journal; none of it is part of its identity. */
export type JournalCause = {
  actor: string;
  workflowId?: string;
  step?: string;
  requestId?: string;
  traceId?: string;
  reason?: string;
};

/** All transfers and item movements of one business operation: all or nothing, once for ever under `key`. */
export type NewJournal = JournalCause & {
  key: string;
  kind: JournalKind;
  pinned?: JsonValue;
  /**
   * What a second post under the same key must agree with to answer `exists`; default: kind, transfers and movements.
   * A grant names its request here, so that a retry after a change of configuration still meets the first journal.
   */
  identity?: JsonValue;
  /** Channels and sources whose closed valve refuses this journal, such as `channel:market`. */
  valves?: readonly (`channel:${ValveChannel}` | `${'source' | 'kind'}:${string}`)[];
  transfers: readonly NewTransfer[];
  movements: readonly NewMovement[];
  /** Written to the outbox in the same transaction, only when the journal is. */
  events: readonly NewEvent[];
};

/** `ok` and `exists` are successes and carry the same journal. A rejection leaves the key free. */
export type PostResult =
  | { result: 'ok'; journalId: bigint; replayed: false }
  | { result: 'exists'; journalId: bigint; replayed: true }
  | { result: 'insufficient_funds'; asset: string; shortfall: bigint; index: number }
  /** `lockedBy` is empty when the item is not locked but the caller expected its own lock. */
  | { result: 'item_locked'; itemId: string; lockedBy: string; index: number }
  | { result: 'frozen'; valve: string }
  /** `limit` names the cap: `source:api.grant` and `sink:seal` for a day's, `wallet:gold` for a full wallet. */
  | { result: 'limit_exceeded'; limit: string; index: number; detail?: string }
  | {
      result:
        | 'exists_with_different_body'
        | 'item_not_owned'
        | 'unknown_account'
        | 'pending_not_found'
        | 'pending_already_posted'
        | 'pending_already_voided'
        | 'pending_expired'
        | 'overflow'
        | 'cancelled';
      index?: number;
      detail?: string;
    };

export const isPosted = (result: PostResult): result is Extract<PostResult, { journalId: bigint }> =>
  result.result === 'ok' || result.result === 'exists';

/** What a player sees of one asset: `available = balance - held`. */
export type Balance = { asset: string; balance: bigint; held: bigint; available: bigint };
