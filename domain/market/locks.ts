/** What stands in an item's `lock` while it is for sale, and while somebody buys it. */
export const listingLock = (listingId: string): string => `listing:${listingId}`;
export const tradeLock = (tradeId: string): string => `trade:${tradeId}`;
