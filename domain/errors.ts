/**
 * The one closed list of everything a caller can be told went wrong. HTTP status, whether the same request may
 * succeed later, and a title; `detail` is written where the error is raised. Mapped to HTTP by
 * `api/middleware/errors.ts` and to Temporal failures by `activities/failures.ts`, and nowhere else.
 */
export const errorCodes = {
  // the request itself
  malformed_json: { status: 400, canRetry: false, title: 'The body is not valid JSON' },
  bad_request: { status: 400, canRetry: false, title: 'The request is not HTTP as we understand it' },
  bad_cursor: { status: 400, canRetry: false, title: 'The cursor is not one we issued' },
  idempotency_key_missing: { status: 400, canRetry: false, title: 'Idempotency-Key is required' },
  idempotency_key_invalid: {
    status: 400,
    canRetry: false,
    title: 'Idempotency-Key is not 1 to 255 printable characters',
  },
  unauthenticated: { status: 401, canRetry: false, title: 'Authentication is required' },
  insufficient_funds: { status: 402, canRetry: true, title: 'Not enough of an asset' },
  insufficient_stamps: { status: 402, canRetry: true, title: 'Not enough stamps' },
  forbidden: { status: 403, canRetry: false, title: 'The credential lacks a permission' },
  not_found: { status: 404, canRetry: false, title: 'Not found' },
  method_not_allowed: { status: 405, canRetry: false, title: 'Method not allowed' },
  not_acceptable: { status: 406, canRetry: false, title: 'No acceptable representation' },
  request_timeout: { status: 408, canRetry: true, title: 'The request took too long to arrive' },
  payload_too_large: { status: 413, canRetry: false, title: 'The body is too large' },
  uri_too_long: { status: 414, canRetry: false, title: 'The URI is too long' },
  unsupported_media_type: { status: 415, canRetry: false, title: 'Content-Type must be application/json' },
  validation_failed: { status: 422, canRetry: false, title: 'The request is not valid' },
  idempotency_mismatch: { status: 422, canRetry: false, title: 'The key was used with another body' },
  precondition_failed: { status: 412, canRetry: false, title: 'The resource has changed' },
  precondition_required: { status: 428, canRetry: false, title: 'If-Match is required' },
  headers_too_large: { status: 431, canRetry: false, title: 'The headers are too large' },
  rate_limited: { status: 429, canRetry: true, title: 'Too many requests' },
  request_in_flight: { status: 409, canRetry: true, title: 'The same request is being handled' },

  // identity
  username_taken: { status: 409, canRetry: false, title: 'The username is taken' },
  player_frozen: { status: 403, canRetry: false, title: 'The player is frozen' },

  // ledger
  exists_with_different_body: {
    status: 422,
    canRetry: false,
    title: 'The reference was used with another body',
  },
  item_not_owned: { status: 409, canRetry: false, title: 'The item is not owned by the one who gives it' },
  item_locked: { status: 409, canRetry: true, title: 'The item is locked' },
  frozen: { status: 409, canRetry: true, title: 'A valve is closed' },
  unknown_account: { status: 422, canRetry: false, title: 'There is no such account' },
  unknown_asset: { status: 422, canRetry: false, title: 'There is no such asset' },
  unknown_kind: { status: 422, canRetry: false, title: 'There is no such catalog kind' },
  pending_not_found: { status: 409, canRetry: false, title: 'The hold does not exist' },
  pending_already_posted: { status: 409, canRetry: false, title: 'The hold was already posted' },
  pending_already_voided: { status: 409, canRetry: false, title: 'The hold was already voided' },
  pending_expired: { status: 409, canRetry: false, title: 'The hold has expired' },
  limit_exceeded: { status: 409, canRetry: true, title: 'A cap is reached' },
  overflow: { status: 422, canRetry: false, title: 'An amount is out of range' },
  cancelled: { status: 409, canRetry: false, title: 'The step was cancelled before it happened' },

  // mailbox and imports
  mailbox_expired: { status: 409, canRetry: false, title: 'The mailbox entry was not claimed in time' },
  import_totals_differ: { status: 422, canRetry: false, title: 'The lines do not add up to the totals' },

  // economy
  economy_invalid: { status: 422, canRetry: false, title: 'The economy file is not valid' },
  clawback_closed: { status: 409, canRetry: false, title: 'The clawback can no longer be decided' },

  // market
  self_trade: { status: 422, canRetry: false, title: 'A player cannot buy from themself' },
  listing_gone: { status: 409, canRetry: false, title: 'The listing is no longer open' },
  listing_in_trade: { status: 409, canRetry: true, title: 'The listing is being bought' },
  price_changed: { status: 409, canRetry: false, title: 'The price is not the expected one' },
  trade_rejected: { status: 409, canRetry: false, title: 'The trade was rejected in review' },
  trade_cancelled: { status: 409, canRetry: false, title: 'The trade was cancelled' },
  trade_not_cancellable: { status: 409, canRetry: false, title: 'The trade can no longer be cancelled' },

  // arena
  lobby_full: { status: 409, canRetry: true, title: 'The lobby is full' },
  lobby_closed: { status: 409, canRetry: true, title: 'The lobby is closed' },
  match_not_active: { status: 409, canRetry: false, title: 'The match is not running' },
  match_not_hosted: { status: 409, canRetry: true, title: 'The match has no host yet' },
  match_not_finished: { status: 409, canRetry: true, title: 'The match has not finished' },
  match_over: { status: 409, canRetry: false, title: 'The match is over' },
  player_dead: { status: 409, canRetry: false, title: 'The player is eliminated' },
  blocked: { status: 409, canRetry: false, title: 'The way is blocked' },
  target_self: { status: 409, canRetry: false, title: 'A player cannot attack themself' },
  target_not_found: { status: 409, canRetry: false, title: 'The target is not in the match' },
  target_dead: { status: 409, canRetry: false, title: 'The target is eliminated' },
  target_out_of_range: { status: 409, canRetry: false, title: 'The target is out of range' },
  no_line_of_sight: { status: 409, canRetry: false, title: 'A wall stands between' },
  nothing_to_collect: { status: 409, canRetry: false, title: 'There is nothing to collect here' },
  superseded: { status: 409, canRetry: false, title: 'A later action took its place' },
  too_many_actions: { status: 409, canRetry: true, title: 'Too many actions are queued' },
  host_moving: { status: 503, canRetry: true, title: 'The match is moving to another host' },

  // events
  replay_closed: { status: 409, canRetry: false, title: 'The replay can no longer be decided so' },
  dead_letter_closed: { status: 409, canRetry: false, title: 'The dead letter is already resolved' },
  redrive_closed: { status: 409, canRetry: false, title: 'The redrive can no longer be changed' },
  delivery_closed: { status: 409, canRetry: false, title: 'The delivery has already arrived' },
  topic_in_use: { status: 409, canRetry: false, title: 'Something still refers to the topic' },
  topic_exists: { status: 409, canRetry: false, title: 'There is such a topic already' },
  schema_incompatible: { status: 409, canRetry: false, title: 'The schema is not compatible' },

  // ours
  overloaded: { status: 503, canRetry: true, title: 'Too much work is queued' },
  dependency_unavailable: { status: 503, canRetry: true, title: 'A dependency is unavailable' },
  outcome_unknown: {
    status: 504,
    canRetry: true,
    title: 'The outcome is not known yet; retry with the same key',
  },
  internal: { status: 500, canRetry: true, title: 'Something failed on our side' },
} as const satisfies Record<string, { status: number; canRetry: boolean; title: string }>;

export type ErrorCode = keyof typeof errorCodes;

/** One invalid place in a request: a JSON Pointer and what is wrong there. */
export type ErrorPlace = { pointer: string; detail: string };

/**
 * An error meant for the caller. `detail` says what happened and what to do; `extra` carries machine-readable members
 * (amounts as decimal strings) that end up beside `code` in the problem document.
 */
export class LootError extends Error {
  override readonly name = 'LootError';
  readonly code: ErrorCode;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly errors: readonly ErrorPlace[];
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ErrorCode,
    detail: string,
    options: {
      extra?: Record<string, unknown>;
      errors?: ErrorPlace[];
      retryAfterMs?: number;
      cause?: unknown;
    } = {},
  ) {
    super(detail, { cause: options.cause });
    this.code = code;
    this.extra = options.extra ?? {};
    this.errors = options.errors ?? [];
    this.retryAfterMs = options.retryAfterMs;
  }
}

export const isLootError = (error: unknown): error is LootError => error instanceof LootError;
