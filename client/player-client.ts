import { createCaller, readerOf } from './call.ts';
import type { Answer, CallerOptions } from './call.ts';
import { openMatch } from './match-connection.ts';
import type { MatchConnection, MatchOptions, Place } from './match-connection.ts';
import { openPlayerStream } from './player-stream.ts';
import type { PlayerStream, StreamOptions } from './player-stream.ts';
import { isProblem } from './problem-error.ts';
import { sleep } from './retry.ts';
import type { Keyed, Waiting } from './server-client.ts';
import { createSession } from './session.ts';
import type { Session, TokenStore } from './session.ts';
import type { Body, Reply } from './types.ts';

/** What a player's game can do. Fails with ProblemError. */
export type PlayerClient = ReturnType<typeof createPlayerClient>;

export type PlayerClientOptions = Omit<CallerOptions, 'credential'> & {
  /** Keeps the session between visits. */
  readonly tokens?: TokenStore;
  /** For runtimes without a global one. */
  readonly WebSocket?: typeof WebSocket;
};

type Page = { readonly limit?: number; readonly cursor?: string };
type Watching = Pick<MatchOptions, 'onFrame' | 'onConnection'>;

/** A lobby and a host's start take less; a match without a host for so long is not coming. */
const hostedMsMax = 60_000;

export function createPlayerClient({ tokens, WebSocket, ...options }: PlayerClientOptions) {
  const session: Session = createSession(options, tokens);
  const call = createCaller({ ...options, credential: (refused) => session.accessToken(refused) });
  const read = readerOf(call);
  const socket = WebSocket && { WebSocket };

  const connect = async (matchId: string): Promise<Place> =>
    (await call<Place>('POST', `/v1/matches/${matchId}/connection`)).body;

  return {
    session,
    me: () => read<Reply<'readMe'>>('/v1/me'),

    wallet: () => read<Reply<'readWallet'>>('/v1/wallet'),
    transfers: (query?: Page & { asset?: string; code?: string }) =>
      read<Reply<'listTransfers'>>('/v1/wallet/transfers', query),
    /** What waits to be claimed, and what has waited. */
    mailbox: (query?: Page & { status?: 'waiting' | 'claimed' | 'expired' }) =>
      read<Reply<'listMailbox'>>('/v1/mailbox', query),
    claim: (entryId: string, keyed?: Keyed): Promise<Answer<Reply<'claimMailboxEntry'>>> =>
      call('POST', `/v1/mailbox/${entryId}/claim`, { ...keyed }),
    inventory: (page?: Page) => read<Reply<'listItems'>>('/v1/inventory', page),
    setLoadout: (body: Body<'setLoadout'>, keyed?: Keyed): Promise<Answer<Reply<'setLoadout'>>> =>
      call('PUT', '/v1/loadout', { ...keyed, body }),
    /** What the player had at `asOf` (default: now), and every change up to then with its cause. */
    statement: (playerId: string, query?: Page & { asOf?: string; itemsCursor?: string }) =>
      read<Reply<'readStatement'>>(`/v1/players/${playerId}/statement`, query),
    /** Where an item comes from, and why it is locked; of one's own, and of what is for sale. */
    itemHistory: (itemId: string, page?: Page) =>
      read<Reply<'readItemHistory'>>(`/v1/items/${itemId}/history`, page),
    receipt: (key: string) => read<Reply<'readReceipt'>>(`/v1/receipts/${encodeURIComponent(key)}`),

    listings: (query?: Page & { kind?: string; sort?: string }) =>
      read<Reply<'listListings'>>('/v1/market/listings', query),
    placeListing: (body: Body<'placeListing'>, keyed?: Keyed): Promise<Answer<Reply<'placeListing'>>> =>
      call('POST', '/v1/market/listings', { ...keyed, body }),
    cancelListing: (id: string, etag: string, keyed?: Keyed): Promise<Answer<Reply<'cancelListing'>>> =>
      call('DELETE', `/v1/market/listings/${id}`, { ...keyed, ifMatch: etag }),
    /** Answers when the trade is over or has to wait; a refusal on the way is a ProblemError. */
    buy: (body: Body<'buyListing'>, keyed?: Waiting): Promise<Answer<Reply<'buyListing'>>> =>
      call('POST', '/v1/market/trades', { ...keyed, body }),
    trade: (id: string) => read<Reply<'readTrade'>>(`/v1/market/trades/${id}`),
    cancelTrade: (id: string, keyed?: Keyed): Promise<Answer<Reply<'cancelTrade'>>> =>
      call('POST', `/v1/market/trades/${id}/cancel`, { ...keyed }),

    leaderboard: (id: string) => read<Reply<'readLeaderboardTop'>>(`/v1/leaderboards/${id}/top`),
    notifications: (page?: Page) => read<Reply<'listNotifications'>>('/v1/notifications', page),
    acknowledge: (
      body: Body<'acknowledgeNotifications'>,
      keyed?: Keyed,
    ): Promise<Answer<Reply<'acknowledgeNotifications'>>> =>
      call('POST', '/v1/notifications/ack', { ...keyed, body }),

    /** A lobby with room, or the match the player is in. */
    joinMatch: async (body: Body<'joinMatch'> = {}, keyed?: Keyed): Promise<Reply<'joinMatch'>> =>
      (await call<Reply<'joinMatch'>>('POST', '/v1/matches', { ...keyed, body })).body,
    match: (id: string) => read<Reply<'readMatch'>>(`/v1/matches/${id}`),
    recording: (id: string) => read<Reply<'readRecording'>>(`/v1/matches/${id}/recording`),
    connect,
    /** Waits until the match has a host and takes the seat there; from then on the connection looks after itself. */
    async play(matchId: string, watching: Watching = {}): Promise<MatchConnection> {
      const place = await untilHosted(() => connect(matchId));
      return openMatch({ ...place, ...watching, ...socket, reconnect: () => connect(matchId) });
    },

    /** The player's own events: matches hosted and finished, grants, trades, notifications. */
    stream(listening: Pick<StreamOptions, 'onEvent' | 'onConnection'>): PlayerStream {
      const url = new URL('/v1/stream', options.baseUrl);
      url.protocol = url.protocol.replace('http', 'ws');
      return openPlayerStream({
        ...listening,
        ...socket,
        url: url.href,
        accessToken: () => session.accessToken(),
      });
    },
  };
}

async function untilHosted(connect: () => Promise<Place>): Promise<Place> {
  const deadlineMs = performance.now() + hostedMsMax;
  for (;;) {
    try {
      return await connect();
    } catch (error) {
      if (!isProblem(error, 'match_not_hosted') || performance.now() > deadlineMs) throw error;
      await sleep(Math.min(error.retryAfterMs ?? 250, 250));
    }
  }
}
