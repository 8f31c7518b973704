import { expect, test } from 'vitest';
import { readPresent, readReleased } from '../../cli/released-schemas.ts';
import type { JsonValue } from '../../domain/canonical-json.ts';
import { releaseProblems } from '../../events/schemas/released.ts';

const today = '2026-12-31';
const schema = (...fields: JsonValue[]): JsonValue => ({ type: 'record', name: 'MadeV1', fields });
const id = { name: 'id', type: 'string' };
const note = { name: 'note', type: ['null', 'string'], default: null };
const text = { name: 'text', type: 'string' };
const type = 'game.thing.made.v1';
const released = (deprecatedOn: string | null, ...versions: JsonValue[]) => [
  { type, deprecatedOn, versions },
];

test('every committed schema reads whatever was released, and no type went too early', async () => {
  const history = await readReleased();
  expect(history.length).toBeGreaterThan(0);
  expect(releaseProblems(await readPresent(), history, new Date().toISOString().slice(0, 10))).toEqual([]);
});

test.each([
  ['a field without a default', [schema(id)], schema(id, { name: 'level', type: 'int' })],
  ['a field of another type', [schema(id)], schema({ name: 'id', type: 'int' })],
  ['another name', [schema(id)], { type: 'record', name: 'OtherV1', fields: [id] }],
  ['a version before the last', [schema(id), schema(text)], schema(text)],
])('%s is found', (_, versions, present) => {
  const problems = releaseProblems(new Map([[type, present]]), released(null, ...versions), today);
  expect(problems[0]).toMatch(/could not read its released schema 1/);
});

test('a field that may be absent, and one that is dropped, are not', () => {
  for (const present of [schema(id, note), schema(note), schema(id)])
    expect(releaseProblems(new Map([[type, present]]), released(null, schema(id, note)), today)).toEqual([]);
});

test.each([
  [null, 1],
  ['2026-12-04', 1],
  ['2026-12-03', 0],
])('a type deprecated on %s that is gone today: %i problems', (deprecatedOn, count) => {
  expect(releaseProblems(new Map(), released(deprecatedOn, schema(id)), today)).toHaveLength(count);
});
