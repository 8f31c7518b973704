import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { leafHash, merklePath, merkleRoot, verifyInclusion } from '../../../domain/ledger/merkle.ts';
import type { Sha256 } from '../../../domain/arena/types.ts';

const sha256: Sha256 = (bytes) => createHash('sha256').update(bytes).digest();
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const leavesOf = (...contents: string[]) =>
  contents.map((content) => leafHash(sha256, Buffer.from(content, 'hex')));

/** The inputs of Certificate Transparency's own test, and its roots of the first 1 to 8 of them. */
const inputs = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const roots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

describe('the tree under a block', () => {
  test.each(roots)('has the root that RFC 6962 gives it: %s', (root) => {
    expect(hex(merkleRoot(sha256, leavesOf(...inputs.slice(0, roots.indexOf(root) + 1))))).toBe(root);
  });

  test('proves every leaf of trees of every shape, and no other', () => {
    for (const count of [1, 2, 3, 5, 8, 13, 21]) {
      const leaves = leavesOf(...Array.from({ length: count }, (_, i) => i.toString(16).padStart(4, '0')));
      const root = merkleRoot(sha256, leaves);
      for (const [i, leaf] of leaves.entries()) {
        const path = merklePath(sha256, leaves, i);
        expect(verifyInclusion(sha256, { leaf, path, root })).toBe(true);
        const other = leafHash(sha256, Buffer.from('another'));
        expect(verifyInclusion(sha256, { leaf: other, path, root })).toBe(false);
      }
    }
  });

  test('a node cannot be passed off as a leaf: one tree has one shape', () => {
    const leaves = leavesOf('00', '01', '02', '03');
    const [a, b, c, d] = leaves as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const forged = [Buffer.concat([a, b]), Buffer.concat([c, d])].map((content) => leafHash(sha256, content));
    expect(hex(merkleRoot(sha256, forged))).not.toBe(hex(merkleRoot(sha256, leaves)));
  });

  test('there is no path to what is not in the tree', () => {
    expect(() => merklePath(sha256, leavesOf('00'), 1)).toThrow(/no leaf 1 among 1/);
  });
});
