import { hkdfSync } from 'node:crypto';

/** One key per purpose from one secret, so that none of them reveals another. */
export const deriveKey = (secret: string, purpose: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, 'lootledger', purpose, 32));
