/** Paths that replies point to. */
export const receiptPath = (key: string): string => `/v1/receipts/${encodeURIComponent(key)}`;
export const matchPath = (matchId: string): string => `/v1/matches/${matchId}`;
export const listingPath = (listingId: string): string => `/v1/market/listings/${listingId}`;
export const tradePath = (tradeId: string): string => `/v1/market/trades/${tradeId}`;
export const importPath = (importId: string): string => `/v1/imports/${importId}`;
export const auditPath = (auditId: string): string => `/v1/audits/${auditId}`;
export const redrivePath = (redriveId: string): string => `/v1/redrives/${redriveId}`;
export const replayPath = (replayId: string): string => `/v1/replays/${replayId}`;
export const clawbackPath = (clawbackId: string): string => `/v1/clawbacks/${clawbackId}`;
export const subscriptionPath = (subscriptionId: string): string => `/v1/subscriptions/${subscriptionId}`;
