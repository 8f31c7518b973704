import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import kafkajs from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BrokerRefusal } from '../../../events/kafka/broker.ts';
import type { Broker } from '../../../events/kafka/broker.ts';
import { createLog } from '../../../platform/log.ts';
import { startKafkaCluster } from '../../../stack/kafka-cluster.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { aclsOfDeployment } from './acls.ts';
import { adapters, createTopic } from './adapters.ts';
import { join, message, sendDeadlineMs, textOf } from './traffic.ts';

const prefix = 'live.';
const users = ['admin', 'topics', 'relay', 'consumers', 'api'].map((role) => `lootledger-${role}`);
const passwordOf = (user: string) => `${user}-secret`;

const sasl = { username: 'lootledger-relay', password: passwordOf('lootledger-relay') };

const dir = await mkdtemp(path.join(tmpdir(), 'lootledger-secure-'));
const certificate = await makeCertificate(dir);
const tls = { ca: certificate.pem };
const cluster = await startKafkaCluster({
  dir: path.join(dir, 'kafka'),
  nodeCount: 1,
  clients: 'SASL_SSL',
  settings: {
    'ssl.keystore.type': 'PKCS12',
    'ssl.keystore.location': certificate.keystorePath,
    'ssl.keystore.password': certificate.password,
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'listener.name.clients.scram-sha-512.sasl.jaas.config':
      'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    // the broker itself speaks plainly, as nobody
    'super.users': 'User:ANONYMOUS;User:lootledger-admin',
  },
  formatArgs: [...users, 'game-server'].flatMap((user) => [
    '--add-scram',
    `SCRAM-SHA-512=[name=${user},password=${passwordOf(user)}]`,
  ]),
});
afterAll(async () => {
  await cluster.stop();
  await rm(dir, { recursive: true, force: true });
});

beforeAll(async () => {
  const username = 'lootledger-admin';
  const admin = new kafkajs.Kafka({
    brokers: [...cluster.brokers],
    ssl: { ca: [certificate.pem] },
    sasl: { mechanism: 'scram-sha-512', username, password: passwordOf(username) },
    logLevel: kafkajs.logLevel.NOTHING,
  }).admin();
  await admin.connect();
  await admin.createAcls({ acl: await aclsOfDeployment(dir, prefix) });
  await admin.disconnect();
});

describe.each(adapters)('$name', ({ name, open }) => {
  const opened: Broker[] = [];
  afterAll(() => Promise.all(opened.map((broker) => broker.close())));
  const openAs = (how: { tls?: boolean | { ca: string }; sasl?: { username: string; password: string } }) => {
    const { brokers } = cluster;
    const broker = open({ brokers, clientId: 'secure', prefix, log: createLog('test', 'silent'), ...how });
    opened.push(broker);
    return broker;
  };
  const login = (username: string) => openAs({ tls, sasl: { username, password: passwordOf(username) } });

  test('with its rights each process does its work, and no other', async () => {
    const [topics, relay, consumers, gameServer] = [
      login('lootledger-topics'),
      login('lootledger-relay'),
      login('lootledger-consumers'),
      login('game-server'),
    ];
    const settings = { partitionCount: 1, replicationCount: 1, settings: {} };
    const topic = `game.match-${name}`;
    for (const each of [topic, 'game.result']) await createTopic(topics, { topic: each, ...settings });
    await relay.send([message(topic, 'k', 'opened')], sendDeadlineMs);
    const heard: string[] = [];
    const member = await join(consumers, {
      topics: [topic],
      onRecords: (records) => void heard.push(...records.map(textOf)),
    });
    await expect.poll(() => heard).toEqual(['opened']);
    await member.stop();
    await gameServer.send([message('game.result', 'k', 'reported')], sendDeadlineMs);

    const refused = (work: Promise<unknown>) =>
      expect(work).rejects.toThrow(/AUTHORIZATION_FAILED|[Nn]ot authorized/);
    await refused(gameServer.send([message(topic, 'k', 'mine now')], sendDeadlineMs));
    await refused(consumers.send([message(topic, 'k', 'mine now')], sendDeadlineMs));
    await refused(relay.admin.createTopics([{ topic: 'more', ...settings }]));
    await refused(consumers.admin.deleteTopics([topic]));
    await expect(gameServer.send([message(topic, 'k', '2')], sendDeadlineMs)).rejects.toThrow(BrokerRefusal);
    const reading = relay.readFrom({
      partitions: [{ topic, partition: 0, offset: 0n, endOffset: 1n }],
      onRecords: () => expect.unreachable(),
      signal: AbortSignal.timeout(1_500),
    });
    await expect(reading).rejects.toThrow(/coordinator|authoriz|timeout/i);
  });

  test.each([
    [
      'a wrong password',
      { tls, sasl: { username: 'lootledger-relay', password: 'guessed' } },
      /[Aa]uthentication failed/,
    ],
    [
      'an unknown user',
      { tls, sasl: { username: 'nobody', password: 'guessed' } },
      /[Aa]uthentication failed/,
    ],
    ['a broker whose certificate nobody we trust has signed', { tls: true, sasl }, /self-signed certificate/],
  ])('%s is refused, and the error says so', async (_, how, says) => {
    const broker = openAs(how);
    await expect(broker.ping()).rejects.toThrow(says);
    await expect(broker.send([message('game.match', 'k', '1')], sendDeadlineMs)).rejects.toThrow(says);
  });

  test.each([
    ['without a login', { tls }],
    ['in plain text', { sasl }],
  ])('nobody gets in %s', async (_, how) => {
    await expect(openAs(how).send([message('game.match', 'k', '1')], 5_000)).rejects.toThrow(
      /closed|timeout|no answer|SASL|disconnected/i,
    );
  });
});
