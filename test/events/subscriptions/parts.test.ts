import { expect, test } from 'vitest';
import { partsOf } from '../../../events/subscriptions/lane.ts';

const recordOf = (bytes: number, offset: number) => ({
  topic: 'game.match',
  partition: 0,
  offset: BigInt(offset),
  timestampMs: 0,
  key: null,
  value: Buffer.alloc(bytes),
  headers: {},
});

test('what one transaction takes is bounded by count and by bytes, and nothing is left out', () => {
  const mebibyte = 1_048_576;
  const heavy = Array.from({ length: 20 }, (_, offset) => recordOf(mebibyte, offset));
  expect(partsOf(heavy).map(({ part, bytes }) => [part.length, bytes / mebibyte])).toEqual([
    [8, 8],
    [8, 8],
    [4, 4],
  ]);
  const light = Array.from({ length: 1_200 }, (_, offset) => recordOf(1, offset));
  expect(partsOf(light).map(({ part }) => part.length)).toEqual([500, 500, 200]);
  expect(partsOf(light).flatMap(({ part }) => part)).toEqual(light);
  expect(partsOf([recordOf(20 * mebibyte, 0)]).map(({ part }) => part.length)).toEqual([1]);
  expect(partsOf([])).toEqual([]);
});
