import { randomBytes, randomUUID } from 'node:crypto';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { eventually, startLootledger } from '../support/lootledger.ts';
import type { Lootledger } from '../support/lootledger.ts';

const exporter = new InMemorySpanExporter();
let loot: Lootledger;
beforeAll(async () => {
  loot = await startLootledger(inject('servers'), { spanProcessor: new SimpleSpanProcessor(exporter) });
}, 120_000);
afterAll(() => loot?.stop());

test('one trace id goes from the HTTP request through Temporal and Kafka to the last handler', async () => {
  const player = await loot.newPlayer();
  const { body: key } = await loot.operator.createApiKey({
    clientId: 'traced-game',
    scopes: ['results:write'],
  });
  const traceId = randomBytes(16).toString('hex');
  const response = await fetch(`${loot.apiUrl}/v1/match-results`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key.secret}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
      traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`,
    },
    body: JSON.stringify({
      reference: randomUUID(),
      externalMatchId: randomUUID(),
      mode: 'duel',
      players: [{ player: { id: player.playerId }, outcome: 'winner', amounts: { resources: '40' } }],
    }),
  });
  expect(response.status).toBeLessThan(300);

  const names = await eventually('the player is told within the same trace', async () => {
    const spans = exporter.getFinishedSpans().filter((span) => span.spanContext().traceId === traceId);
    const told = spans.map((span) =>
      `${span.name} ${String(span.attributes['messaging.consumer.group.name'] ?? '')}`.trim(),
    );
    return told.some((name) => name.includes('economy.grant') && name.includes('notif')) ? told : undefined;
  });
  const seen = (part: string) => names.some((name) => name.includes(part));
  expect(seen('POST /v1/match-results'), 'the request').toBe(true);
  expect(seen('game.match'), 'the finished event is published or consumed').toBe(true);
  expect(seen('rewardGrant'), 'the workflow is started').toBe(true);
  expect(seen('payGrant'), 'its activity pays').toBe(true);
});
