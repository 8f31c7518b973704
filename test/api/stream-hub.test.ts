import { expect, test } from 'vitest';
import type { PlayerEvent } from '../../api/deps.ts';
import { createPlayerEventHub } from '../../api/stream/hub.ts';

const granted = (id: string, playerId: string): PlayerEvent => ({
  id,
  type: 'economy.grant.granted.v1',
  time: '2026-11-21T12:00:00.000Z',
  data: { key: id, playerId, matchId: null, lines: [], items: [] },
});

test('an event reaches the players it is about, once, and nobody else', () => {
  const hub = createPlayerEventHub();
  const told: string[] = [];
  for (const playerId of ['buyer', 'seller', 'stranger'])
    hub.subscribe(playerId, ({ id }) => told.push(`${playerId} ${id}`));
  const trade = {
    ...granted('t', ''),
    type: 'market.trade.completed.v1',
    data: { buyerId: 'buyer', sellerId: 'seller' },
  };
  hub.publish(trade);
  hub.publish(trade);
  hub.publish({ ...trade, id: 'a', type: 'audit.trail.recorded.v1' });
  expect(told).toEqual(['buyer t', 'seller t']);
});

test('a reader who comes back hears what it missed; one who was away too long is told of the gap', () => {
  const hub = createPlayerEventHub();
  for (let n = 0; n < 100; n += 1) hub.publish(granted(`e${n}`, 'p'));
  const heard: string[] = [];
  hub.subscribe('p', ({ id }) => heard.push(id), { lastEventId: 'e97', onGap: () => heard.push('gap') });
  expect(heard).toEqual(['e98', 'e99']);
  const late: string[] = [];
  const stop = hub.subscribe('p', ({ id }) => late.push(id), {
    lastEventId: 'e3',
    onGap: () => late.push('gap'),
  });
  expect(late.slice(0, 2)).toEqual(['gap', 'e36']);
  stop();
  hub.publish(granted('after', 'p'));
  expect([heard.at(-1), late.at(-1)]).toEqual(['after', 'e99']);
});
