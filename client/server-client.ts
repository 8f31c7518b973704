import { createCaller, readerOf } from './call.ts';
import type { Answer, CallerOptions, CallOptions } from './call.ts';
import type { Body, Reply } from './types.ts';

/** For a mutation: your own Idempotency-Key survives a restart of your process, the default one only the retries. */
export type Keyed = Pick<CallOptions, 'idempotencyKey' | 'signal'>;
export type Waiting = Keyed & Pick<CallOptions, 'prefer'>;

/** What a trusted game server or an operator can ask for, as far as the key's scopes go. Fails with ProblemError. */
export type ServerClient = ReturnType<typeof createServerClient>;

export function createServerClient({
  apiKey,
  ...options
}: Omit<CallerOptions, 'credential'> & { readonly apiKey: string }) {
  const call = createCaller({ ...options, credential: () => Promise.resolve(apiKey) });
  const read = readerOf(call);

  return {
    /** Pays a player; `reference` is your own id of this payment, unique for ever. */
    grant: (body: Body<'createGrant'>, keyed?: Keyed): Promise<Answer<Reply<'createGrant'>>> =>
      call('POST', '/v1/grants', { ...keyed, body }),
    /** Pays many at once; a grant that is refused is named by its index and leaves the others alone. */
    grantBatch: (body: Body<'createGrants'>, keyed?: Keyed): Promise<Answer<Reply<'createGrants'>>> =>
      call('POST', '/v1/grants/batch', { ...keyed, body }),
    /** Takes a price; fails with `insufficient_funds` and what is missing. */
    spend: (body: Body<'createSpend'>, keyed?: Keyed): Promise<Answer<Reply<'createSpend'>>> =>
      call('POST', '/v1/spends', { ...keyed, body }),
    /**
     * Brings wallets in, one `{player, assets?, items?}` a line. Text may be sent again by itself, a stream only by you: with
     * the same `idempotencyKey` or `batch` it meets what was staged.
     */
    import: (
      lines: string | ReadableStream<Uint8Array>,
      { batch, dryRun, ...keyed }: Keyed & { batch?: string; dryRun?: boolean } = {},
    ): Promise<Answer<Reply<'createImport'>>> =>
      call('POST', '/v1/imports', { ...keyed, query: { batch, dryRun }, ndjson: lines }),
    readImport: (id: string, query?: CallOptions['query']) =>
      read<Reply<'readImport'>>(`/v1/imports/${id}`, query),
    /** Reports how a match of your own game ended; the players are paid by the economy's rules. */
    reportMatch: (
      body: Body<'reportMatchResult'>,
      keyed?: Waiting,
    ): Promise<Answer<Reply<'reportMatchResult'>>> => call('POST', '/v1/match-results', { ...keyed, body }),
    economy: () => read<Reply<'readEconomy'>>('/v1/economy'),
    receipt: (key: string) => read<Reply<'readReceipt'>>(`/v1/receipts/${encodeURIComponent(key)}`),
    /** What a player had at `asOf` (default: now), and every change up to then with its cause. */
    statement: (
      playerId: string,
      query?: { asOf?: string; limit?: number; cursor?: string; itemsCursor?: string },
    ) => read<Reply<'readStatement'>>(`/v1/players/${playerId}/statement`, query),
    /** Where an item comes from, and why it is locked. */
    itemHistory: (itemId: string, query?: { limit?: number; cursor?: string }) =>
      read<Reply<'readItemHistory'>>(`/v1/items/${itemId}/history`, query),
    /** What enters and leaves the economy between two instants. */
    flows: (query: { from: string; to: string; bucket?: 'hour' | 'day'; asset?: string }) =>
      read<Reply<'readFlows'>>('/v1/economy/flows', query),
    createApiKey: (body: Body<'createApiKey'>, keyed?: Keyed): Promise<Answer<Reply<'createApiKey'>>> =>
      call('POST', '/v1/api-keys', { ...keyed, body }),
    /**
     * Publishes a CloudEvent, or up to 500: all are checked, then all are sent. Retries keep the events' ids, so consumers drop
     * what they have seen. `prefer: 'respond-async'` stores them here when Kafka need not be waited for.
     */
    publish: (body: Body<'publishEvents'>, keyed?: Waiting): Promise<Answer<Reply<'publishEvents'>>> =>
      call('POST', '/v1/events', { ...keyed, body }),
    /** Tells what players of your game do: one event, or up to 500. */
    publishGameEvents: (
      body: Body<'publishGameEvents'>,
      keyed?: Waiting,
    ): Promise<Answer<Reply<'publishGameEvents'>>> => call('POST', '/v1/game-events', { ...keyed, body }),
    /** Where an event is and what each consumer group has made of it; `source` names another client's. */
    readEvent: (id: string, query?: { source?: string }) =>
      read<Reply<'readEvent'>>(`/v1/events/${encodeURIComponent(id)}`, query),
    stats: () => read<Reply<'readStats'>>('/v1/stats'),
    deadLetters: (query?: CallOptions['query']) => read<Reply<'listDeadLetters'>>('/v1/dead-letters', query),
    deadLetter: (id: string) => read<Reply<'readDeadLetter'>>(`/v1/dead-letters/${id}`),
    redrive: (body: Body<'startRedrive'>, keyed?: Waiting): Promise<Answer<Reply<'startRedrive'>>> =>
      call('POST', '/v1/redrives', { ...keyed, body }),
    readRedrive: (id: string) => read<Reply<'readRedrive'>>(`/v1/redrives/${id}`),
    /** What became of each letter, or of a preview, what would. */
    redriveLetters: (id: string, query?: { limit?: number; cursor?: string }) =>
      read<Reply<'listRedriveLetters'>>(`/v1/redrives/${id}/letters`, query),
    /** Has grants examined; nothing is taken back before their report is approved. */
    clawback: (body: Body<'requestClawback'>, keyed?: Keyed): Promise<Answer<Reply<'requestClawback'>>> =>
      call('POST', '/v1/clawbacks', { ...keyed, body }),
    readClawback: (id: string) => read<Reply<'readClawback'>>(`/v1/clawbacks/${id}`),
    /** Approves exactly the report with this hash; fails with `precondition_failed` when it is another one by now. */
    approveClawback: (
      id: string,
      body: Body<'approveClawback'>,
      keyed?: Keyed,
    ): Promise<Answer<Reply<'approveClawback'>>> =>
      call('POST', `/v1/clawbacks/${id}/approve`, { ...keyed, body }),
    cancelClawback: (id: string, keyed?: Keyed): Promise<Answer<Reply<'cancelClawback'>>> =>
      call('POST', `/v1/clawbacks/${id}/cancel`, { ...keyed }),
  };
}
