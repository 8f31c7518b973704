/** @module-tag once */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, inject, test } from 'vitest';
import { safePost } from '../../../platform/safe-fetch/safe-post.ts';
import { hostEnvironment } from '../../../stack/environment.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { cancelled } from '../recording.ts';
import { countRows, eventually, relayFor, tell } from '../support.ts';
import { ok, startReceiver } from './receiver.ts';
import type { Answer } from './receiver.ts';
import type { SendingOptions } from './sending-process.ts';
import { subscriptionWorld } from './world.ts';
import type { World } from './world.ts';

const world = await subscriptionWorld(['game.match'], { deadlineMs: 2_000 });
const mortal = await subscriptionWorld(['game.match'], { sending: false });
const secret = await subscriptionWorld(['game.match'], { sending: false });
const { db } = world;
relayFor(world);
relayFor(mortal);
relayFor(secret);

async function subscriber(
  answer: Answer,
  wanted: Parameters<World['subscribe']>[0] = {},
  { hosts, subscribe }: World = world,
) {
  const receiver = await startReceiver(answer);
  hosts.push(receiver.host);
  const match = randomUUID();
  const made = await subscribe({ url: receiver.url, filter: { key: match }, ...wanted });
  return { ...made, receiver, match };
}

test('receivers that hang, drip or stream hold up nobody else, and nothing of theirs is lost', async () => {
  const dripping: Answer = (_, response) => {
    response.writeHead(200);
    const drip = setInterval(() => response.write('.'), 50);
    response.on('close', () => clearInterval(drip));
  };
  const streaming: Answer = (_, response) => {
    response.writeHead(200);
    const more = () => {
      while (!response.destroyed) if (!response.write(Buffer.alloc(65_536))) break;
    };
    response.on('drain', more);
    more();
  };
  const hanging = await Promise.all(Array.from({ length: 12 }, () => subscriber(() => {})));
  const slow = await subscriber(dripping);
  const endless = await subscriber(streaming);
  const healthy = await subscriber(ok);
  const all = [...hanging, slow, endless, healthy];
  // the others have begun to hang before the healthy one hears anything
  await tell(db, ...[...hanging, slow, endless].map(({ match }) => cancelled(match, 'hang')));
  await eventually('all hang', () => hanging.every(({ receiver }) => receiver.received.length > 0));
  await tell(db, ...Array.from({ length: 20 }, (_, n) => cancelled(healthy.match, `${n}`)));
  await eventually('the healthy one has all', () => healthy.receiver.received.length === 20);
  // one that answered 200 has it, whatever its body does
  for (const { subscriptionId } of [slow, endless])
    await eventually(
      'delivered',
      async () => (await world.deliveries(subscriptionId))[0]?.state === 'delivered',
    );
  for (const { receiver } of hanging) receiver.answer = ok;
  for (const { subscriptionId } of all)
    await eventually(
      'nothing is left',
      async () =>
        (await countRows(
          db,
          'subscription_events',
          `subscription_id = '${subscriptionId}' AND state <> 'delivered'`,
        )) === 0,
    );
  const late = await world.deliveries(hanging[0]!.subscriptionId);
  expect(late).toMatchObject([{ state: 'delivered', error: null }]);
  expect(late[0]!.attempts).toBeGreaterThan(1);
});

/** A process of senders, with what they are to trust in their environment. */
function startSender(at: World, allowedHosts: readonly string[], more: { crashPoint: string; ca?: string }) {
  const { kafkaBrokers, temporalAddress } = inject('servers');
  const options: SendingOptions = {
    url: at.url,
    prefix: at.prefix,
    brokers: kafkaBrokers,
    temporalAddress,
    taskQueuePrefix: at.taskQueuePrefix,
    allowedHosts,
    crashPoint: more.crashPoint,
  };
  const script = fileURLToPath(new URL('sending-process.ts', import.meta.url));
  return spawn(process.execPath, [script, JSON.stringify(options)], {
    stdio: 'inherit',
    env: { ...hostEnvironment(), ...(more.ca !== undefined && { NODE_EXTRA_CA_CERTS: more.ca }) },
  });
}

test('a sender killed between the request and its mark sends the same message again, under the same id', async () => {
  const { receiver, match, subscriptionId } = await subscriber(ok, {}, mortal);
  await tell(mortal.db, cancelled(match, '1'), cancelled(match, '2'));
  await eventually(
    'both wait',
    async () =>
      (await countRows(mortal.db, 'subscription_events', `subscription_id = '${subscriptionId}'`)) === 2,
  );
  const child = startSender(mortal, [receiver.host], { crashPoint: 'after-webhook-before-mark' });
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  expect(receiver.received).toHaveLength(1);
  await mortal.startSending();
  await eventually('all arrive', () => receiver.received.length === 3);
  const sent = receiver.received.map(({ headers, body }) => [
    headers['webhook-id'],
    (JSON.parse(body) as { data: { reason: string } }).data.reason,
  ]);
  expect(sent[0]).toEqual(sent[1]);
  expect(sent.map(([, reason]) => reason)).toEqual(['1', '1', '2']);
});

test('by https, a receiver is believed whose certificate an authority we trust has signed, and no other', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'lootledger-https-'));
  const { keystorePath, password, caPath } = await makeCertificate(dir);
  const receiver = await startReceiver(ok, { pfx: await readFile(keystorePath), passphrase: password });
  secret.hosts.push(receiver.host);
  const match = randomUUID();
  const { subscriptionId } = await secret.subscribe({ url: receiver.url, filter: { key: match } });
  const only = async () => (await secret.deliveries(subscriptionId))[0];
  await tell(secret.db, cancelled(match, '1'));

  // this process trusts whom Node trusts
  const rules = { allowedHosts: [receiver.host] };
  await expect(safePost(receiver.url, { headers: {}, body: '' }, rules)).rejects.toThrow(/self-signed/);
  const sender = startSender(secret, [receiver.host], { crashPoint: 'never', ca: caPath });
  await eventually('it arrives', async () => (await only())?.state === 'delivered');
  sender.kill('SIGKILL');
  await once(sender, 'exit');
  expect(receiver.received).toHaveLength(1);
  await rm(dir, { recursive: true, force: true });
});
