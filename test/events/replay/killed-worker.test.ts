/** @module-tag once */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expect, inject, test } from 'vitest';
import type { OutgoingMessage } from '../../../events/kafka/broker.ts';
import { toHeaders } from '../../../events/codec/envelope.ts';
import { readTop } from '../../../store/leaderboard/reads.ts';
import { eventReplayStart, taskQueues } from '../../../workflows/messages.ts';
import type { EventReplayInput, EventReplayResult } from '../../../workflows/messages.ts';
import { openTestTemporal, testSettings } from '../../workers/economy-world.ts';
import { countRows, eventTools } from '../support.ts';
import { startReplayWorker } from './replay-worker.ts';
import { openNew, replayOf } from './support.ts';

const tools = await eventTools(['game.match'], 6);
const { db, broker } = tools;
const players = Array.from({ length: 5 }, () => randomUUID());
const matchCount = 300;

function finished(n: number): OutgoingMessage {
  const [matchId, type] = [randomUUID(), 'game.match.finished.v1'];
  const data = {
    matchId,
    mode: 'duel',
    clientId: null,
    seed: 'ab',
    endTick: n,
    plans: [],
    reviewRequired: false,
    players: players.map((playerId) => ({
      playerId,
      outcome: 'winner',
      placement: 1,
      score: 2,
    })),
  };
  const { value, schemaId } = tools.codec.encode(type, data);
  const headers = toHeaders({
    id: randomUUID(),
    type,
    source: tools.origin.source,
    subject: matchId,
    time: '2026-11-21T12:00:00.000Z',
    sequence: 1n,
    ledgerEpoch: 1,
    schemaId,
    context: {},
  });
  return { topic: 'game.match', key: Buffer.from(matchId), value, headers };
}

test('a worker killed in the middle: the next one reads on, and every score counts once', async () => {
  await broker.send(
    Array.from({ length: matchCount }, (_, n) => finished(n)),
    10_000,
  );
  const target = { kind: 'projection', projection: 'leaderboard', into: 'last-hour' } as const;
  const replayId = await openNew(tools, target);
  const settings = {
    ...testSettings(tools.url),
    KAFKA_BROKERS: inject('servers').kafkaBrokers.join(','),
    KAFKA_TOPIC_PREFIX: tools.prefix,
  };
  const temporal = openTestTemporal(settings);
  const handle = await temporal.client.workflow.start<
    (input: EventReplayInput) => Promise<EventReplayResult>
  >('eventReplay', {
    ...eventReplayStart({ replayId, topic: 'game.match', target: 'projection leaderboard last-hour' }),
    taskQueue: temporal.taskQueue(taskQueues.events),
    workflowTaskTimeout: 1_000,
  });
  const script = fileURLToPath(new URL('replay-worker.ts', import.meta.url));
  const armed = JSON.stringify({ ...settings, CRASH_POINT: 'after-replay-batch-before-next:3' });
  const child = spawn(process.execPath, [script, armed], { stdio: 'inherit' });
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  const { doneCount } = await replayOf(tools, replayId);
  expect(doneCount).toBeGreaterThan(0);
  expect(doneCount).toBeLessThan(matchCount);

  const worker = await startReplayWorker(settings);
  expect(await handle.result()).toEqual({
    state: 'completed',
    matchedCount: matchCount,
    handledCount: matchCount,
    failedCount: 0,
    duplicateCount: 0,
  });
  const top = await readTop(db, 'replay_last-hour.arena', 10);
  expect(top.map(({ score }) => score)).toEqual(players.map(() => BigInt(2 * matchCount)));
  expect(await readTop(db, 'arena', 10)).toEqual([]);
  expect(await countRows(db, 'replay_seen')).toBe(0);
  await worker.stop();
  await temporal.close();
});
