import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { hashSecret } from '../api/auth/authenticate.ts';
import { headerText } from '../events/codec/envelope.ts';
import { createApiKey } from '../store/api-keys/create-api-key.ts';
import { processOf } from './cpu.ts';
import type { EventWorld } from './event-world.ts';
import { closedLoop, openLoop } from './loops.ts';
import { bareTopic } from './publish-server.ts';
import type { PublishKind, PublishServerTask } from './publish-server.ts';
import type { Contestant } from './race.ts';

export const clientCount = 64;
const playerCount = 1_000;
const secret = `test_sk_${'p'.repeat(40)}`;
const type = 'analytics.event.game-action.v1';
export const ourTopic = 'analytics.event';

export type PublishContestant = Contestant & { stop(): Promise<void> };

export async function addPublisher({ db }: EventWorld): Promise<void> {
  await createApiKey(db, {
    id: randomUUID(),
    clientId: 'bench',
    hash: hashSecret(secret),
    prefix: secret.slice(0, 12),
    scopes: ['events:write'],
    topics: { publish: [ourTopic], read: [] },
  });
}

/** A server of the given kind, sent `eventCount` events per request by 64 clients, each with one request in flight. */
export async function publishContestant(
  kind: PublishKind,
  eventCount: number,
  world: EventWorld,
): Promise<PublishContestant> {
  const child = fork(fileURLToPath(new URL('publish-server.ts', import.meta.url)));
  const task: PublishServerTask = {
    kind,
    databaseUrl: world.url,
    brokers: world.kafkaBrokers,
    prefix: world.prefix,
  };
  child.send(task);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const agent = new Agent({ keepAlive: true, maxSockets: clientCount });
  const acknowledged = new Map<string, string | undefined>();
  let wrongCount = 0;
  const publish = async () => {
    const events = Array.from({ length: eventCount }, gameAction);
    const reply = await post(agent, port, JSON.stringify(eventCount === 1 ? events[0] : events));
    if (reply === undefined || reply.events.length !== eventCount) wrongCount += 1;
    for (const { id, partition, offset } of reply?.events ?? [])
      acknowledged.set(id, offset === undefined ? undefined : `${partition}/${offset}`);
  };
  return {
    name: names[kind],
    measure: (seconds) => closedLoop(clientCount, seconds, publish),
    pace: (perSecond, seconds) => openLoop(perSecond, seconds, publish),
    clientCpuMs: processOf(child.pid ?? 0),
    isValid: async () =>
      wrongCount === 0 && (await areIn(world, kind === 'ours' ? ourTopic : bareTopic, acknowledged)),
    async stop() {
      agent.destroy();
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}

const names: Record<PublishKind, string> = {
  ours: 'ours',
  bare: 'bare Hono, one send of a raw kafkajs producer per request',
};

function gameAction() {
  const playerId = `player-${Math.floor(Math.random() * playerCount)}`;
  const position = { x: 12.5, y: -3, z: null };
  return {
    specversion: '1.0',
    id: randomUUID(),
    type,
    subject: playerId,
    time: new Date().toISOString(),
    data: {
      playerId,
      session: 'session-1',
      action: 'level-completed',
      mode: 'duel',
      map: 'dunes',
      position,
      server: 'eu-1',
      region: 'eu',
      version: '1.2.3',
      data: { score: 1200, coins: 30 },
    },
  };
}

type PublishReply = { events: { id: string; partition?: number; offset?: string }[] };

/** What was acknowledged, or undefined for any status but 200. */
function post(agent: Agent, port: number, body: string): Promise<PublishReply | undefined> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      authorization: `Bearer ${secret}`,
      'idempotency-key': randomUUID(),
    };
    const sent = request(
      { agent, port, host: '127.0.0.1', method: 'POST', path: '/v1/events', headers },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
        answer.on('end', () =>
          resolve(
            answer.statusCode === 200
              ? (JSON.parse(Buffer.concat(chunks).toString()) as PublishReply)
              : undefined,
          ),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Whether every acknowledged event is in Kafka, and where the answer said; without retries here, exactly once. */
async function areIn(
  { broker }: EventWorld,
  topic: string,
  acknowledged: ReadonlyMap<string, string | undefined>,
): Promise<boolean> {
  const missing = new Map(acknowledged);
  const ends = await broker.admin.partitionEnds(topic);
  let misplacedCount = 0;
  await broker.readFrom({
    partitions: ends.map(({ partition, startOffset, endOffset }) => ({
      topic,
      partition,
      offset: startOffset,
      endOffset,
    })),
    onRecords(records) {
      for (const { headers, partition, offset } of records) {
        const id = headerText(headers, 'ce_id') ?? '';
        const place = missing.get(id);
        if (place !== undefined && place !== `${partition}/${offset}`) misplacedCount += 1;
        missing.delete(id);
      }
    },
    signal: AbortSignal.timeout(120_000),
  });
  return missing.size === 0 && misplacedCount === 0;
}
