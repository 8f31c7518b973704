const basisPoints = 10_000n;

/** The market's share of a price: basis points, rounded down, so that the seller never pays for the rounding. */
export function feeOf(price: bigint, feeBps: number): bigint {
  if (!Number.isInteger(feeBps) || feeBps < 0 || feeBps > 10_000)
    throw new RangeError(`not basis points: ${feeBps}`);
  return (price * BigInt(feeBps)) / basisPoints;
}
