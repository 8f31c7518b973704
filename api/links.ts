/** Paths that replies point to. */
export const receiptPath = (key: string): string => `/v1/receipts/${encodeURIComponent(key)}`;
export const matchPath = (matchId: string): string => `/v1/matches/${matchId}`;
export const listingPath = (listingId: string): string => `/v1/market/listings/${listingId}`;
export const tradePath = (tradeId: string): string => `/v1/market/trades/${tradeId}`;
export const redrivePath = (redriveId: string): string => `/v1/redrives/${redriveId}`;
