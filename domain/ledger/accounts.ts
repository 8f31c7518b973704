import type { AccountRef } from './types.ts';
import { playerHolder, systemHolder } from './types.ts';

/** Where amounts come from and go to. Roles are the economy file's names (`match.reward`, `seal`), never asset codes. */
export const walletOf = (playerId: string, asset: string): AccountRef => ({
  holder: playerHolder(playerId),
  asset,
  purpose: 'wallet',
});
export const sourceOf = (role: string, asset: string): AccountRef => ({
  holder: systemHolder(role),
  asset,
  purpose: 'source',
});
export const sinkOf = (role: string, asset: string): AccountRef => ({
  holder: systemHolder(role),
  asset,
  purpose: 'sink',
});
/** What is on its way between two players: zero whenever no story is under way. */
export const clearingOf = (role: string, asset: string): AccountRef => ({
  holder: systemHolder(role),
  asset,
  purpose: 'clearing',
});
export const feeOf = (role: string, asset: string): AccountRef => ({
  holder: systemHolder(role),
  asset,
  purpose: 'fee',
});
/** What waits for a player to claim it: kept apart from the wallet, never spent from. */
export const mailboxOf = (playerId: string, asset: string): AccountRef => ({
  holder: playerHolder(playerId),
  asset,
  purpose: 'mailbox',
});
/** What a player owes after a clawback that their wallet did not cover: its balance is never above zero. */
export const debtOf = (playerId: string, asset: string): AccountRef => ({
  holder: playerHolder(playerId),
  asset,
  purpose: 'debt',
});
