import { describe, expect, it } from 'vitest';
import { matchesFilter } from '../../domain/event-filter.ts';
import type { EventFilter } from '../../domain/event-filter.ts';

const sold = {
  type: 'market.trade.completed.v1',
  key: 'trade-1',
  subject: 'sword',
  header: (name: string) => (name === 'ce_source' ? '/clients/arena' : undefined),
};
const nameless = { type: undefined, key: null, subject: null, header: () => undefined };

describe('an event filter', () => {
  it.each<[string, EventFilter, boolean]>([
    ['nothing asked', {}, true],
    ['its exact type', { types: ['market.trade.completed.v1'] }, true],
    ['one of several types', { types: ['ledger.*', 'market.trade.*'] }, true],
    ['everything', { types: ['*'] }, true],
    ['another type', { types: ['market.trade.failed.v1'] }, false],
    ['a pattern that only begins like a type', { types: ['market.trade.completed'] }, false],
    ['no type at all', { types: [] }, false],
    ['its key', { key: 'trade-1' }, true],
    ['another key', { key: 'trade-2' }, false],
    ['its subject and its key', { key: 'trade-1', subject: 'sword' }, true],
    ['its key but another subject', { key: 'trade-1', subject: 'shield' }, false],
    ['a header it has', { headers: { ce_source: '/clients/arena' } }, true],
    ['a header with another value', { headers: { ce_source: '/clients/other' } }, false],
    ['a header it lacks', { headers: { tracestate: '' } }, false],
  ])('%s', (_, filter, matches) => {
    expect(matchesFilter(filter, sold)).toBe(matches);
  });

  it.each<EventFilter>([{ types: ['market.*'] }, { key: '' }, { subject: '' }, { headers: { ce_type: '' } }])(
    'what is missing equals nothing: %o',
    (filter) => expect(matchesFilter(filter, nameless)).toBe(false),
  );
});
