import { canonicalJson } from '../canonical-json.ts';
import { toHex } from './random.ts';
import type { MatchState, Sha256 } from './types.ts';

const encoder = new TextEncoder();

/** The fingerprint that every logged tick stores: SHA-256 over the state's RFC 8785 bytes, in hex. */
export const stateHash = (state: MatchState, hash: Sha256): string =>
  toHex(hash(encoder.encode(stateJson(state))));

/**
 * The same text as `canonicalJson(state)`, at a fifth of its cost: a tick changes one or two players and shares
 * everything else with the state before, so the text of each part is kept for as long as the part lives. Sound because
 * states are never changed in place.
 */
export function stateJson({ config, drops, nodes, phase, players, seed, tick }: MatchState): string {
  return (
    `{"config":${textOf(config)},"drops":${textOf(drops)},"nodes":${textOf(nodes)},"phase":${textOf(phase)},` +
    `"players":[${players.map(textOf).join(',')}],"seed":${canonicalJson(seed)},"tick":${tick}}`
  );
}

const texts = new WeakMap<object, string>();

function textOf(part: object): string {
  const known = texts.get(part);
  if (known !== undefined) return known;
  const text = canonicalJson(part);
  texts.set(part, text);
  return text;
}
