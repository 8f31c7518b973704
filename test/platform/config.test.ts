import { expect, test } from 'vitest';
import { loadConfig } from '../../platform/config.ts';

test('a misspelt crash point ends the start, and its error names those that exist', () => {
  const misspelt = () => loadConfig({ CRASH_POINT: 'after-row-before-signals' });
  expect(misspelt).toThrow(/CRASH_POINT: must be one of .*after-row-before-signal,/);
  expect(() => loadConfig({ CRASH_POINT: 'after-row-before-signal:0' })).toThrow(/CRASH_POINT/);
});

test('a crash point may name the passage it means', () => {
  expect(loadConfig({ CRASH_POINT: 'after-tick-before-broadcast:3' }).CRASH_POINT).toBe(
    'after-tick-before-broadcast:3',
  );
});
