/** Permanent business keys: derived from what happened, never random. The only file that spells them. */
export const journalKeys = {
  matchGrant: (matchId: string, playerId: string) => `grant:match:${matchId}:${playerId}`,
  welcomeGrant: (playerId: string) => `grant:welcome:${playerId}`,
  apiGrant: (clientId: string, reference: string) => `grant:api:${clientId}:${reference}`,
  spend: (clientId: string, reference: string) => `spend:${clientId}:${reference}`,
  matchLock: (matchId: string) => `match:${matchId}:lock`,
  matchRelease: (matchId: string) => `match:${matchId}:release`,
  seal: (matchId: string, playerId: string, actionKey: string, step: 'hold' | 'post' | 'void') =>
    `seal:${matchId}:${playerId}:${actionKey}:${step}`,
  trade: (tradeId: string, step: TradeStep) => `trade:${tradeId}:${step}`,
  listing: (listingId: string, step: 'place' | 'cancel' | 'expire') => `listing:${listingId}:${step}`,
  import: (batch: string, line: number) => `import:${batch}:${line}`,
  mailbox: (entryId: string, step: 'claim' | 'expire') => `mailbox:${entryId}:${step}`,
  clawback: (clawbackId: string, journalId: bigint) => `clawback:${clawbackId}:${journalId}`,
  /** `movementId`: the movement that locked it. */
  release: (itemId: string, movementId: bigint) => `release:${itemId}:${movementId}`,
  expire: (transferId: bigint) => `expire:${transferId}`,
} as const;

/** A trade's steps and the undo of each; an undo of a step not there yet is a tombstone under the step's own key. */
export type TradeStep = 'hold' | 'lock' | 'settle' | 'undo-hold' | 'undo-lock';
