import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { derivedId } from '../../domain/ids.ts';

const hash = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

test('the same parts meet the same id, a UUIDv8; other parts another, wherever the border between them lies', () => {
  const id = derivedId(hash, 'client', 'reference', 7);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(derivedId(hash, 'client', 'reference', 7)).toBe(id);
  const others = [
    derivedId(hash, 'clientreference', 7),
    derivedId(hash, 'clientr', 'eference', 7),
    derivedId(hash, 'client', 'reference', '7'),
  ];
  expect(new Set([id, ...others]).size).toBe(4);
});
