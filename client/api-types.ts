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
         * The keys of your client, for an operator all keys, newest first, without their secrets
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
    readonly "/v1/audit": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Who did what to whom, newest first
         * @description API key with scope `audit:read`.
         */
        readonly get: operations["listAudit"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/audits": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Look at the books now: at what is new, or at everything
         * @description API key with scope `audits:write`.
         */
        readonly post: operations["startAudit"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/audits/{auditId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What it looked at, and rule by rule what it found
         * @description API key with scope `audits:write`.
         */
        readonly get: operations["readAudit"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
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
    readonly "/v1/clawbacks": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Clawbacks, newest first
         * @description API key with scope `clawbacks:write`.
         */
        readonly get: operations["listClawbacks"];
        readonly put?: never;
        /**
         * Have a clawback of grants examined; nothing is taken back before its report is approved
         * @description API key with scope `clawbacks:write`.
         */
        readonly post: operations["requestClawback"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/clawbacks/{clawbackId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The report that an approval names, how far it is, and in the end the result
         * @description API key with scope `clawbacks:write`.
         */
        readonly get: operations["readClawback"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/clawbacks/{clawbackId}/approve": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Let it happen, exactly as the report with this hash says
         * @description API key with scope `clawbacks:write`.
         */
        readonly post: operations["approveClawback"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/clawbacks/{clawbackId}/cancel": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * End it before it is approved; nothing is taken back
         * @description API key with scope `clawbacks:write`.
         */
        readonly post: operations["cancelClawback"];
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
         * One of them, with its bytes, and how many events wait behind it
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
    readonly "/v1/dead-letters/summary": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * How many there are per group, topic and class of error, and what is parked behind them
         * @description API key with scope `dead-letters:read`.
         */
        readonly get: operations["summariseDeadLetters"];
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
        /** The odds, exact and in percent, of every table and of what is nested in it */
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
        /**
         * Plan an economy file, or publish it as the next version
         * @description API key with scope `economy:write`.
         */
        readonly put: operations["putEconomy"];
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/economy/flows": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What enters and leaves the economy, how fast it moves, and who holds it
         * @description API key with scope `economy:read`.
         */
        readonly get: operations["readFlows"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/economy/versions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What was published, by whom and when, newest first
         * @description API key with scope `economy:read`.
         */
        readonly get: operations["listEconomyVersions"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Publish a CloudEvent, or up to 500: all are checked, then all are sent
         * @description API key with scope `events:write`.
         */
        readonly post: operations["publishEvents"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/events/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Where an event is, and what each consumer group has made of it
         * @description API key with scope `events:read`.
         */
        readonly get: operations["readEvent"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/findings": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What the auditor or a story found that a person must look at, newest first
         * @description API key with scope `findings:read`.
         */
        readonly get: operations["listFindings"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/findings/{findingId}/close": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * It has been dealt with; while it stays the same the auditor does not open it again
         * @description API key with scope `findings:write`.
         */
        readonly post: operations["closeFinding"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/game-events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Tell what players do, one event or up to 500: published as `analytics.event.game-action.v1`
         * @description API key with scope `events:write`.
         */
        readonly post: operations["publishGameEvents"];
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
    readonly "/v1/grants/batch": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Pay many players; a grant that is refused leaves the others alone
         * @description API key with scope `grants:write`.
         */
        readonly post: operations["createGrants"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/imports": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Bring wallets in: checked as a whole, then posted line by line
         * @description API key with scope `imports:write`.
         */
        readonly post: operations["createImport"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/imports/{importId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * How far it is, and which lines were refused
         * @description API key with scope `imports:write`.
         */
        readonly get: operations["readImport"];
        readonly put?: never;
        readonly post?: never;
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
         * Where an item comes from and why it is locked: for its owner, for every player while it is for sale, for operators
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
    readonly "/v1/mailbox": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** What waits to be claimed, and what has waited, newest first */
        readonly get: operations["listMailbox"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/mailbox/{entryId}/claim": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Into the wallet, once; when the wallet is full the entry stays */
        readonly post: operations["claimMailboxEntry"];
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
    readonly "/v1/me/erase": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Be forgotten: what the player had stays in the books under a bare id. There is no way back */
        readonly post: operations["eraseMe"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/me/export": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Everything held about the player, one JSON object a line */
        readonly get: operations["exportMe"];
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
    readonly "/v1/players": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Find players by name, outside identity or id, newest first
         * @description API key with scope `players:read`.
         */
        readonly get: operations["searchPlayers"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/players/{playerId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * A player as operators see them: how they get in, what they have, whether they are frozen
         * @description API key with scope `players:read`.
         */
        readonly get: operations["readPlayer"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/players/{playerId}/erase": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Forget who a player is; the books keep a bare id. There is no way back
         * @description API key with scope `players:write`.
         */
        readonly post: operations["erasePlayer"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/players/{playerId}/export": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Everything held about a player, one JSON object a line
         * @description API key with scope `players:read`.
         */
        readonly get: operations["exportPlayer"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/players/{playerId}/freeze": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        /**
         * Freeze a player, who can then read but change nothing, or let them go on
         * @description API key with scope `players:write`.
         */
        readonly put: operations["freezePlayer"];
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/players/{playerId}/statement": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What a player had at an instant, and why: balances, items, and every change with its cause
         * @description A player, or an API key with scope `statements:read`.
         */
        readonly get: operations["readStatement"];
        readonly put?: never;
        readonly post?: never;
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
         * Why something moved: cause, lines, rolls, whether it can be computed again, and where it is sealed
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
        /**
         * Redrives, previews and discards, newest first
         * @description API key with scope `redrives:write`.
         */
        readonly get: operations["listRedrives"];
        readonly put?: never;
        /**
         * Handle dead letters again, in order, with what was parked behind them; or preview that; or discard them
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
         * How far it is, and how long it will take at its present pace
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
    readonly "/v1/redrives/{redriveId}/cancel": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * End it before the next event; what is not done with stays as it is
         * @description API key with scope `redrives:write`.
         */
        readonly post: operations["cancelRedrive"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/redrives/{redriveId}/letters": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What became of each letter, or of a preview, what would; in the order of the work
         * @description API key with scope `redrives:write`.
         */
        readonly get: operations["listRedriveLetters"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/redrives/{redriveId}/pause": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Stop before the next event; what waits keeps its order
         * @description API key with scope `redrives:write`.
         */
        readonly post: operations["pauseRedrive"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/redrives/{redriveId}/resume": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Go on where it was paused
         * @description API key with scope `redrives:write`.
         */
        readonly post: operations["resumeRedrive"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/replays": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Event replays, newest first
         * @description API key with scope `replays:write`.
         */
        readonly get: operations["listReplays"];
        readonly put?: never;
        /**
         * Read a past window of a topic again, for a topic, handler, projection or subscription
         * @description API key with scope `replays:write`.
         */
        readonly post: operations["startReplay"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/replays/{replayId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * How far it is, when it will be done, and what failed
         * @description API key with scope `replays:write`.
         */
        readonly get: operations["readReplay"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/replays/{replayId}/cancel": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * End it where it is; what was replayed stays
         * @description API key with scope `replays:write`.
         */
        readonly post: operations["cancelReplay"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/replays/{replayId}/pause": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Hold it where it is
         * @description API key with scope `replays:write`.
         */
        readonly post: operations["pauseReplay"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/replays/{replayId}/resume": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Let it go on from where it was held
         * @description API key with scope `replays:write`.
         */
        readonly post: operations["resumeReplay"];
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
    readonly "/v1/schemas/compatibility/subjects/{subject}/versions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Whether a schema reads what every version wrote, as registration demands
         * @description API key with scope `events:read`.
         */
        readonly post: operations["checkSchema"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/schemas/compatibility/subjects/{subject}/versions/{version}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Whether a schema reads what one version wrote
         * @description API key with scope `events:read`.
         */
        readonly post: operations["checkSchemaAgainstVersion"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/schemas/config": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The compatibility level of every subject
         * @description API key with scope `events:read`.
         */
        readonly get: operations["readSchemaConfig"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/schemas/config/{subject}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The compatibility level of a subject: the same as of all
         * @description API key with scope `events:read`.
         */
        readonly get: operations["readSchemaSubjectConfig"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/schemas/schemas/ids/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The schema whose id stands before an Avro value
         * @description API key with scope `events:read`.
         */
        readonly get: operations["readSchemaById"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/schemas/schemas/types": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Which kinds of schema are kept
         * @description API key with scope `events:read`.
         */
        readonly get: operations["listSchemaTypes"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/schemas/subjects": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Every subject: `<topic>-<type>`
         * @description API key with scope `events:read`.
         */
        readonly get: operations["listSchemaSubjects"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/schemas/subjects/{subject}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Which version of a subject has this content
         * @description API key with scope `events:read`.
         */
        readonly post: operations["lookUpSchema"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/schemas/subjects/{subject}/versions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The versions of a subject
         * @description API key with scope `events:read`.
         */
        readonly get: operations["listSchemaVersions"];
        readonly put?: never;
        /**
         * Register a schema for a type of your own topic; the same content again answers the same id
         * @description API key with scope `schemas:write`.
         */
        readonly post: operations["registerSchema"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/schemas/subjects/{subject}/versions/{version}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * One version of a subject, or its latest
         * @description API key with scope `events:read`.
         */
        readonly get: operations["readSchemaVersion"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/spends": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Take a price from a player's wallet, once per reference for ever
         * @description API key with scope `spends:write`.
         */
        readonly post: operations["createSpend"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/stats": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * How much is published and consumed, how fast, and how far each group is behind; 2 s old at most
         * @description API key with scope `events:read`.
         */
        readonly get: operations["readStats"];
        readonly put?: never;
        readonly post?: never;
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
    readonly "/v1/streams": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The streams the caller may follow
         * @description A player, or an API key with scope `streams:read`.
         */
        readonly get: operations["listStreams"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/streams/{name}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Events as they happen, as server-sent events; Last-Event-ID resumes
         * @description A player, or an API key with scope `streams:read`.
         */
        readonly get: operations["followStream"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/subscriptions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Your subscriptions, newest first; everybody’s for a key that may read every topic
         * @description API key with scope `subscriptions:write`.
         */
        readonly get: operations["listSubscriptions"];
        readonly put?: never;
        /**
         * Be told of events by webhook, by a private stream, or in a topic of your own
         * @description API key with scope `subscriptions:write`.
         */
        readonly post: operations["createSubscription"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/subscriptions/{subscriptionId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What it asks for, and whether it runs
         * @description API key with scope `subscriptions:write`.
         */
        readonly get: operations["readSubscription"];
        /**
         * Ask for something else, or to be told otherwise; topics that are new to it begin now
         * @description API key with scope `subscriptions:write`.
         */
        readonly put: operations["updateSubscription"];
        readonly post?: never;
        /**
         * End it; what waits is not delivered any more
         * @description API key with scope `subscriptions:write`.
         */
        readonly delete: operations["deleteSubscription"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/subscriptions/{subscriptionId}/deliveries": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What was sent, newest first: attempts, reply, duration, error, events
         * @description API key with scope `subscriptions:write`.
         */
        readonly get: operations["listDeliveries"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/subscriptions/{subscriptionId}/deliveries/{deliveryId}/redeliver": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Send a failed delivery once more, under the same webhook-id
         * @description API key with scope `subscriptions:write`.
         */
        readonly post: operations["redeliver"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/subscriptions/{subscriptionId}/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Server-sent events of a subscription of method sse; Last-Event-ID goes on behind what was read
         * @description API key with scope `subscriptions:write`.
         */
        readonly get: operations["streamSubscription"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/subscriptions/{subscriptionId}/pause": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Send nothing until it goes on; events are kept as long as their topics keep them
         * @description API key with scope `subscriptions:write`.
         */
        readonly post: operations["pauseSubscription"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/subscriptions/{subscriptionId}/ping": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Send a test event now, also while it is paused; one attempt
         * @description API key with scope `subscriptions:write`.
         */
        readonly post: operations["pingSubscription"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/subscriptions/{subscriptionId}/resume": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Go on where it stopped, also after it was disabled
         * @description API key with scope `subscriptions:write`.
         */
        readonly post: operations["resumeSubscription"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/subscriptions/{subscriptionId}/secret": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Get a new secret; the one before it also signs for a while
         * @description API key with scope `subscriptions:write`.
         */
        readonly post: operations["rotateWebhookSecret"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/topics": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Every topic by name: the catalogue’s and those that clients made
         * @description API key with scope `events:read`.
         */
        readonly get: operations["listTopics"];
        readonly put?: never;
        /**
         * Make a topic for your own events, under a name your key may publish to
         * @description API key with scope `topics:write`.
         */
        readonly post: operations["createTopic"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/topics/{name}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * One topic: what was agreed, what Kafka has, who reads it and how far behind they are
         * @description API key with scope `events:read`.
         */
        readonly get: operations["readTopic"];
        /**
         * Change what a topic of yours says of itself and how long it keeps; what you leave out stays
         * @description API key with scope `topics:write`.
         */
        readonly put: operations["alterTopic"];
        readonly post?: never;
        /**
         * Delete a topic of yours that nothing needs any more, with everything in it; say its name twice
         * @description API key with scope `topics:write`.
         */
        readonly delete: operations["deleteTopic"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/valves": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Every source, kind, channel and asset that can be stopped, by scope and id
         * @description API key with scope `valves:write`.
         */
        readonly get: operations["listValves"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/valves/{scope}/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Whether it is closed, why, by whom; its ETag is what a change must name
         * @description API key with scope `valves:write`.
         */
        readonly get: operations["readValve"];
        /**
         * Stop one source, kind, channel or asset, or let it flow again
         * @description API key with scope `valves:write`.
         */
        readonly put: operations["setValve"];
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
        readonly AmountChange: {
            readonly asset: components["schemas"]["Code"];
            readonly balanceChange: components["schemas"]["SignedAmount"];
            readonly code: string;
            readonly heldChange: components["schemas"]["SignedAmount"];
            /** @description Who stands on the other side */
            readonly other: string;
            /** @enum {string} */
            readonly purpose: "wallet" | "mailbox" | "debt";
            /** @enum {string} */
            readonly state: "posted" | "pending" | "post" | "void";
        };
        readonly ApiKey: {
            readonly clientId: string;
            readonly createdAt: components["schemas"]["Time"];
            readonly keyId: components["schemas"]["Id"];
            readonly prefix: string;
            readonly publishPerSecond: number | null;
            readonly revokedAt: components["schemas"]["Time"] & (string | null);
            readonly scopes: readonly string[];
            readonly topics: components["schemas"]["TopicPermissions"];
        };
        readonly ApiKeys: {
            readonly items: readonly components["schemas"]["ApiKey"][];
            readonly nextCursor: string | null;
        };
        readonly AppliedEconomies: {
            readonly items: readonly components["schemas"]["AppliedEconomy"][];
            readonly nextCursor: string | null;
        };
        readonly AppliedEconomy: {
            readonly appliedAt: components["schemas"]["Time"];
            readonly appliedBy: string;
            readonly hash: string;
            readonly version: number;
        };
        readonly ApplyEconomy: {
            /** @description Drop assets and kinds from the file that players hold */
            readonly allowStranded?: boolean;
            /** @description The file, as `economy.schema.json` describes it */
            readonly economy?: unknown;
            /**
             * @description `plan` says what it would change, and writes nothing
             * @enum {string}
             */
            readonly mode: "plan" | "apply";
        };
        readonly Audit: {
            readonly afterJournalId: string | null;
            readonly auditId: string;
            readonly endedAt: components["schemas"]["Time"] & (string | null);
            /** @enum {string} */
            readonly mode: "incremental" | "full";
            readonly requestedBy: string;
            readonly results: readonly {
                readonly after: string;
                readonly closedCount: number;
                readonly durationMs: number;
                readonly openedCount: number;
                readonly rule: string;
                readonly violationCount: number;
            }[] | null;
            readonly startedAt: components["schemas"]["Time"];
            /** @enum {string} */
            readonly status: "running" | "completed";
            readonly untilJournalId: string | null;
            readonly workflowId: string;
            /** Format: uri */
            readonly workflowUrl: string;
        };
        readonly AuditEntries: {
            readonly items: readonly components["schemas"]["AuditEntry"][];
            readonly nextCursor: string | null;
        };
        readonly AuditEntry: {
            readonly action: string;
            readonly actor: string;
            readonly createdAt: components["schemas"]["Time"];
            readonly detail?: unknown;
            readonly id: components["schemas"]["Id"];
            readonly requestId: string | null;
            readonly target: string;
        };
        readonly Balance: {
            readonly asset: components["schemas"]["Code"];
            readonly available: components["schemas"]["Amount"];
            readonly balance: components["schemas"]["Amount"];
            readonly held: components["schemas"]["Amount"];
        };
        /** @description The event it answers; null when there is none, or no longer */
        readonly CauseEvent: {
            readonly id: string;
            readonly offset: string | null;
            readonly partition: number | null;
            readonly publishedAt: components["schemas"]["Time"] & (string | null);
            readonly topic: string;
            readonly type: string;
        } | null;
        readonly Chance: {
            /**
             * @description A fraction in lowest terms
             * @example 3/10
             */
            readonly exact: string;
            /**
             * @description Rounded to six decimals
             * @example 30
             */
            readonly percent: string;
        } | null;
        readonly Change: {
            readonly actor: string;
            readonly amounts: readonly components["schemas"]["AmountChange"][];
            readonly createdAt: components["schemas"]["Time"];
            readonly items: readonly components["schemas"]["ItemChange"][];
            readonly journalId: string;
            readonly key: string;
            readonly kind: string;
            readonly reason: string | null;
            readonly receipt: string;
            readonly step: string | null;
            readonly workflowId: string | null;
            /**
             * Format: uri
             * @description For operators
             */
            readonly workflowUrl: string | null;
        };
        readonly CheckedImport: {
            /** @enum {boolean} */
            readonly dryRun: true;
            readonly lineCount: number;
            readonly totals: components["schemas"]["ImportTotals"];
        };
        readonly ClaimedEntry: {
            readonly entry: components["schemas"]["MailboxEntry"];
            readonly key: string;
            readonly receipt: string;
        };
        readonly Clawback: {
            readonly approvedBy: string | null;
            readonly clawbackId: components["schemas"]["Id"];
            readonly createdAt: components["schemas"]["Time"];
            readonly endedAt: components["schemas"]["Time"] & (string | null);
            readonly expiresAt: components["schemas"]["Time"];
            readonly reason: string;
            readonly report: components["schemas"]["ClawbackReport"];
            readonly reportHash: string | null;
            readonly requestedBy: string;
            readonly result: components["schemas"]["ClawbackResult"];
            readonly reversedCount: number;
            readonly select: components["schemas"]["ClawbackSelection"];
            /** @enum {string} */
            readonly state: "examining" | "waiting" | "approved" | "reversing" | "completed" | "cancelled" | "expired";
            readonly workflowId: string;
            /** Format: uri */
            readonly workflowUrl: string;
        };
        readonly ClawbackApproval: {
            readonly reportHash: string;
        };
        readonly ClawbackReport: {
            readonly assets: readonly {
                readonly asset: string;
                readonly debt: string;
                readonly granted: string;
                readonly left: string;
                readonly takenBack: string;
                readonly unrecoverable: string;
            }[];
            readonly computedAt: components["schemas"]["Time"];
            readonly grantCount: number;
            readonly items: readonly {
                readonly debt: number;
                readonly granted: number;
                readonly kind: string;
                readonly left: number;
                readonly takenBack: number;
                readonly unrecoverable: number;
            }[];
            readonly places: readonly {
                readonly busy: number;
                readonly gone: number;
                readonly kind: string;
                readonly listed: number;
                readonly sold: number;
                readonly withGrantee: number;
            }[];
            readonly playerCount: number;
            readonly proceeds: readonly {
                readonly asset: string;
                readonly debt: string;
                readonly owed: string;
                readonly takenBack: string;
            }[];
            readonly reversedBeforeCount: number;
        } | null;
        readonly ClawbackResult: {
            readonly assets: readonly {
                readonly asset: string;
                readonly debt: string;
                readonly granted: string;
                readonly left: string;
                readonly takenBack: string;
                readonly unrecoverable: string;
            }[];
            readonly grantCount: number;
            readonly items: readonly {
                readonly debt: number;
                readonly granted: number;
                readonly kind: string;
                readonly left: number;
                readonly takenBack: number;
                readonly unrecoverable: number;
            }[];
            readonly playerCount: number;
            readonly proceeds: readonly {
                readonly asset: string;
                readonly debt: string;
                readonly owed: string;
                readonly takenBack: string;
            }[];
            readonly reversedBeforeCount: number;
        } | null;
        readonly Clawbacks: {
            readonly items: readonly components["schemas"]["Clawback"][];
            readonly nextCursor: string | null;
        };
        readonly ClawbackSelection: {
            readonly from?: components["schemas"]["Time"];
            readonly journalKeys?: readonly string[];
            readonly source?: components["schemas"]["Code"];
            readonly table?: components["schemas"]["Code"];
            readonly tableVersion?: number;
            readonly to?: components["schemas"]["Time"];
        };
        readonly CloseFinding: {
            readonly reason: components["schemas"]["Reason"];
        };
        readonly CloudEvent: {
            readonly causationid?: string;
            readonly correlationid?: string;
            /** @description What the type's newest schema describes */
            readonly data?: unknown;
            /** @enum {string} */
            readonly datacontenttype?: "application/json";
            readonly id?: components["schemas"]["EventId"] & unknown;
            /** @description Events of one key stay in order. Default: the subject */
            readonly partitionkey?: string;
            /** @description Set from your API key: `/clients/{clientId}`. Another one is refused */
            readonly source?: string;
            /** @enum {string} */
            readonly specversion: "1.0";
            readonly subject?: string;
            /**
             * Format: date-time
             * @example 2026-11-21T12:00:00.000Z
             */
            readonly time?: string;
            /**
             * @description Where a type of yours goes. Default: the topic called like its first two words
             * @example arcade.level
             */
            readonly topic?: string;
            /** @example arcade.level.completed.v1 */
            readonly type: string;
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
            readonly scopes: readonly ("grants:write" | "spends:write" | "imports:write" | "results:write" | "matches:read" | "economy:read" | "economy:write" | "market:read" | "receipts:read" | "receipts:all" | "statements:read" | "dead-letters:read" | "redrives:write" | "stories:write" | "audits:write" | "findings:read" | "findings:write" | "valves:write" | "clawbacks:write" | "keys:write" | "players:read" | "players:write" | "audit:read" | "events:write" | "events:read" | "topics:write" | "schemas:write" | "subscriptions:write" | "streams:read" | "replays:write")[];
            /** @description Shown now, kept nowhere */
            readonly secret: string;
            readonly topics: components["schemas"]["TopicPermissions"];
        };
        readonly CreatedSubscription: {
            readonly ackRequired: boolean;
            readonly batching: {
                readonly maxEvents: number;
                readonly maxWaitMs: number;
            };
            readonly clientId: string;
            readonly createdAt: components["schemas"]["Time"];
            readonly description: string;
            readonly filter: components["schemas"]["EventFilter"];
            readonly maxRetries: number;
            /** @enum {string} */
            readonly method: "webhook" | "sse" | "kafka";
            readonly ratePerMinute: number | null;
            readonly retryDelayMs: number;
            /** @description Verifies webhooks; shown this once */
            readonly secret: string | null;
            readonly startsAt: components["schemas"]["Time"];
            /** @enum {string} */
            readonly state: "active" | "paused" | "disabled";
            readonly stateReason: string | null;
            readonly subscriptionId: components["schemas"]["Id"];
            readonly targetTopic: string | null;
            readonly topicPattern: string;
            readonly types: readonly string[];
            readonly updatedAt: components["schemas"]["Time"];
            readonly url: string | null;
            readonly workflowId: string | null;
            /** Format: uri */
            readonly workflowUrl: string | null;
        };
        readonly DeadLetter: {
            readonly attempts: number;
            readonly createdAt: components["schemas"]["Time"] & unknown;
            readonly deadLetterId: components["schemas"]["Id"];
            /** @description The event as structured CloudEvent, read with the schema it was written with */
            readonly decoded: {
                readonly [key: string]: unknown;
            } | null;
            /** @description Why it cannot be read */
            readonly decodeError: string | null;
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
        /** @description Waiting letters that meet every condition given */
        readonly DeadLetterFilter: {
            readonly errorClass?: string;
            readonly from?: components["schemas"]["Time"];
            readonly group?: string;
            readonly key?: string;
            readonly to?: components["schemas"]["Time"];
            readonly topic?: string;
            readonly type?: string;
        };
        readonly DeadLetters: {
            readonly items: readonly components["schemas"]["DeadLetter"][];
            readonly nextCursor: string | null;
        };
        readonly DeadLetterSummary: {
            readonly classes: readonly {
                readonly discardedCount: number;
                readonly errorClass: string;
                readonly group: string;
                readonly oldestWaitingAt: components["schemas"]["Time"] & (string | null);
                readonly redrivenCount: number;
                readonly topic: string;
                readonly waitingCount: number;
            }[];
            readonly parked: readonly {
                readonly eventCount: number;
                readonly group: string;
                readonly keyCount: number;
                readonly oldestParkedAt: components["schemas"]["Time"];
                readonly topic: string;
            }[];
        };
        readonly Deliveries: {
            readonly items: readonly components["schemas"]["Delivery"][];
            readonly nextCursor: string | null;
        };
        readonly Delivery: {
            readonly attempts: number;
            readonly createdAt: components["schemas"]["Time"];
            readonly deliveryId: components["schemas"]["Id"];
            readonly durationMs: number | null;
            readonly endedAt: components["schemas"]["Time"] & (string | null);
            readonly error: string | null;
            readonly eventIds: readonly string[];
            /** @enum {string} */
            readonly kind: "events" | "ping";
            readonly lastAttemptAt: components["schemas"]["Time"] & (string | null);
            readonly nextAttemptAt: components["schemas"]["Time"] & (string | null);
            readonly responseCode: number | null;
            /** @enum {string} */
            readonly state: "pending" | "delivered" | "failed";
        };
        readonly Drop: {
            readonly amount?: components["schemas"]["PositiveAmount"];
            readonly asset?: components["schemas"]["Code"];
            readonly kind?: components["schemas"]["Code"];
            /** @enum {boolean} */
            readonly nothing?: true;
            readonly table?: components["schemas"]["Code"];
        };
        readonly DropTables: {
            readonly economyVersion: number;
            readonly modifiers: readonly {
                readonly attribute: string;
                readonly maxPercent: number;
                readonly name: string;
            }[];
            readonly tables: readonly {
                readonly code: components["schemas"]["Code"];
                readonly entries: readonly {
                    readonly chance: components["schemas"]["Chance"];
                    readonly drop: components["schemas"]["Drop"];
                    readonly modifier?: string;
                    readonly name: string;
                    readonly rarity?: string;
                    readonly weight: number;
                }[];
                /** @description Comes besides, as often as it says */
                readonly guaranteed: readonly {
                    readonly chance: components["schemas"]["Chance"];
                    readonly drop: components["schemas"]["Drop"];
                }[];
                /** @description SHA-256 of the canonical JSON of the table without version */
                readonly hash: string;
                /** @description One of these comes out in the end: nested tables are multiplied out */
                readonly odds: readonly {
                    readonly chance: components["schemas"]["Chance"];
                    readonly drop: components["schemas"]["Drop"];
                }[];
                readonly pity: {
                    readonly entry: string;
                    readonly misses: number;
                    readonly text: string;
                } | null;
                readonly totalWeight: number;
                readonly version: number;
            }[];
        };
        readonly EconomyPlan: {
            readonly applied: boolean;
            readonly changes: readonly {
                readonly after?: unknown;
                readonly before?: unknown;
                /** @enum {string} */
                readonly change: "add" | "remove" | "replace";
                readonly pointer: string;
            }[];
            readonly conflicts: readonly {
                readonly detail: string;
                readonly pointer: string;
            }[];
            readonly hash: string | null;
            readonly limits: readonly {
                readonly after?: unknown;
                readonly before?: unknown;
                /** @enum {string} */
                readonly change: "add" | "remove" | "replace";
                readonly pointer: string;
            }[];
            readonly odds: readonly {
                readonly guaranteed: {
                    readonly after: readonly string[];
                    readonly before: readonly string[];
                };
                readonly odds: readonly {
                    readonly after: components["schemas"]["Chance"];
                    readonly before: components["schemas"]["Chance"];
                    readonly drop: string;
                }[];
                readonly pity: {
                    readonly after: string | null;
                    readonly before: string | null;
                };
                readonly table: components["schemas"]["Code"];
                readonly versions: {
                    readonly after: number | null;
                    readonly before: number | null;
                };
            }[];
            readonly openMatchCount: number;
            readonly stranded: readonly {
                readonly detail: string;
                readonly pointer: string;
            }[];
            /** @description Current afterwards; 0 before the first */
            readonly version: number;
            readonly warnings: readonly {
                readonly detail: string;
                readonly pointer: string;
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
        readonly ErasedPlayer: {
            readonly erasedAt: components["schemas"]["Time"];
            /** @description Waiting dead letters that name the player as the studio does */
            readonly lettersToResolve: readonly components["schemas"]["Id"][];
            readonly playerId: components["schemas"]["Id"];
        };
        readonly EraseMe: {
            /** @enum {string} */
            readonly confirm: "erase me";
        };
        /** @description Every member that is given must hold; headers by equality */
        readonly EventFilter: {
            readonly headers?: {
                readonly [key: string]: string;
            };
            readonly key?: string;
            readonly subject?: string;
            readonly types?: readonly string[];
        };
        /** @description Unique among the events of its source */
        readonly EventId: string;
        readonly EventStatus: {
            readonly groups: readonly {
                readonly at: components["schemas"]["Time"] & (string | null);
                readonly attempts: number | null;
                readonly deadLetterId: string | null;
                readonly error: string | null;
                readonly group: string;
                /** @enum {string} */
                readonly status: "handled" | "retrying" | "dead" | "discarded" | "parked" | "waiting" | "passed" | "unknown";
            }[];
            readonly id: components["schemas"]["EventId"];
            readonly key: string | null;
            readonly outbox: {
                /** @description Events of the same shard before it; at most 10000 */
                readonly ahead: number;
                readonly error: string | null;
            } | null;
            readonly published: {
                readonly at: components["schemas"]["Time"];
                readonly offset: string;
                readonly partition: number;
            } | null;
            readonly source: string;
            /** @enum {string} */
            readonly status: "stored" | "refused" | "published";
            readonly storedAt: components["schemas"]["Time"];
            readonly topic: string;
            readonly type: string;
        };
        readonly Finding: {
            readonly closedAt: components["schemas"]["Time"] & (string | null);
            readonly closedBy: string | null;
            readonly closeReason: string | null;
            readonly detail?: unknown;
            readonly findingId: string;
            readonly openedAt: components["schemas"]["Time"];
            readonly rule: string;
            /** @enum {string} */
            readonly status: "open" | "closed";
            readonly subject: string;
        };
        readonly Findings: {
            readonly items: readonly components["schemas"]["Finding"][];
            readonly nextCursor: string | null;
        };
        readonly Flow: {
            readonly code: string;
            readonly credited: string;
            readonly debited: string;
            /** @enum {string} */
            readonly purpose: "wallet" | "mailbox" | "source" | "sink" | "fee" | "clearing" | "debt";
            /** @description The economy's role; `player` for all players together */
            readonly role: string;
            readonly transferCount: string;
        };
        readonly FlowBucket: {
            /** @description Left circulation: credits of sinks and sources */
            readonly burned: string;
            /** @description Credited to fee accounts; it stays in circulation */
            readonly fees: string;
            readonly flows: readonly components["schemas"]["Flow"][];
            /** @description Players with some of it in their wallet, as last measured in the bucket; null: not measured */
            readonly holders: number | null;
            /** @description Entered circulation: debits of sources and sinks */
            readonly minted: string;
            /** @description minted - burned */
            readonly net: string;
            /** @description Left players' wallets, wherever to */
            readonly spent: string;
            readonly start: components["schemas"]["Time"];
            /** @description In circulation at the end of the bucket: the sum of all net so far */
            readonly supply: string;
            /** @description Share of what all wallets hold that the richest tenth of the holders has, 0 to 1 */
            readonly topDecileShare: number | null;
            /** @description spent / supply; null when there is none */
            readonly velocity: number | null;
        };
        readonly Flows: {
            readonly assets: readonly {
                readonly asset: components["schemas"]["Code"];
                readonly buckets: readonly components["schemas"]["FlowBucket"][];
            }[];
            /** @enum {string} */
            readonly bucket: "hour" | "day";
            readonly from: components["schemas"]["Time"];
            readonly to: components["schemas"]["Time"];
            /** @description The journal these numbers reach */
            readonly upToJournalId: string;
        };
        readonly FoundPlayer: {
            readonly createdAt: components["schemas"]["Time"];
            readonly erasedAt: components["schemas"]["Time"] & (string | null);
            readonly frozenAt: components["schemas"]["Time"] & (string | null);
            readonly frozenReason: string | null;
            readonly playerId: components["schemas"]["Id"];
            readonly username: string | null;
        };
        readonly FoundPlayers: {
            readonly items: readonly components["schemas"]["FoundPlayer"][];
            readonly nextCursor: string | null;
        };
        readonly Freeze: {
            readonly frozen: boolean;
            /** @description Kept in the audit for ever: no personal data */
            readonly reason: string;
        };
        readonly GameEvent: {
            /** @example level-completed */
            readonly action: string;
            /** @description Whatever else belongs to it; nothing that names a person */
            readonly data?: {
                readonly [key: string]: unknown;
            };
            readonly id?: components["schemas"]["EventId"];
            readonly map?: string;
            readonly mode?: string;
            readonly player: components["schemas"]["PlayerRef"];
            readonly position?: {
                readonly x: number;
                readonly y: number;
                readonly z?: number;
            };
            readonly region?: string;
            readonly server?: string;
            readonly session: string;
            /**
             * Format: date-time
             * @example 2026-11-21T12:00:00.000Z
             */
            readonly time?: string;
            readonly version?: string;
        };
        readonly Grant: {
            /**
             * @description The amounts wait in the mailbox until the player claims them
             * @default false
             */
            readonly deferred?: boolean;
            /** @default [] */
            readonly items?: readonly {
                readonly kind: components["schemas"]["Code"];
            }[];
            /** @default [] */
            readonly lines?: readonly components["schemas"]["GrantLine"][];
            readonly player: components["schemas"]["PlayerRef"];
            readonly reference: components["schemas"]["Reference"];
        };
        readonly GrantBatch: {
            readonly grants: readonly components["schemas"]["Grant"][];
        };
        readonly GrantBatchResult: {
            readonly paidCount: number;
            readonly refusedCount: number;
            readonly results: readonly (components["schemas"]["PaidGrant"] | components["schemas"]["RefusedGrant"])[];
        };
        readonly Granted: {
            readonly items: readonly {
                readonly kind: components["schemas"]["Code"];
            }[];
            readonly journalId: string;
            readonly key: string;
            readonly lines: readonly components["schemas"]["GrantLine"][];
            readonly mailbox: readonly components["schemas"]["WaitingLine"][];
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
        readonly Import: {
            readonly batch: components["schemas"]["ImportBatch"];
            readonly completedAt: components["schemas"]["Time"] & (string | null);
            readonly createdAt: components["schemas"]["Time"];
            readonly importId: components["schemas"]["Id"];
            readonly lineCount: number;
            readonly nextCursor: string | null;
            readonly postedCount: number;
            /** @description Lines the ledger refused, in the order of the file */
            readonly refused: readonly {
                readonly code: string;
                readonly detail: string;
                readonly line: number;
            }[];
            readonly refusedCount: number;
            /** @enum {string} */
            readonly status: "staging" | "posting" | "completed";
            readonly totals: components["schemas"]["ImportTotals"];
            readonly workflowId: string;
            /** Format: uri */
            readonly workflowUrl: string;
        };
        readonly ImportBatch: string;
        readonly ImportTotals: {
            readonly assets: {
                readonly [key: string]: string;
            };
            readonly items: {
                readonly [key: string]: number;
            };
        } | null;
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
        readonly ItemChange: {
            /** @enum {string} */
            readonly code: "mint" | "burn" | "transfer" | "modify" | "lock" | "unlock";
            readonly from: string | null;
            readonly itemId: components["schemas"]["Id"];
            readonly kind: components["schemas"]["Code"];
            readonly lockAfter: string | null;
            readonly lockBefore: string | null;
            readonly to: string | null;
        };
        readonly ItemHistory: {
            readonly item: {
                readonly attributes: {
                    readonly [key: string]: unknown;
                };
                readonly itemId: components["schemas"]["Id"];
                readonly kind: components["schemas"]["Code"];
                readonly kindVersion: number;
                readonly owner: string;
            };
            readonly items: readonly components["schemas"]["ItemMovement"][];
            readonly lock: components["schemas"]["ItemLock"];
            readonly nextCursor: string | null;
        };
        /** @description Why it is locked now, by whom, in which step of what */
        readonly ItemLock: {
            /** @description Who took the lock */
            readonly actor: string | null;
            readonly id: string;
            readonly lock: string;
            readonly reason: string | null;
            readonly receipt: string | null;
            /** @description Where it can be read */
            readonly resource: string | null;
            readonly since: components["schemas"]["Time"] & (string | null);
            /** @description Where the story stands; null when there is no such story */
            readonly state: string | null;
            /** @description The step of the story that took it */
            readonly step: string | null;
            /** @enum {string} */
            readonly type: "listing" | "trade" | "match" | "other";
            readonly workflowId: string | null;
            /**
             * Format: uri
             * @description The story in the Temporal Web UI; for operators
             */
            readonly workflowUrl: string | null;
        } | null;
        readonly ItemMovement: {
            readonly actor: string;
            /** @description What the movement set, null when it set none */
            readonly attributes?: unknown;
            /** @enum {string} */
            readonly code: "mint" | "burn" | "transfer" | "modify" | "lock" | "unlock";
            readonly createdAt: components["schemas"]["Time"];
            readonly from: string | null;
            readonly journalId: string;
            readonly key: string;
            readonly kind: string;
            readonly lockAfter: string | null;
            readonly lockBefore: string | null;
            /** @description For the owner and operators */
            readonly reason: string | null;
            readonly receipt: string;
            readonly step: string | null;
            readonly to: string | null;
            readonly workflowId: string | null;
            /**
             * Format: uri
             * @description The story in the Temporal Web UI; for operators
             */
            readonly workflowUrl: string | null;
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
        readonly Mailbox: {
            readonly items: readonly components["schemas"]["MailboxEntry"][];
            readonly nextCursor: string | null;
        };
        readonly MailboxEntry: {
            readonly amount: components["schemas"]["PositiveAmount"];
            readonly asset: components["schemas"]["Code"];
            /** @description The key of the journal that paid it */
            readonly cause: string;
            readonly causeReceipt: string;
            readonly closedAt: components["schemas"]["Time"] & (string | null);
            readonly createdAt: components["schemas"]["Time"];
            readonly entryId: components["schemas"]["Id"];
            readonly expiresAt: components["schemas"]["Time"] & (string | null);
            /** @enum {string} */
            readonly status: "waiting" | "claimed" | "expired";
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
        readonly NamedStream: {
            /**
             * @description `public`: anyone signed in; `topics`: keys that may read its topics
             * @enum {string}
             */
            readonly audience: "public" | "topics";
            readonly description: string;
            readonly name: string;
            /** @description Event types it tells; `.*` stands for all */
            readonly types: readonly string[];
        };
        readonly NamedStreams: {
            readonly streams: readonly components["schemas"]["NamedStream"][];
        };
        readonly NewApiKey: {
            readonly clientId: string;
            /** @description Events; default 5000 */
            readonly publishPerSecond?: number;
            readonly scopes: readonly ("grants:write" | "spends:write" | "imports:write" | "results:write" | "matches:read" | "economy:read" | "economy:write" | "market:read" | "receipts:read" | "receipts:all" | "statements:read" | "dead-letters:read" | "redrives:write" | "stories:write" | "audits:write" | "findings:read" | "findings:write" | "valves:write" | "clawbacks:write" | "keys:write" | "players:read" | "players:write" | "audit:read" | "events:write" | "events:read" | "topics:write" | "schemas:write" | "subscriptions:write" | "streams:read" | "replays:write")[];
            readonly topics?: components["schemas"]["TopicPermissions"];
        };
        readonly NewAudit: {
            /** @enum {string} */
            readonly mode: "incremental" | "full";
        };
        readonly NewClawback: {
            readonly reason: string;
            readonly select: components["schemas"]["ClawbackSelection"];
        };
        readonly NewListing: {
            readonly itemId: components["schemas"]["Id"];
            readonly price: components["schemas"]["PositiveAmount"];
        };
        readonly NewRedrive: {
            readonly deadLetterIds?: readonly components["schemas"]["Id"][];
            /** @description Close the letters unhandled; only what waits behind them is handled */
            readonly discard?: {
                readonly reason: components["schemas"]["Reason"];
            };
            readonly filter?: components["schemas"]["DeadLetterFilter"];
            /** @description Also letters that were put back five times without success */
            readonly force?: boolean;
            /** @description Of those that match the filter, the oldest so many; without it, more than 10,000 are refused */
            readonly limit?: number;
            /** @description Play every letter through its handler in a transaction that is rolled back, and tell what happened */
            readonly preview?: boolean;
            /** @description Events per second at most, letters and what waits behind them together */
            readonly ratePerSecond?: number;
        };
        readonly NewReplay: {
            readonly filter?: components["schemas"]["EventFilter"];
            readonly from: components["schemas"]["ReplayPoint"];
            /** @description Events per second */
            readonly rate?: number;
            readonly target: components["schemas"]["ReplayTarget"];
            readonly to: components["schemas"]["ReplayPoint"];
            readonly topic: string;
        };
        readonly NewSubscription: {
            /** @default true */
            readonly ackRequired?: boolean;
            /**
             * @default {
             *       "maxEvents": 1,
             *       "maxWaitMs": 0
             *     }
             */
            readonly batching?: {
                readonly maxEvents: number;
                readonly maxWaitMs: number;
            };
            /** @default  */
            readonly description?: string;
            readonly filter?: components["schemas"]["EventFilter"];
            /** @default 8 */
            readonly maxRetries?: number;
            /** @enum {string} */
            readonly method: "webhook" | "sse" | "kafka";
            /** @default null */
            readonly ratePerMinute?: number | null;
            /** @default 5000 */
            readonly retryDelayMs?: number;
            /** @default now */
            readonly start?: "now" | components["schemas"]["Time"];
            readonly targetTopic?: string;
            readonly topicPattern: string;
            /** @default [] */
            readonly types?: readonly string[];
            readonly url?: string;
        };
        readonly NewTopic: {
            /** @enum {string} */
            readonly category: "gameplay" | "economy" | "social" | "analytics" | "operations" | "other";
            /**
             * @default internal
             * @enum {string}
             */
            readonly classification?: "internal" | "confidential";
            /** @default false */
            readonly deadLetters?: boolean;
            readonly description: string;
            /** @example studio.quest */
            readonly name: string;
            /** @default 6 */
            readonly partitionCount?: number;
            /** @default 168 */
            readonly retentionHours?: number;
        };
        readonly NewTrade: {
            readonly expectedPrice: components["schemas"]["PositiveAmount"];
            readonly listingId: components["schemas"]["Id"];
        };
        /** @description For so long the secret before it signs, too */
        readonly NewWebhookSecret: {
            /** @default 86400000 */
            readonly graceMs?: number;
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
        readonly OneDeadLetter: components["schemas"]["DeadLetter"] & {
            /** @description Events of its key that wait behind it */
            readonly parkedBehindCount: number;
        };
        readonly PaidGrant: {
            readonly index: number;
            readonly journalId: string;
            readonly key: string;
            readonly mailbox: readonly components["schemas"]["WaitingLine"][];
            readonly playerId: components["schemas"]["Id"] & (string | null);
            readonly receipt: string;
            readonly reference: components["schemas"]["Reference"];
            readonly replayed: boolean;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            readonly status: "paid";
        };
        readonly PlayerDetail: {
            /** @description Path of what operators did to the player */
            readonly audit: string;
            readonly balances: readonly {
                readonly asset: components["schemas"]["Code"];
                readonly available: components["schemas"]["Amount"];
                readonly balance: components["schemas"]["Amount"];
                readonly held: components["schemas"]["Amount"];
            }[];
            readonly createdAt: components["schemas"]["Time"];
            readonly credentialKinds: readonly string[];
            readonly erasedAt: components["schemas"]["Time"] & (string | null);
            /** @description Path of the export */
            readonly export: string;
            readonly frozenAt: components["schemas"]["Time"] & (string | null);
            readonly frozenReason: string | null;
            readonly identityCount: number;
            /** @description Logins that can still be renewed */
            readonly loginCount: number;
            readonly playerId: components["schemas"]["Id"];
            /** @description Path of the statement */
            readonly statement: string;
            readonly username: string | null;
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
        /** @description In the order given; partition and offset are null while an event is only stored */
        readonly PublishedEvents: {
            readonly events: readonly {
                readonly id: components["schemas"]["EventId"];
                readonly offset: string | null;
                readonly partition: number | null;
                readonly source: string;
                readonly topic: string;
                readonly type: string;
            }[];
            /** @enum {string} */
            readonly status: "published" | "stored";
        };
        readonly Reason: string;
        readonly Receipt: {
            readonly block: components["schemas"]["ReceiptBlock"];
            /** @description Why there is no block */
            readonly blockMissing: string | null;
            /** @description What a repeat under the same key must agree with */
            readonly bodyHash: string;
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
            /** @description What came out otherwise */
            readonly differences: readonly {
                readonly posted?: unknown;
                readonly recomputed?: unknown;
                readonly what: string;
            }[];
            readonly economy: {
                readonly hash: string;
                readonly version: number;
            } | null;
            readonly event: components["schemas"]["CauseEvent"];
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
            /** @description Whether computing it again from seed, economy version and pinned inputs gave the same journal; null when nothing was computed for it */
            readonly recomputed: boolean | null;
            readonly rolls: readonly {
                readonly entries?: unknown;
                readonly input: {
                    readonly bound: number;
                    readonly counter: number;
                    readonly label: string;
                    readonly seed: string | null;
                    readonly variant: string;
                };
                readonly output: {
                    readonly entry: string;
                    readonly roll: number;
                };
                readonly rules?: unknown;
                readonly table: string;
                readonly tableHash: string;
                readonly tableVersion: number;
            }[];
            readonly transfers: readonly {
                readonly amount: components["schemas"]["Amount"];
                readonly asset: string;
                readonly code: string;
                readonly credit: string;
                readonly creditPurpose: string;
                readonly debit: string;
                readonly debitPurpose: string;
                readonly index: number;
                readonly state: string;
            }[];
            /**
             * Format: uri
             * @description The story in the Temporal Web UI; for operators
             */
            readonly workflowUrl: string | null;
        };
        /** @description Where the journal is sealed, and the proof: rows to leaf, leaf up the path to the Merkle root, header to hash */
        readonly ReceiptBlock: {
            readonly deployment: string;
            readonly firstJournalId: string;
            readonly hash: string;
            readonly height: string;
            readonly journalCount: number;
            readonly lastJournalId: string;
            readonly leaf: string;
            readonly ledgerEpoch: number;
            readonly merkleRoot: string;
            readonly path: readonly {
                readonly hash: string;
                /** @enum {string} */
                readonly side: "left" | "right";
            }[];
            readonly previousHash: string;
            /** @description The journal's rows as they are hashed: the leaf is made of the SHA-256 of each */
            readonly rows: readonly string[];
        } | null;
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
            readonly createdAt: components["schemas"]["Time"];
            readonly discardReason: string | null;
            readonly endedAt: components["schemas"]["Time"] & (string | null);
            readonly force: boolean;
            readonly preview: boolean;
            readonly progress: {
                readonly doneCount: number;
                readonly etaAt: components["schemas"]["Time"] & (string | null);
                readonly handledCount: number;
                readonly keptCount: number;
                readonly letterCount: number;
                readonly percent: number;
                readonly releasedCount: number;
            };
            readonly ratePerSecond: number | null;
            readonly redriveId: components["schemas"]["Id"];
            readonly requestedBy: string;
            readonly selection: {
                readonly [key: string]: unknown;
            };
            /** @enum {string} */
            readonly status: "running" | "paused" | "cancelling" | "completed" | "cancelled";
            readonly workflowId: string;
            /** Format: uri */
            readonly workflowUrl: string;
        };
        readonly RedriveLetter: {
            readonly deadLetterId: components["schemas"]["Id"];
            readonly doneAt: components["schemas"]["Time"] & (string | null);
            readonly errorClass: string | null;
            readonly errorMessage: string | null;
            /** @enum {string|null} */
            readonly outcome: "handled" | "already_handled" | "discarded" | "closed_before" | "failed" | "dead" | "parked_behind" | "too_many_attempts" | "no_handler" | "gone" | null;
            /** @description Of a preview: events that would follow it */
            readonly parkedBehindCount: number | null;
            /** @description Events that waited behind it and are handled */
            readonly releasedCount: number;
        };
        readonly RedriveLetters: {
            readonly items: readonly components["schemas"]["RedriveLetter"][];
            readonly nextCursor: string | null;
        };
        readonly Redrives: {
            readonly items: readonly components["schemas"]["Redrive"][];
            readonly nextCursor: string | null;
        };
        readonly Reference: string;
        readonly Refresh: {
            readonly refreshToken: string;
        };
        readonly RefusedGrant: {
            readonly canRetry: boolean;
            readonly code: string;
            readonly detail: string;
            readonly index: number;
            readonly playerId: components["schemas"]["Id"] & (string | null);
            readonly reference: components["schemas"]["Reference"];
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            readonly status: "refused";
            readonly title: string;
        };
        readonly Register: {
            readonly password: string;
            /** @example sword_42 */
            readonly username: string;
        };
        readonly RegisteredSchema: {
            readonly id: number;
        };
        readonly RegistryCompatibilityLevel: {
            /** @enum {string} */
            readonly compatibilityLevel: "BACKWARD_TRANSITIVE";
        };
        readonly RegistryProblem: {
            readonly error_code: number;
            readonly message: string;
        };
        readonly RegistrySchema: {
            readonly id: number;
            readonly schema: string;
            /** @enum {string} */
            readonly schemaType: "AVRO";
            readonly subject: string;
            readonly version: number;
        };
        readonly RegistrySchemaBody: {
            readonly id?: number | null;
            readonly metadata?: null;
            readonly references?: readonly string[] | null;
            readonly ruleSet?: null;
            /** @description Avro, as JSON text */
            readonly schema: string;
            readonly schemaTags?: null;
            /** @enum {string|null} */
            readonly schemaType?: "AVRO" | null;
            readonly version?: number | null;
        };
        readonly RegistrySchemaText: {
            readonly schema: string;
        };
        readonly RegistryVerdict: {
            readonly is_compatible: boolean;
            readonly messages?: readonly string[];
        };
        readonly Replay: {
            readonly createdAt: components["schemas"]["Time"];
            readonly duplicateCount: number;
            readonly endedAt: components["schemas"]["Time"] & (string | null);
            readonly failedCount: number;
            /** @description The first events that the target did not take */
            readonly failures: readonly {
                readonly errorClass: string;
                readonly errorMessage: string;
                readonly eventId: string | null;
                readonly offset: string;
                readonly partition: number;
                readonly type: string | null;
            }[];
            readonly filter: components["schemas"]["EventFilter"];
            readonly from: components["schemas"]["ReplayPoint"];
            readonly handledCount: number;
            readonly matchedCount: number;
            readonly progress: components["schemas"]["ReplayProgress"];
            readonly rate: number | null;
            /** @description Why it failed */
            readonly reason: string | null;
            readonly replayId: components["schemas"]["Id"];
            readonly requestedBy: string;
            /** @enum {string} */
            readonly state: "pinning" | "running" | "paused" | "completed" | "cancelled" | "failed";
            readonly target: components["schemas"]["ReplayTarget"];
            readonly to: components["schemas"]["ReplayPoint"];
            readonly topic: string;
            readonly warnings: readonly string[];
            readonly workflowId: string;
            /** Format: uri */
            readonly workflowUrl: string;
        };
        /** @description A time by Kafka's clock, or an offset for each partition that is to be read */
        readonly ReplayPoint: components["schemas"]["Time"] | {
            readonly offsets: {
                readonly [key: string]: string;
            };
        };
        readonly ReplayProgress: {
            readonly doneCount: number;
            readonly etaSeconds: number | null;
            readonly eventsPerSecond: number | null;
            readonly percent: number;
            /** @description Offsets of the window; some may hold no event */
            readonly totalCount: number;
        };
        readonly Replays: {
            readonly items: readonly components["schemas"]["Replay"][];
            readonly nextCursor: string | null;
        };
        /** @description A topic of its own (default: `<topic>.replay`), a group's handler in shadow or for real, a fresh projection, or a subscription */
        readonly ReplayTarget: {
            /** @enum {string} */
            readonly kind: "topic";
            readonly topic?: string;
        } | {
            readonly group: string;
            /** @enum {string} */
            readonly kind: "handler";
            /** @enum {string} */
            readonly mode: "shadow" | "real";
        } | {
            readonly into: string;
            /** @enum {string} */
            readonly kind: "projection";
            readonly projection: string;
            readonly reset?: boolean;
        } | {
            /** @enum {string} */
            readonly kind: "subscription";
            readonly subscriptionId: components["schemas"]["Id"];
        };
        /** @example studio.quest-studio.quest.finished.v1 */
        readonly SchemaSubject: string;
        readonly Session: {
            readonly accessToken: string;
            readonly expiresInMs: number;
            readonly playerId: components["schemas"]["Id"];
            readonly refreshToken: string;
            /** @enum {string} */
            readonly tokenType: "Bearer";
        };
        /**
         * @description A debt is never above zero
         * @example -250
         */
        readonly SignedAmount: string;
        readonly Spend: {
            readonly lines: readonly components["schemas"]["SpendLine"][];
            readonly player: components["schemas"]["PlayerRef"];
            readonly reference: components["schemas"]["Reference"];
        };
        readonly SpendLine: {
            readonly amount: components["schemas"]["PositiveAmount"];
            readonly asset: components["schemas"]["Code"] & unknown;
        };
        readonly Spent: {
            readonly journalId: string;
            readonly key: string;
            readonly lines: readonly components["schemas"]["SpendLine"][];
            readonly playerId: components["schemas"]["Id"];
            readonly receipt: string;
            readonly reference: components["schemas"]["Reference"];
            /** @description What was taken of each asset */
            readonly split: readonly {
                readonly amount: components["schemas"]["PositiveAmount"];
                readonly asset: components["schemas"]["Code"];
            }[];
        };
        readonly Statement: {
            readonly asOf: components["schemas"]["Time"];
            /** @description Each is the sum of balanceChange and heldChange over all changes of its account up to `journalId` */
            readonly balances: readonly components["schemas"]["StatementBalance"][];
            /** @description Every journal that touched the player, newest first */
            readonly changes: {
                readonly items: readonly components["schemas"]["Change"][];
                readonly nextCursor: string | null;
            };
            /** @description What the player owned, by id */
            readonly items: {
                readonly items: readonly components["schemas"]["StatementItem"][];
                readonly nextCursor: string | null;
            };
            /** @description The last journal that belongs to it */
            readonly journalId: string;
            readonly playerId: components["schemas"]["Id"];
        };
        readonly StatementBalance: {
            readonly asset: components["schemas"]["Code"];
            readonly available: components["schemas"]["SignedAmount"];
            readonly balance: components["schemas"]["SignedAmount"];
            readonly held: components["schemas"]["Amount"];
            /** @enum {string} */
            readonly purpose: "wallet" | "mailbox" | "debt";
        };
        readonly StatementItem: {
            readonly acquired: {
                readonly createdAt: components["schemas"]["Time"];
                readonly key: string;
                readonly kind: string;
                readonly receipt: string;
            };
            readonly attributes: {
                readonly [key: string]: unknown;
            };
            readonly itemId: components["schemas"]["Id"];
            readonly kind: components["schemas"]["Code"];
            readonly kindVersion: number;
            readonly lock: string | null;
        };
        readonly Stats: {
            readonly asOf: components["schemas"]["Time"];
            /** @description From what the consumers report every 5 s */
            readonly consumed: {
                readonly dead: string;
                readonly errorRate: number;
                readonly failed: string;
                readonly perSecond: number;
                readonly total: string;
            };
            readonly deadLetters: {
                readonly parkedKeys: number;
                readonly waiting: number;
            };
            /** @description Of the topics that the key may read */
            readonly groups: readonly {
                readonly dead: string;
                readonly errorRate: number;
                readonly failed: string;
                readonly group: string;
                readonly handled: string;
                readonly lag: string | null;
                readonly lagSeconds: number | null;
                readonly perSecond: number;
                readonly processCount: number;
                readonly processingMs: {
                    readonly mean: number | null;
                    readonly recentMean: number | null;
                };
                readonly reportedAt: components["schemas"]["Time"];
                readonly topic: string;
            }[];
            /** @enum {string} */
            readonly kafka: "answers" | "silent";
            readonly outbox: {
                readonly oldestSeconds: number;
                readonly waiting: number;
            };
            /** @description From Kafka: end offsets, and what came in the last 60 s */
            readonly published: {
                readonly perSecond: number;
                readonly total: string;
            } | null;
            readonly subscriptions: {
                readonly active: number;
                readonly disabled: number;
                readonly paused: number;
            };
            readonly topicCount: {
                readonly ours: number;
                readonly own: number;
            };
            /** @description Those that the key may read */
            readonly topics: readonly {
                readonly perSecond: number;
                readonly topic: string;
                readonly total: string;
            }[];
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
        readonly Subscription: {
            readonly ackRequired: boolean;
            readonly batching: {
                readonly maxEvents: number;
                readonly maxWaitMs: number;
            };
            readonly clientId: string;
            readonly createdAt: components["schemas"]["Time"];
            readonly description: string;
            readonly filter: components["schemas"]["EventFilter"];
            readonly maxRetries: number;
            /** @enum {string} */
            readonly method: "webhook" | "sse" | "kafka";
            readonly ratePerMinute: number | null;
            readonly retryDelayMs: number;
            readonly startsAt: components["schemas"]["Time"];
            /** @enum {string} */
            readonly state: "active" | "paused" | "disabled";
            readonly stateReason: string | null;
            readonly subscriptionId: components["schemas"]["Id"];
            readonly targetTopic: string | null;
            readonly topicPattern: string;
            readonly types: readonly string[];
            readonly updatedAt: components["schemas"]["Time"];
            readonly url: string | null;
            readonly workflowId: string | null;
            /** Format: uri */
            readonly workflowUrl: string | null;
        };
        readonly SubscriptionChange: {
            /** @default true */
            readonly ackRequired?: boolean;
            /**
             * @default {
             *       "maxEvents": 1,
             *       "maxWaitMs": 0
             *     }
             */
            readonly batching?: {
                readonly maxEvents: number;
                readonly maxWaitMs: number;
            };
            /** @default  */
            readonly description?: string;
            readonly filter?: components["schemas"]["EventFilter"];
            /** @default 8 */
            readonly maxRetries?: number;
            /** @default null */
            readonly ratePerMinute?: number | null;
            /** @default 5000 */
            readonly retryDelayMs?: number;
            readonly targetTopic?: string;
            readonly topicPattern: string;
            /** @default [] */
            readonly types?: readonly string[];
            readonly url?: string;
        };
        readonly Subscriptions: {
            readonly items: readonly components["schemas"]["Subscription"][];
            readonly nextCursor: string | null;
        };
        /**
         * Format: date-time
         * @example 2026-11-21T12:00:00.000Z
         */
        readonly Time: string;
        readonly Topic: {
            readonly category: string | null;
            /** @enum {string} */
            readonly classification: "internal" | "confidential";
            readonly deadLetters: boolean;
            readonly description: string;
            /** @enum {string} */
            readonly direction: "out" | "in" | "own";
            /** @description Which id is the record key */
            readonly key: string | null;
            readonly name: string;
            /** @enum {string} */
            readonly origin: "catalogue" | "client";
            /** @description A team of ours, or the client that made it */
            readonly owner: string;
            readonly partitionCount: number;
            readonly recordBytesMax: number;
            readonly retentionHours: number;
            readonly types: readonly string[];
        };
        readonly TopicChange: {
            readonly description?: string;
            /** @description Only as it is: more partitions would reorder keys */
            readonly partitionCount?: number;
            readonly retentionHours?: number;
        };
        readonly TopicDetail: components["schemas"]["Topic"] & {
            readonly createdAt: components["schemas"]["Time"] & (string | null);
            /** @description As Kafka has it; null where Kafka has none */
            readonly kafka: {
                readonly groups: readonly {
                    readonly group: string;
                    readonly lag: string;
                    readonly memberCount: number;
                }[];
                readonly partitionCount: number;
                readonly partitions: readonly {
                    readonly endOffset: string;
                    readonly partition: number;
                    readonly startOffset: string;
                }[];
                readonly replicationCount: number;
                readonly settings: {
                    readonly [key: string]: string;
                };
            } | null;
        };
        readonly TopicPermissions: {
            /** @default [] */
            readonly publish?: readonly string[];
            /** @default [] */
            readonly read?: readonly string[];
        };
        readonly Topics: {
            readonly items: readonly components["schemas"]["Topic"][];
            readonly nextCursor: string | null;
        };
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
        readonly Valve: {
            readonly closedAt: components["schemas"]["Time"] & (string | null);
            readonly closedBy: string | null;
            readonly id: components["schemas"]["Code"];
            readonly reason: string | null;
            /** @enum {string} */
            readonly scope: "source" | "kind" | "channel" | "asset";
            /** @enum {string} */
            readonly state: "open" | "closed";
        };
        readonly Valves: {
            readonly items: readonly components["schemas"]["Valve"][];
            readonly nextCursor: string | null;
        };
        readonly ValveState: {
            readonly reason: components["schemas"]["Reason"];
            /** @enum {string} */
            readonly state: "open" | "closed";
        };
        readonly WaitingLine: {
            readonly amount: components["schemas"]["PositiveAmount"];
            readonly asset: components["schemas"]["Code"];
            readonly entryId: components["schemas"]["Id"];
            /** @enum {string} */
            readonly status: "waiting" | "claimed" | "expired";
        };
        readonly Wallet: {
            readonly balances: readonly components["schemas"]["Balance"][];
        };
        readonly WebhookSecret: {
            readonly secret: string;
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
    readonly listAudit: {
        readonly parameters: {
            readonly query?: {
                readonly action?: string;
                readonly actor?: string;
                readonly cursor?: string;
                readonly limit?: number;
                readonly target?: string;
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
                    readonly "application/json": components["schemas"]["AuditEntries"];
                };
            };
        };
    };
    readonly startAudit: {
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
                readonly "application/json": components["schemas"]["NewAudit"];
            };
        };
        readonly responses: {
            /** @description Over */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Audit"];
                };
            };
            /** @description Started */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Audit"];
                };
            };
        };
    };
    readonly readAudit: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly auditId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The audit */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Audit"];
                };
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
    readonly listClawbacks: {
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
                    readonly "application/json": components["schemas"]["Clawbacks"];
                };
            };
        };
    };
    readonly requestClawback: {
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
                readonly "application/json": components["schemas"]["NewClawback"];
            };
        };
        readonly responses: {
            /** @description Over */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Clawback"];
                };
            };
            /** @description Not over yet */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Clawback"];
                };
            };
        };
    };
    readonly readClawback: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly clawbackId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The clawback */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Clawback"];
                };
            };
        };
    };
    readonly approveClawback: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
                /** @description `wait=n` (at most 10 s) or `respond-async`. */
                readonly Prefer?: string;
            };
            readonly path: {
                readonly clawbackId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ClawbackApproval"];
            };
        };
        readonly responses: {
            /** @description Over */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Clawback"];
                };
            };
            /** @description Not over yet */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Clawback"];
                };
            };
        };
    };
    readonly cancelClawback: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly clawbackId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Cancelled */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Clawback"];
                };
            };
        };
    };
    readonly listDeadLetters: {
        readonly parameters: {
            readonly query?: {
                readonly cursor?: string;
                readonly errorClass?: string;
                /** @description Given up on at this time or later */
                readonly from?: components["schemas"]["Time"] & unknown;
                readonly group?: string;
                readonly key?: string;
                readonly limit?: number;
                readonly status?: "waiting" | "redriven" | "discarded";
                /** @description Given up on before this time */
                readonly to?: components["schemas"]["Time"] & unknown;
                readonly topic?: string;
                readonly type?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page; a shorter one where letters are large */
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
                    readonly "application/json": components["schemas"]["OneDeadLetter"];
                };
            };
        };
    };
    readonly summariseDeadLetters: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The counts */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DeadLetterSummary"];
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
    readonly putEconomy: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
                /** @description The ETag of the version you have seen. */
                readonly "If-Match": string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ApplyEconomy"];
            };
        };
        readonly responses: {
            /** @description What changes, and the version that is current now */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["EconomyPlan"];
                };
            };
        };
    };
    readonly readFlows: {
        readonly parameters: {
            readonly query: {
                readonly asset?: components["schemas"]["Code"];
                /** @description UTC hours or days */
                readonly bucket?: "hour" | "day";
                /** @description The bucket it lies in is the first one */
                readonly from: components["schemas"]["Time"] & unknown;
                /** @description The bucket it lies in is the last one; at the edge of one, the one before */
                readonly to: components["schemas"]["Time"] & unknown;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Every bucket of the window, per asset */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Flows"];
                };
            };
        };
    };
    readonly listEconomyVersions: {
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
                    readonly "application/json": components["schemas"]["AppliedEconomies"];
                };
            };
        };
    };
    readonly publishEvents: {
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
                readonly "application/cloudevents-batch+json": components["schemas"]["CloudEvent"] | readonly components["schemas"]["CloudEvent"][];
                readonly "application/cloudevents+json": components["schemas"]["CloudEvent"] | readonly components["schemas"]["CloudEvent"][];
                readonly "application/json": components["schemas"]["CloudEvent"] | readonly components["schemas"]["CloudEvent"][];
            };
        };
        readonly responses: {
            /** @description Every replica of Kafka has them */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PublishedEvents"];
                };
            };
            /** @description Stored here; sent as soon as Kafka takes them */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PublishedEvents"];
                };
            };
        };
    };
    readonly readEvent: {
        readonly parameters: {
            readonly query?: {
                /** @description Default: one of yours, else one that Lootledger told */
                readonly source?: string;
            };
            readonly header?: never;
            readonly path: {
                /** @description Unique among the events of its source */
                readonly id: components["schemas"]["EventId"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Its life so far */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["EventStatus"];
                };
            };
        };
    };
    readonly listFindings: {
        readonly parameters: {
            readonly query?: {
                readonly cursor?: string;
                readonly limit?: number;
                readonly rule?: string;
                readonly status?: "open" | "closed";
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
                    readonly "application/json": components["schemas"]["Findings"];
                };
            };
        };
    };
    readonly closeFinding: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly findingId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["CloseFinding"];
            };
        };
        readonly responses: {
            /** @description The finding */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Finding"];
                };
            };
        };
    };
    readonly publishGameEvents: {
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
                readonly "application/json": components["schemas"]["GameEvent"] | readonly components["schemas"]["GameEvent"][];
            };
        };
        readonly responses: {
            /** @description Every replica of Kafka has them */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PublishedEvents"];
                };
            };
            /** @description Stored here; sent as soon as Kafka takes them */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PublishedEvents"];
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
    readonly createGrants: {
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
                readonly "application/json": components["schemas"]["GrantBatch"];
            };
        };
        readonly responses: {
            /** @description Each grant in the given order, paid or refused */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["GrantBatchResult"];
                };
            };
        };
    };
    readonly createImport: {
        readonly parameters: {
            readonly query?: {
                /** @description The name under which each line is unique for ever; default: the id of the import */
                readonly batch?: components["schemas"]["ImportBatch"] & unknown;
                /** @description Check everything and post nothing */
                readonly dryRun?: "true" | "false";
            };
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
                /** @description `wait=n` (at most 10 s) or `respond-async`. */
                readonly Prefer?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description One `{"player", "assets"?, "items"?}` a line; the first or the last may be `{"totals": {"gold": "900"}}`. */
        readonly requestBody: {
            readonly content: {
                readonly "application/x-ndjson": string;
            };
        };
        readonly responses: {
            /** @description Over, or only checked */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Import"] | components["schemas"]["CheckedImport"];
                };
            };
            /** @description Staged; being posted */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Import"];
                };
            };
        };
    };
    readonly readImport: {
        readonly parameters: {
            readonly query?: {
                readonly cursor?: string;
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path: {
                readonly importId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The import */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Import"];
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
            /** @description The chain of custody, oldest first */
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
    readonly listMailbox: {
        readonly parameters: {
            readonly query?: {
                readonly cursor?: string;
                readonly limit?: number;
                readonly status?: "waiting" | "claimed" | "expired";
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
                    readonly "application/json": components["schemas"]["Mailbox"];
                };
            };
        };
    };
    readonly claimMailboxEntry: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly entryId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Claimed, now or before */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ClaimedEntry"];
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
    readonly eraseMe: {
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
                readonly "application/json": components["schemas"]["EraseMe"];
            };
        };
        readonly responses: {
            /** @description Erased; the token is worth nothing any more */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly exportMe: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description From `player` to `end` */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
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
    readonly searchPlayers: {
        readonly parameters: {
            readonly query?: {
                readonly cursor?: string;
                readonly id?: components["schemas"]["Id"];
                readonly issuer?: string;
                readonly limit?: number;
                /** @description As the issuer knows the player; needs `issuer` */
                readonly subject?: string;
                /** @description Its beginning is enough */
                readonly username?: string;
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
                    readonly "application/json": components["schemas"]["FoundPlayers"];
                };
            };
        };
    };
    readonly readPlayer: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly playerId: components["schemas"]["Id"];
            };
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
                    readonly "application/json": components["schemas"]["PlayerDetail"];
                };
            };
        };
    };
    readonly erasePlayer: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly playerId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Erased, now or before */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ErasedPlayer"];
                };
            };
        };
    };
    readonly exportPlayer: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly playerId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description From `player` to `end` */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly freezePlayer: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly playerId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["Freeze"];
            };
        };
        readonly responses: {
            /** @description The player */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PlayerDetail"];
                };
            };
        };
    };
    readonly readStatement: {
        readonly parameters: {
            readonly query?: {
                /** @description By PostgreSQL's clock, as journals are stamped; default: now. What stood at the last journal before the first one stamped later */
                readonly asOf?: components["schemas"]["Time"] & unknown;
                /** @description The next page of `changes`, as of the same instant */
                readonly cursor?: string;
                /** @description The next page of `items`, as of the same instant */
                readonly itemsCursor?: string;
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path: {
                readonly playerId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The statement, with a page of items and of changes */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Statement"];
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
    readonly listRedrives: {
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
                    readonly "application/json": components["schemas"]["Redrives"];
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
            /** @description Not over yet */
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
    readonly cancelRedrive: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
                /** @description `wait=n` (at most 10 s) or `respond-async`. */
                readonly Prefer?: string;
            };
            readonly path: {
                readonly redriveId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
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
            /** @description Not over yet */
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
    readonly listRedriveLetters: {
        readonly parameters: {
            readonly query?: {
                readonly cursor?: string;
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path: {
                readonly redriveId: components["schemas"]["Id"];
            };
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
                    readonly "application/json": components["schemas"]["RedriveLetters"];
                };
            };
        };
    };
    readonly pauseRedrive: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
                /** @description `wait=n` (at most 10 s) or `respond-async`. */
                readonly Prefer?: string;
            };
            readonly path: {
                readonly redriveId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
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
            /** @description Not over yet */
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
    readonly resumeRedrive: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
                /** @description `wait=n` (at most 10 s) or `respond-async`. */
                readonly Prefer?: string;
            };
            readonly path: {
                readonly redriveId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
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
            /** @description Not over yet */
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
    readonly listReplays: {
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
                    readonly "application/json": components["schemas"]["Replays"];
                };
            };
        };
    };
    readonly startReplay: {
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
                readonly "application/json": components["schemas"]["NewReplay"];
            };
        };
        readonly responses: {
            /** @description Over */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Replay"];
                };
            };
            /** @description Not over yet */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Replay"];
                };
            };
        };
    };
    readonly readReplay: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly replayId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The replay */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Replay"];
                };
            };
        };
    };
    readonly cancelReplay: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
                /** @description `wait=n` (at most 10 s) or `respond-async`. */
                readonly Prefer?: string;
            };
            readonly path: {
                readonly replayId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Over */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Replay"];
                };
            };
            /** @description Not over yet */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Replay"];
                };
            };
        };
    };
    readonly pauseReplay: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
                /** @description `wait=n` (at most 10 s) or `respond-async`. */
                readonly Prefer?: string;
            };
            readonly path: {
                readonly replayId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Over */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Replay"];
                };
            };
            /** @description Not over yet */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Replay"];
                };
            };
        };
    };
    readonly resumeReplay: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
                /** @description `wait=n` (at most 10 s) or `respond-async`. */
                readonly Prefer?: string;
            };
            readonly path: {
                readonly replayId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Over */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Replay"];
                };
            };
            /** @description Not over yet */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Replay"];
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
    readonly checkSchema: {
        readonly parameters: {
            readonly query?: {
                readonly defaultToGlobal?: string;
                readonly deleted?: string;
                readonly fetchMaxId?: string;
                readonly format?: string;
                readonly normalize?: string;
                readonly subject?: string;
                readonly verbose?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly subject: components["schemas"]["SchemaSubject"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/vnd.schemaregistry.v1+json": components["schemas"]["RegistrySchemaBody"];
            };
        };
        readonly responses: {
            /** @description The verdict */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/vnd.schemaregistry.v1+json": components["schemas"]["RegistryVerdict"];
                };
            };
        };
    };
    readonly checkSchemaAgainstVersion: {
        readonly parameters: {
            readonly query?: {
                readonly defaultToGlobal?: string;
                readonly deleted?: string;
                readonly fetchMaxId?: string;
                readonly format?: string;
                readonly normalize?: string;
                readonly subject?: string;
                readonly verbose?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly subject: components["schemas"]["SchemaSubject"];
                readonly version: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/vnd.schemaregistry.v1+json": components["schemas"]["RegistrySchemaBody"];
            };
        };
        readonly responses: {
            /** @description The verdict */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/vnd.schemaregistry.v1+json": components["schemas"]["RegistryVerdict"];
                };
            };
        };
    };
    readonly readSchemaConfig: {
        readonly parameters: {
            readonly query?: {
                readonly defaultToGlobal?: string;
                readonly deleted?: string;
                readonly fetchMaxId?: string;
                readonly format?: string;
                readonly normalize?: string;
                readonly subject?: string;
                readonly verbose?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The level */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/vnd.schemaregistry.v1+json": components["schemas"]["RegistryCompatibilityLevel"];
                };
            };
        };
    };
    readonly readSchemaSubjectConfig: {
        readonly parameters: {
            readonly query?: {
                readonly defaultToGlobal?: string;
                readonly deleted?: string;
                readonly fetchMaxId?: string;
                readonly format?: string;
                readonly normalize?: string;
                readonly subject?: string;
                readonly verbose?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly subject: components["schemas"]["SchemaSubject"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The level */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/vnd.schemaregistry.v1+json": components["schemas"]["RegistryCompatibilityLevel"];
                };
            };
        };
    };
    readonly readSchemaById: {
        readonly parameters: {
            readonly query?: {
                readonly defaultToGlobal?: string;
                readonly deleted?: string;
                readonly fetchMaxId?: string;
                readonly format?: string;
                readonly normalize?: string;
                readonly subject?: string;
                readonly verbose?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The schema */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/vnd.schemaregistry.v1+json": components["schemas"]["RegistrySchemaText"];
                };
            };
        };
    };
    readonly listSchemaTypes: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Avro */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/vnd.schemaregistry.v1+json": readonly string[];
                };
            };
        };
    };
    readonly listSchemaSubjects: {
        readonly parameters: {
            readonly query?: {
                readonly defaultToGlobal?: string;
                readonly deleted?: string;
                readonly fetchMaxId?: string;
                readonly format?: string;
                readonly normalize?: string;
                readonly subject?: string;
                readonly subjectPrefix?: string;
                readonly verbose?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Their names */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/vnd.schemaregistry.v1+json": readonly string[];
                };
            };
        };
    };
    readonly lookUpSchema: {
        readonly parameters: {
            readonly query?: {
                readonly defaultToGlobal?: string;
                readonly deleted?: string;
                readonly fetchMaxId?: string;
                readonly format?: string;
                readonly normalize?: string;
                readonly subject?: string;
                readonly verbose?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly subject: components["schemas"]["SchemaSubject"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/vnd.schemaregistry.v1+json": components["schemas"]["RegistrySchemaBody"];
            };
        };
        readonly responses: {
            /** @description The version */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/vnd.schemaregistry.v1+json": components["schemas"]["RegistrySchema"];
                };
            };
        };
    };
    readonly listSchemaVersions: {
        readonly parameters: {
            readonly query?: {
                readonly defaultToGlobal?: string;
                readonly deleted?: string;
                readonly fetchMaxId?: string;
                readonly format?: string;
                readonly normalize?: string;
                readonly subject?: string;
                readonly verbose?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly subject: components["schemas"]["SchemaSubject"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Their numbers */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/vnd.schemaregistry.v1+json": readonly number[];
                };
            };
        };
    };
    readonly registerSchema: {
        readonly parameters: {
            readonly query?: {
                readonly defaultToGlobal?: string;
                readonly deleted?: string;
                readonly fetchMaxId?: string;
                readonly format?: string;
                readonly normalize?: string;
                readonly subject?: string;
                readonly verbose?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly subject: components["schemas"]["SchemaSubject"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/vnd.schemaregistry.v1+json": components["schemas"]["RegistrySchemaBody"];
            };
        };
        readonly responses: {
            /** @description Its id */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/vnd.schemaregistry.v1+json": components["schemas"]["RegisteredSchema"];
                };
            };
        };
    };
    readonly readSchemaVersion: {
        readonly parameters: {
            readonly query?: {
                readonly defaultToGlobal?: string;
                readonly deleted?: string;
                readonly fetchMaxId?: string;
                readonly format?: string;
                readonly normalize?: string;
                readonly subject?: string;
                readonly verbose?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly subject: components["schemas"]["SchemaSubject"];
                readonly version: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The schema */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/vnd.schemaregistry.v1+json": components["schemas"]["RegistrySchema"];
                };
            };
        };
    };
    readonly createSpend: {
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
                readonly "application/json": components["schemas"]["Spend"];
            };
        };
        readonly responses: {
            /** @description This reference was spent before; the same answer again */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Spent"];
                };
            };
            /** @description Spent */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Spent"];
                };
            };
        };
    };
    readonly readStats: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Of the whole deployment */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Stats"];
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
    readonly listStreams: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Streams */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["NamedStreams"];
                };
            };
        };
    };
    readonly followStream: {
        readonly parameters: {
            readonly query?: {
                /** @description Only these: types or beginnings, by comma */
                readonly types?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description One structured CloudEvent per `data` line, its place as `id`; `event: dropped` says why the stream ends */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/event-stream": {
                        readonly [key: string]: unknown;
                    };
                };
            };
        };
    };
    readonly listSubscriptions: {
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
                    readonly "application/json": components["schemas"]["Subscriptions"];
                };
            };
        };
    };
    readonly createSubscription: {
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
                readonly "application/json": components["schemas"]["NewSubscription"];
            };
        };
        readonly responses: {
            /** @description Made, with the secret that verifies webhooks */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["CreatedSubscription"];
                };
            };
        };
    };
    readonly readSubscription: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly subscriptionId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The subscription; its ETag is what a change must name */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Subscription"];
                };
            };
        };
    };
    readonly updateSubscription: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
                /** @description The ETag of the version you have seen. */
                readonly "If-Match": string;
            };
            readonly path: {
                readonly subscriptionId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["SubscriptionChange"];
            };
        };
        readonly responses: {
            /** @description The subscription; its ETag is what a change must name */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Subscription"];
                };
            };
        };
    };
    readonly deleteSubscription: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
                /** @description The ETag of the version you have seen. */
                readonly "If-Match": string;
            };
            readonly path: {
                readonly subscriptionId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Gone */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly listDeliveries: {
        readonly parameters: {
            readonly query?: {
                readonly cursor?: string;
                readonly limit?: number;
                readonly state?: "pending" | "delivered" | "failed";
            };
            readonly header?: never;
            readonly path: {
                readonly subscriptionId: components["schemas"]["Id"];
            };
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
                    readonly "application/json": components["schemas"]["Deliveries"];
                };
            };
        };
    };
    readonly redeliver: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly deliveryId: components["schemas"]["Id"];
                readonly subscriptionId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It waits for its turn */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Delivery"];
                };
            };
        };
    };
    readonly streamSubscription: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly subscriptionId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The stream */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly pauseSubscription: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly subscriptionId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The subscription; its ETag is what a change must name */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Subscription"];
                };
            };
        };
    };
    readonly pingSubscription: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly subscriptionId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It waits for its turn; look at the deliveries */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Delivery"];
                };
            };
        };
    };
    readonly resumeSubscription: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly subscriptionId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The subscription; its ETag is what a change must name */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Subscription"];
                };
            };
        };
    };
    readonly rotateWebhookSecret: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly subscriptionId: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["NewWebhookSecret"];
            };
        };
        readonly responses: {
            /** @description Shown this once */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["WebhookSecret"];
                };
            };
        };
    };
    readonly listTopics: {
        readonly parameters: {
            readonly query?: {
                readonly cursor?: string;
                readonly limit?: number;
                readonly owner?: string;
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
                    readonly "application/json": components["schemas"]["Topics"];
                };
            };
        };
    };
    readonly createTopic: {
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
                readonly "application/json": components["schemas"]["NewTopic"];
            };
        };
        readonly responses: {
            /** @description The topic */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Topic"];
                };
            };
        };
    };
    readonly readTopic: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The topic */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["TopicDetail"];
                };
            };
        };
    };
    readonly alterTopic: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["TopicChange"];
            };
        };
        readonly responses: {
            /** @description As it is now */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Topic"];
                };
            };
        };
    };
    readonly deleteTopic: {
        readonly parameters: {
            readonly query: {
                /** @description The name again */
                readonly confirm: string;
            };
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Deleted */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly listValves: {
        readonly parameters: {
            readonly query?: {
                readonly cursor?: string;
                readonly limit?: number;
                readonly state?: "open" | "closed";
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
                    readonly "application/json": components["schemas"]["Valves"];
                };
            };
        };
    };
    readonly readValve: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: components["schemas"]["Code"];
                readonly scope: "source" | "kind" | "channel" | "asset";
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The valve */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Valve"];
                };
            };
        };
    };
    readonly setValve: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same key never acts twice; send it again when you retry. */
                readonly "Idempotency-Key": string;
                /** @description The ETag of the version you have seen. */
                readonly "If-Match": string;
            };
            readonly path: {
                readonly id: components["schemas"]["Code"];
                readonly scope: "source" | "kind" | "channel" | "asset";
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ValveState"];
            };
        };
        readonly responses: {
            /** @description As it is now */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Valve"];
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
                readonly code?: "match_reward" | "welcome" | "grant" | "opening" | "spend" | "seal" | "burn" | "hold" | "trade_price" | "trade_fee" | "listing_deposit" | "mailbox_claim" | "mailbox_expire" | "clawback" | "debt" | "correction";
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
