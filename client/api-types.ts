// Types of the API. Made from the routes by `npm run generate`.

interface paths {
    readonly "/.well-known/jwks.json": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Public keys of our access tokens */
        readonly get: operations["readKeys"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/livez": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The process answers */
        readonly get: operations["isLive"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/readyz": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Every dependency answers, and the process is not stopping */
        readonly get: operations["isReady"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/startupz": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The same, asked once at start */
        readonly get: operations["hasStarted"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/api-keys": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * All keys, newest first, without their secrets
         * @description API key with scope `keys:write`.
         */
        readonly get: operations["listApiKeys"];
        readonly put?: never;
        /**
         * A key for a game server or an operator, with scopes that you have yourself
         * @description API key with scope `keys:write`.
         */
        readonly post: operations["createApiKey"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/api-keys/{keyId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /**
         * End a key at once
         * @description API key with scope `keys:write`.
         */
        readonly delete: operations["revokeApiKey"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/auth/guest": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Enter with a secret that this device made; the first time makes a player */
        readonly post: operations["enterAsGuest"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/auth/login": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Enter with name and password */
        readonly post: operations["login"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/auth/logout": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** End the login that a refresh token belongs to */
        readonly post: operations["logout"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/auth/refresh": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Trade a refresh token for a new pair; a token used twice ends its login everywhere */
        readonly post: operations["refreshSession"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/auth/register": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Become a player with a name and a password */
        readonly post: operations["register"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/dead-letters": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Events a consumer group gave up on, oldest first
         * @description API key with scope `dead-letters:read`.
         */
        readonly get: operations["listDeadLetters"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/dead-letters/{deadLetterId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * One of them, with its bytes
         * @description API key with scope `dead-letters:read`.
         */
        readonly get: operations["readDeadLetter"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/drop-tables": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The odds: an entry is drawn with probability weight / totalWeight */
        readonly get: operations["listDropTables"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/economy": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The economy file in force
         * @description A player, or an API key with scope `economy:read`.
         */
        readonly get: operations["readEconomy"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/grants": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Pay a player, once per reference for ever
         * @description API key with scope `grants:write`.
         */
        readonly post: operations["createGrant"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/inventory": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The player's items, and what has them locked */
        readonly get: operations["listItems"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/items/{itemId}/history": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Chain of custody from the mint to now
         * @description A player, or an API key with scope `receipts:all`.
         */
        readonly get: operations["readItemHistory"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/leaderboards/{leaderboardId}/top": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The best hundred, at most five seconds old */
        readonly get: operations["readLeaderboardTop"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/loadout": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** What the player brings into the next match */
        readonly get: operations["readLoadout"];
        /** Choose it; a running match keeps what was brought */
        readonly put: operations["setLoadout"];
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/market/listings": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What can be bought
         * @description A player, or an API key with scope `market:read`.
         */
        readonly get: operations["listListings"];
        readonly put?: never;
        /** Offer an item; it is locked until it is sold, taken back or the offer expires */
        readonly post: operations["placeListing"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/market/listings/{listingId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * One offer; its ETag is what taking it back needs
         * @description A player, or an API key with scope `market:read`.
         */
        readonly get: operations["readListing"];
        readonly put?: never;
        readonly post?: never;
        /** Take an offer back and unlock its item */
        readonly delete: operations["cancelListing"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/market/trades": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** What the player bought and sold, newest first */
        readonly get: operations["listTrades"];
        readonly put?: never;
        /** Buy an offer at the price you have seen */
        readonly post: operations["buyListing"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/market/trades/{tradeId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Where a trade stands
         * @description A player, or an API key with scope `market:read`.
         */
        readonly get: operations["readTrade"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/market/trades/{tradeId}/cancel": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** The buyer withdraws while the trade is in review */
        readonly post: operations["cancelTrade"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/match-results": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * A match of your game is over; its rewards are drawn, published and paid
         * @description API key with scope `results:write`.
         */
        readonly post: operations["reportMatchResult"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/matches": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The player's matches, newest first */
        readonly get: operations["listMatches"];
        readonly put?: never;
        /** Join a lobby, or open one; a player who is in a match gets that match */
        readonly post: operations["joinMatch"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/matches/{matchId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * A match and who plays in it
         * @description A player, or an API key with scope `matches:read`.
         */
        readonly get: operations["readMatch"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/matches/{matchId}/actions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Act in a running match; answered when the tick is durable */
        readonly post: operations["act"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/matches/{matchId}/connection": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Where the match's socket is, and a ticket that opens it once */
        readonly post: operations["connectToMatch"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/matches/{matchId}/leave": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Give the seat back in a lobby; in a running match, be eliminated */
        readonly post: operations["leaveMatch"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/matches/{matchId}/recording": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Seed, inputs and hashes: enough to play the match again
         * @description A player, or an API key with scope `matches:read`.
         */
        readonly get: operations["readRecording"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/me": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Who the token speaks for */
        readonly get: operations["readMe"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/notifications": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** What the player was told, newest first */
        readonly get: operations["listNotifications"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/notifications/ack": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Mark some as read; another player's are not touched */
        readonly post: operations["acknowledgeNotifications"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/receipts/{key}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Why something moved: cause, lines, rolls, and whether it can be computed again
         * @description A player, or an API key with scope `receipts:read`.
         */
        readonly get: operations["readReceipt"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/redrives": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Handle dead letters again, in order, with what was parked behind them
         * @description API key with scope `redrives:write`.
         */
        readonly post: operations["startRedrive"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/redrives/{redriveId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * How far it is
         * @description API key with scope `redrives:write`.
         */
        readonly get: operations["readRedrive"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/rewards/{matchId}/retry": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Start a match's rewards again, without Kafka; what is paid stays paid once
         * @description API key with scope `stories:write`.
         */
        readonly post: operations["retryRewards"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/stream": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The player's own events over a WebSocket: grants, trades, matches, notifications */
        readonly get: operations["openStream"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/stream/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The same as server-sent events; Last-Event-ID resumes */
        readonly get: operations["openEventStream"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/wallet": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** What the player has, what of it is held, what is free */
        readonly get: operations["readWallet"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/wallet/transfers": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Everything that moved, newest first */
        readonly get: operations["listTransfers"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/workflows/{workflowId}/retry-undo": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Tell a stuck story that its cause is repaired: it tries the undo again
         * @description API key with scope `stories:write`.
         */
        readonly post: operations["retryUndo"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
type webhooks = Record<string, never>;
export interface components {
    schemas: {
        readonly Acknowledge: {
            readonly notificationIds: readonly components["schemas"]["Id"][];
        };
        readonly Acknowledged: {
            readonly acknowledgedCount: number;
        };
        readonly Action: {
            /** @enum {string} */
            readonly direction: "north" | "south" | "east" | "west";
            /** @default false */
            readonly seal?: boolean;
            /** @enum {string} */
            readonly type: "move";
        } | {
            /** @default false */
            readonly seal?: boolean;
            readonly targetId: components["schemas"]["Id"];
            /** @enum {string} */
            readonly type: "attack";
        } | {
            /** @default false */
            readonly seal?: boolean;
            /** @enum {string} */
            readonly type: "defend";
        } | {
            /** @default false */
            readonly seal?: boolean;
            /** @enum {string} */
            readonly type: "collect";
        };
        readonly ActionReply: {
            readonly actionId: string;
            readonly result: {
                readonly type: string;
            } & {
                readonly [key: string]: unknown;
            };
            readonly sealed: boolean;
            readonly stampBalance?: components["schemas"]["Amount"];
            readonly tick?: number;
            /** @enum {string} */
            readonly type: "move" | "attack" | "defend" | "collect";
        };
        /** @example 1200 */
        readonly Amount: string;
        readonly ApiKey: {
            readonly clientId: string;
            readonly createdAt: components["schemas"]["Time"];
            readonly keyId: components["schemas"]["Id"];
            readonly prefix: string;
            readonly revokedAt: components["schemas"]["Time"] & (string | null);
            readonly scopes: readonly string[];
        };
        readonly ApiKeys: {
            readonly items: readonly components["schemas"]["ApiKey"][];
            readonly nextCursor: string | null;
        };
        readonly Balance: {
            readonly asset: components["schemas"]["Code"];
            readonly available: components["schemas"]["Amount"];
            readonly balance: components["schemas"]["Amount"];
            readonly held: components["schemas"]["Amount"];
        };
        /** @example gold */
        readonly Code: string;
        readonly Connection: {
            readonly expiresInMs: number;
            readonly ticket: string;
            readonly url: string;
        };
        readonly CreatedApiKey: {
            readonly clientId: string;
            readonly keyId: components["schemas"]["Id"];
            readonly scopes: readonly ("grants:write" | "results:write" | "matches:read" | "economy:read" | "market:read" | "receipts:read" | "receipts:all" | "dead-letters:read" | "redrives:write" | "stories:write" | "keys:write")[];
            /** @description Shown now, kept nowhere */
            readonly secret: string;
        };
        readonly DeadLetter: {
            readonly attempts: number;
            readonly deadLetterId: components["schemas"]["Id"];
            readonly errorClass: string;
            readonly errorMessage: string;
            readonly eventId: string | null;
            readonly eventType: string | null;
            readonly firstFailedAt: components["schemas"]["Time"];
            readonly group: string;
            readonly headers: {
                readonly [key: string]: unknown;
            };
            readonly key: string | null;
            readonly lastFailedAt: components["schemas"]["Time"];
            readonly offset: string;
            readonly partition: number;
            readonly reason: string | null;
            readonly redrives: number;
            readonly resolvedAt: components["schemas"]["Time"] & (string | null);
            /** @enum {string} */
            readonly status: "waiting" | "redriven" | "discarded";
            readonly topic: string;
            /** @description The bytes as they came */
            readonly valueBase64: string | null;
        };
        readonly DeadLetters: {
            readonly items: readonly components["schemas"]["DeadLetter"][];
            readonly nextCursor: string | null;
        };
        readonly DropTables: {
            readonly economyVersion: number;
            readonly tables: readonly {
                readonly code: components["schemas"]["Code"];
                readonly entries: readonly {
                    readonly kind: components["schemas"]["Code"];
                    readonly rarity?: string;
                    readonly weight: number;
                }[];
                readonly totalWeight: number;
                readonly version: number;
            }[];
        };
        readonly EconomyVersion: {
            readonly economy: {
                readonly name: string;
            } & {
                readonly [key: string]: unknown;
            };
            readonly hash: string;
            readonly version: number;
        };
        readonly Grant: {
            /** @default [] */
            readonly items?: readonly {
                readonly kind: components["schemas"]["Code"];
            }[];
            /** @default [] */
            readonly lines?: readonly components["schemas"]["GrantLine"][];
            readonly player: components["schemas"]["PlayerRef"];
            readonly reference: components["schemas"]["Reference"];
        };
        readonly Granted: {
            readonly items: readonly {
                readonly kind: components["schemas"]["Code"];
            }[];
            readonly journalId: string;
            readonly key: string;
            readonly lines: readonly components["schemas"]["GrantLine"][];
            readonly playerId: components["schemas"]["Id"];
            readonly receipt: string;
            readonly reference: components["schemas"]["Reference"];
        };
        readonly GrantLine: {
            readonly amount: components["schemas"]["PositiveAmount"];
            readonly asset: components["schemas"]["Code"];
        };
        readonly Guest: {
            readonly deviceSecret: string;
        };
        readonly Health: {
            readonly dependencies: {
                readonly [key: string]: {
                    readonly detail?: string;
                    readonly ok: boolean;
                };
            };
            readonly ready: boolean;
        };
        /** @example 0199f3a2-7a1c-7c3e-9b57-1f3a6de0c001 */
        readonly Id: string;
        readonly Inventory: {
            readonly items: readonly components["schemas"]["Item"][];
            readonly nextCursor: string | null;
        };
        readonly Item: {
            readonly attributes: {
                readonly [key: string]: unknown;
            };
            readonly itemId: components["schemas"]["Id"];
            readonly kind: components["schemas"]["Code"];
            readonly kindVersion: number;
            readonly locked: boolean;
            readonly lockedBy: string | null;
        };
        readonly ItemHistory: {
            readonly items: readonly components["schemas"]["ItemMovement"][];
            readonly nextCursor: string | null;
        };
        readonly ItemMovement: {
            /** @enum {string} */
            readonly code: "mint" | "burn" | "transfer" | "modify" | "lock" | "unlock";
            readonly createdAt: components["schemas"]["Time"];
            readonly from: string | null;
            readonly key: string;
            readonly kind: string;
            readonly lockAfter: string | null;
            readonly lockBefore: string | null;
            readonly receipt: string;
            readonly to: string | null;
            readonly workflowId: string | null;
        };
        readonly JoinMatch: {
            readonly code?: string;
            /** @default arena */
            readonly mode?: string;
            /** @default false */
            readonly private?: boolean;
            /** @default local */
            readonly region?: string;
        };
        readonly Jwks: {
            readonly keys: readonly ({
                readonly kid: string;
                readonly kty: string;
            } & {
                readonly [key: string]: unknown;
            })[];
        };
        readonly LeaderboardEntry: {
            readonly playerId: components["schemas"]["Id"];
            readonly rank: number;
            readonly score: components["schemas"]["Amount"];
            readonly username: string | null;
        };
        readonly LeaderboardTop: {
            readonly cachedAt: components["schemas"]["Time"];
            readonly items: readonly components["schemas"]["LeaderboardEntry"][];
            readonly leaderboardId: string;
            /** @description True while the database does not answer and this is the last we know */
            readonly stale: boolean;
        };
        readonly Left: {
            readonly left: boolean;
        };
        readonly Listing: {
            readonly asset: components["schemas"]["Code"];
            readonly createdAt: components["schemas"]["Time"];
            readonly expiresAt: components["schemas"]["Time"];
            readonly itemId: components["schemas"]["Id"];
            readonly kind: components["schemas"]["Code"];
            readonly listingId: components["schemas"]["Id"];
            readonly price: components["schemas"]["PositiveAmount"];
            readonly sellerId: components["schemas"]["Id"];
            /** @enum {string} */
            readonly status: "open" | "in_trade" | "sold" | "cancelled" | "expired";
            readonly version: number;
        };
        readonly Listings: {
            readonly items: readonly components["schemas"]["Listing"][];
            readonly nextCursor: string | null;
        };
        readonly Loadout: {
            readonly weaponItemId: components["schemas"]["Id"] & (string | null);
        };
        readonly Login: {
            readonly password: string;
            readonly username: string;
        };
        readonly Match: {
            readonly createdAt: components["schemas"]["Time"];
            readonly economyVersion: number;
            readonly endedAt: components["schemas"]["Time"] & (string | null);
            readonly joinCode: string | null;
            readonly matchId: components["schemas"]["Id"];
            readonly mode: string;
            readonly players: readonly components["schemas"]["MatchPlayer"][];
            readonly region: string;
            readonly reviewRequired: boolean;
            /** @description Of the player who asks */
            readonly seat: number | null;
            /** @description Published when the match has finished */
            readonly seed: string | null;
            readonly seedHash: string | null;
            readonly startedAt: components["schemas"]["Time"] & (string | null);
            readonly startsAt: components["schemas"]["Time"] & (string | null);
            /** @enum {string} */
            readonly status: "lobby" | "starting" | "running" | "finished" | "cancelled" | "voided";
            readonly workflowId: string;
            /** Format: uri */
            readonly workflowUrl: string | null;
        };
        readonly Matches: {
            readonly items: readonly components["schemas"]["Match"][];
            readonly nextCursor: string | null;
        };
        readonly MatchPlayer: {
            /** @enum {string|null} */
            readonly outcome: "winner" | "survivor" | "eliminated" | null;
            readonly placement: number | null;
            readonly playerId: components["schemas"]["Id"];
            readonly score: number | null;
            readonly seat: number | null;
            readonly weaponBonus: number;
            readonly weaponItemId: components["schemas"]["Id"] & (string | null);
        };
        readonly MatchResult: {
            readonly externalMatchId: components["schemas"]["Reference"];
            readonly mode: string;
            readonly players: readonly {
                /** @description What the reward rule multiplies */
                readonly amounts?: {
                    readonly resources?: components["schemas"]["Amount"];
                };
                /** @enum {string} */
                readonly outcome: "winner" | "survivor" | "eliminated";
                readonly placement?: number;
                readonly player: components["schemas"]["PlayerRef"];
                readonly score?: number;
            }[];
            readonly reference: components["schemas"]["Reference"];
        };
        readonly Me: {
            readonly createdAt: components["schemas"]["Time"];
            readonly frozen: boolean;
            readonly playerId: components["schemas"]["Id"];
            readonly username: string | null;
        };
        readonly NewApiKey: {
            readonly clientId: string;
            readonly scopes: readonly ("grants:write" | "results:write" | "matches:read" | "economy:read" | "market:read" | "receipts:read" | "receipts:all" | "dead-letters:read" | "redrives:write" | "stories:write" | "keys:write")[];
        };
        readonly NewListing: {
            readonly itemId: components["schemas"]["Id"];
            readonly price: components["schemas"]["PositiveAmount"];
        };
        readonly NewRedrive: {
            readonly deadLetterIds: readonly components["schemas"]["Id"][];
        };
        readonly NewTrade: {
            readonly expectedPrice: components["schemas"]["PositiveAmount"];
            readonly listingId: components["schemas"]["Id"];
        };
        readonly Notification: {
            readonly acknowledgedAt: components["schemas"]["Time"] & (string | null);
            readonly createdAt: components["schemas"]["Time"];
            readonly data?: unknown;
            readonly notificationId: components["schemas"]["Id"];
            readonly type: string;
        };
        readonly Notifications: {
            readonly items: readonly components["schemas"]["Notification"][];
            readonly nextCursor: string | null;
        };
        readonly PlayerRef: {
            readonly issuer: string;
            readonly subject: string;
        } | {
            readonly id: components["schemas"]["Id"];
        };
        /** @example 250 */
        readonly PositiveAmount: string;
        readonly Problem: {
            readonly canRetry: boolean;
            readonly code: string;
            readonly detail: string;
            readonly errors?: readonly {
                readonly detail: string;
                readonly pointer: string;
            }[];
            readonly requestId: string;
            readonly status: number;
            readonly title: string;
            readonly traceId: string;
            readonly type: string;
        };
        readonly Receipt: {
            readonly cause: {
                readonly actor: string | null;
                readonly reason: string | null;
                readonly requestId: string | null;
                readonly step: string | null;
                readonly traceId: string | null;
                readonly workflowId: string | null;
            };
            readonly createdAt: components["schemas"]["Time"];
            readonly deployment: {
                readonly ledgerEpoch: number;
                readonly name: string;
            } | null;
            readonly economy: {
                readonly hash: string;
                readonly version: number;
            } | null;
            readonly journalId: string;
            readonly key: string;
            readonly kind: string;
            readonly movements: readonly {
                readonly code: string;
                readonly from: string | null;
                readonly index: number;
                readonly itemId: components["schemas"]["Id"];
                readonly kind: string;
                readonly to: string | null;
            }[];
            readonly pinned?: unknown;
            /** @description Whether computing the plan again gave the same; null when it has no plan */
            readonly recomputed: boolean | null;
            readonly rolls: readonly {
                readonly entries?: unknown;
                readonly input: {
                    readonly bound: number;
                    readonly label: string;
                    readonly seed: string | null;
                };
                readonly output: {
                    readonly itemId: components["schemas"]["Id"];
                    readonly kind: string;
                    readonly roll: number;
                };
                readonly table: string;
                readonly tableHash: string;
                readonly tableVersion: number;
            }[];
            readonly transfers: readonly {
                readonly amount: components["schemas"]["Amount"];
                readonly asset: string;
                readonly code: string;
                readonly credit: string;
                readonly debit: string;
                readonly index: number;
                readonly state: string;
            }[];
            /**
             * Format: uri
             * @description The story in the Temporal Web UI; for operators
             */
            readonly workflowUrl: string | null;
        };
        readonly RecordedResult: {
            readonly matchId: components["schemas"]["Id"];
            readonly receipts: readonly {
                readonly key: string;
                readonly playerId: components["schemas"]["Id"];
                readonly receipt: string;
            }[];
            readonly seedHash: string;
            readonly workflowId: string;
        };
        readonly Recording: {
            readonly config: {
                readonly [key: string]: unknown;
            };
            readonly seats: readonly {
                readonly playerId: components["schemas"]["Id"];
                readonly weaponBonus: number;
            }[];
            readonly seed: string;
            readonly ticks: readonly {
                readonly inputs: readonly unknown[];
                readonly results?: readonly unknown[];
                readonly stateHash: string;
                readonly tick: number;
            }[];
        };
        readonly Redrive: {
            readonly progress: {
                readonly current: components["schemas"]["Id"] & (string | null);
                readonly done: number;
                readonly failedAgain: number;
                readonly handled: number;
                readonly total: number;
            } | null;
            readonly redriveId: components["schemas"]["Id"];
            /** @enum {string} */
            readonly status: "running" | "completed" | "failed";
            readonly workflowId: string;
            /** Format: uri */
            readonly workflowUrl: string;
        };
        readonly Reference: string;
        readonly Refresh: {
            readonly refreshToken: string;
        };
        readonly Register: {
            readonly password: string;
            /** @example sword_42 */
            readonly username: string;
        };
        readonly Session: {
            readonly accessToken: string;
            readonly expiresInMs: number;
            readonly playerId: components["schemas"]["Id"];
            readonly refreshToken: string;
            /** @enum {string} */
            readonly tokenType: "Bearer";
        };
        readonly Story: {
            readonly workflowId: string;
            /** Format: uri */
            readonly workflowUrl: string;
        };
        readonly StreamEvent: {
            readonly data?: unknown;
            readonly id: string;
            readonly time: components["schemas"]["Time"];
            readonly traceparent?: string;
            readonly type: string;
        };
        /**
         * Format: date-time
         * @example 2026-11-21T12:00:00.000Z
         */
        readonly Time: string;
        readonly Trade: {
            readonly asset: components["schemas"]["Code"];
            readonly buyerId: components["schemas"]["Id"];
            readonly createdAt: components["schemas"]["Time"];
            readonly endedAt: components["schemas"]["Time"] & (string | null);
            readonly failureCode: string | null;
            readonly fee: components["schemas"]["Amount"];
            readonly itemId: components["schemas"]["Id"];
            readonly kind: components["schemas"]["Code"];
            readonly listingId: components["schemas"]["Id"];
            readonly price: components["schemas"]["PositiveAmount"];
            readonly sellerId: components["schemas"]["Id"];
            /** @enum {string} */
            readonly state: "initiated" | "funds_reserving" | "item_locking" | "in_review" | "settling" | "completed" | "compensating" | "failed";
            readonly tradeId: components["schemas"]["Id"];
            readonly workflowId: string;
            /**
             * Format: uri
             * @description The story in the Temporal Web UI; for operators
             */
            readonly workflowUrl: string | null;
        };
        readonly Trades: {
            readonly items: readonly components["schemas"]["Trade"][];
            readonly nextCursor: string | null;
        };
        readonly Transfer: {
            readonly amount: components["schemas"]["Amount"];
            readonly asset: components["schemas"]["Code"];
            readonly code: string;
            readonly createdAt: components["schemas"]["Time"];
            /** @enum {string} */
            readonly direction: "in" | "out";
            readonly expiresAt: components["schemas"]["Time"] & (string | null);
            readonly id: string;
            readonly key: string;
            readonly kind: string;
            readonly receipt: string;
            /** @enum {string} */
            readonly state: "posted" | "pending" | "post" | "void";
        };
        readonly Transfers: {
            readonly items: readonly components["schemas"]["Transfer"][];
            readonly nextCursor: string | null;
        };
        readonly Wallet: {
            readonly balances: readonly components["schemas"]["Balance"][];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
type $defs = Record<string, never>;
export interface operations {
    readonly readKeys: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description JSON Web Key Set */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Jwks"];
                };
            };
        };
    };
    readonly isLive: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It does */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @enum {boolean} */
                        readonly live: true;
                    };
                };
            };
        };
    };
    readonly isReady: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Yes */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    readonly hasStarted: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Yes */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    readonly listApiKeys: {
        readonly parameters: {
            readonly query?: {
                readonly cursor?: string;
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ApiKeys"];
                };
            };
        };
    };
    readonly createApiKey: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["NewApiKey"];
            };
        };
        readonly responses: {
            /** @description The key */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["CreatedApiKey"];
                };
            };
        };
    };
    readonly revokeApiKey: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly keyId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Revoked */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly enterAsGuest: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["Guest"];
            };
        };
        readonly responses: {
            /** @description Known device */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Session"];
                };
            };
            /** @description New player */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Session"];
                };
            };
        };
    };
    readonly login: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["Login"];
            };
        };
        readonly responses: {
            /** @description Logged in */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Session"];
                };
            };
        };
    };
    readonly logout: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["Refresh"];
            };
        };
        readonly responses: {
            /** @description Ended, or not known */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly refreshSession: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["Refresh"];
            };
        };
        readonly responses: {
            /** @description New pair */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Session"];
                };
            };
        };
    };
    readonly register: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["Register"];
            };
        };
        readonly responses: {
            /** @description New player */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Session"];
                };
            };
        };
    };
    readonly listDeadLetters: {
        readonly parameters: {
            readonly query?: {
                readonly cursor?: string;
                readonly errorClass?: string;
                readonly group?: string;
                readonly limit?: number;
                readonly status?: "waiting" | "redriven" | "discarded";
                readonly topic?: string;
                readonly type?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DeadLetters"];
                };
            };
        };
    };
    readonly readDeadLetter: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly deadLetterId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The letter */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DeadLetter"];
                };
            };
        };
    };
    readonly listDropTables: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description All tables of the current version */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DropTables"];
                };
            };
        };
    };
    readonly readEconomy: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The current version */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["EconomyVersion"];
                };
            };
        };
    };
    readonly createGrant: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["Grant"];
            };
        };
        readonly responses: {
            /** @description This reference was paid before; the same answer again */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Granted"];
                };
            };
            /** @description Paid */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Granted"];
                };
            };
        };
    };
    readonly listItems: {
        readonly parameters: {
            readonly query?: {
                readonly cursor?: string;
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Inventory"];
                };
            };
        };
    };
    readonly readItemHistory: {
        readonly parameters: {
            readonly query?: {
                readonly cursor?: string;
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path: {
                readonly itemId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page, oldest first */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ItemHistory"];
                };
            };
        };
    };
    readonly readLeaderboardTop: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly leaderboardId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The top */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["LeaderboardTop"];
                };
            };
        };
    };
    readonly readLoadout: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The loadout */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Loadout"];
                };
            };
        };
    };
    readonly setLoadout: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["Loadout"];
            };
        };
        readonly responses: {
            /** @description Chosen */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Loadout"];
                };
            };
        };
    };
    readonly listListings: {
        readonly parameters: {
            readonly query?: {
                readonly cursor?: string;
                readonly kind?: components["schemas"]["Code"];
                readonly limit?: number;
                readonly maxPrice?: components["schemas"]["PositiveAmount"];
                readonly minPrice?: components["schemas"]["PositiveAmount"];
                readonly seller?: components["schemas"]["Id"];
                readonly sort?: "newest" | "price";
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Listings"];
                };
            };
        };
    };
    readonly placeListing: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["NewListing"];
            };
        };
        readonly responses: {
            /** @description Offered */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Listing"];
                };
            };
        };
    };
    readonly readListing: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly listingId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The offer */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Listing"];
                };
            };
        };
    };
    readonly cancelListing: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
                /** @description The ETag of the version you have seen. */
                readonly "If-Match": string;
            };
            readonly path: {
                readonly listingId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Taken back */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Listing"];
                };
            };
        };
    };
    readonly listTrades: {
        readonly parameters: {
            readonly query?: {
                readonly cursor?: string;
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Trades"];
                };
            };
        };
    };
    readonly buyListing: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
                /** @description `wait=n` (at most 10 s) or `respond-async`. */
                readonly Prefer?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["NewTrade"];
            };
        };
        readonly responses: {
            /** @description Bought */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Trade"];
                };
            };
            /** @description In review, or not over yet */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Trade"];
                };
            };
        };
    };
    readonly readTrade: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly tradeId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The trade */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Trade"];
                };
            };
        };
    };
    readonly cancelTrade: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly tradeId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Withdrawn; the undo may still run */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Trade"];
                };
            };
        };
    };
    readonly reportMatchResult: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
                /** @description `wait=n` (at most 10 s) or `respond-async`. */
                readonly Prefer?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["MatchResult"];
            };
        };
        readonly responses: {
            /** @description Recorded; the receipts are there when the rewards are paid */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RecordedResult"];
                };
            };
        };
    };
    readonly listMatches: {
        readonly parameters: {
            readonly query?: {
                readonly cursor?: string;
                readonly limit?: number;
                readonly mine?: "" | "true";
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Matches"];
                };
            };
        };
    };
    readonly joinMatch: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["JoinMatch"];
            };
        };
        readonly responses: {
            /** @description The match the player is in already */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Match"];
                };
            };
            /** @description A seat */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Match"];
                };
            };
        };
    };
    readonly readMatch: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly matchId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The match */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Match"];
                };
            };
        };
    };
    readonly act: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly matchId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["Action"];
            };
        };
        readonly responses: {
            /** @description What it did */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ActionReply"];
                };
            };
        };
    };
    readonly connectToMatch: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly matchId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The present host */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Connection"];
                };
            };
        };
    };
    readonly leaveMatch: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly matchId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Gone */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Left"];
                };
            };
        };
    };
    readonly readRecording: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly matchId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The recording */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Recording"];
                };
            };
        };
    };
    readonly readMe: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The player */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Me"];
                };
            };
        };
    };
    readonly listNotifications: {
        readonly parameters: {
            readonly query?: {
                readonly cursor?: string;
                readonly limit?: number;
                readonly unread?: "true" | "false";
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Notifications"];
                };
            };
        };
    };
    readonly acknowledgeNotifications: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["Acknowledge"];
            };
        };
        readonly responses: {
            /** @description How many were unread */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Acknowledged"];
                };
            };
        };
    };
    readonly readReceipt: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly key: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The explanation */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Receipt"];
                };
            };
        };
    };
    readonly startRedrive: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
                /** @description `wait=n` (at most 10 s) or `respond-async`. */
                readonly Prefer?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["NewRedrive"];
            };
        };
        readonly responses: {
            /** @description Over */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Redrive"];
                };
            };
            /** @description Started */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Redrive"];
                };
            };
        };
    };
    readonly readRedrive: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly redriveId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The redrive */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Redrive"];
                };
            };
        };
    };
    readonly retryRewards: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
                /** @description `wait=n` (at most 10 s) or `respond-async`. */
                readonly Prefer?: string;
            };
            readonly path: {
                readonly matchId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The story runs */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Story"];
                };
            };
        };
    };
    readonly openStream: {
        readonly parameters: {
            readonly query?: {
                /** @description For browsers, which cannot send Last-Event-ID on a socket */
                readonly lastEventId?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Frames `{kind: "event", id, type, time, data}` */
            readonly 101: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "*/*": components["schemas"]["StreamEvent"];
                };
            };
        };
    };
    readonly openEventStream: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Events */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/event-stream": components["schemas"]["StreamEvent"];
                };
            };
        };
    };
    readonly readWallet: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Per asset */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Wallet"];
                };
            };
        };
    };
    readonly listTransfers: {
        readonly parameters: {
            readonly query?: {
                readonly asset?: components["schemas"]["Code"];
                readonly code?: "match_reward" | "welcome" | "grant" | "opening" | "spend" | "seal" | "burn" | "hold" | "trade_price" | "trade_fee" | "listing_deposit" | "mailbox_claim" | "clawback" | "correction";
                readonly cursor?: string;
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Transfers"];
                };
            };
        };
    };
    readonly retryUndo: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
                /** @description `wait=n` (at most 10 s) or `respond-async`. */
                readonly Prefer?: string;
            };
            readonly path: {
                readonly workflowId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The story has been told */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Story"];
                };
            };
        };
    };
}
