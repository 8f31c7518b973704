import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Broker, JoinGroupOptions } from '../../../events/kafka/broker.ts';
import { tailTopics } from '../../../events/streams/tail.ts';
import { eventTools, eventually } from '../support.ts';

const tools = await eventTools(['game.match'], 2);
const { broker } = tools;

test('a tail whose member is lost goes on where it was, whatever came meanwhile; of the past it tells nothing', async () => {
  const say = async (...texts: string[]) => {
    const messages = texts.map((text) => ({
      topic: 'game.match',
      key: Buffer.from(randomUUID()),
      value: Buffer.from(text),
      headers: {},
    }));
    await broker.send(messages, 10_000);
  };
  const joined: JoinGroupOptions[] = [];
  const [left, back] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const losing: Broker = {
    ...broker,
    async join(options) {
      joined.push(options);
      const member = await broker.join(options);
      if (joined.length > 1) return member;
      const stop = async () => {
        await member.stop();
        left.resolve();
        await back.promise;
      };
      return Object.create(member, { stop: { value: stop } }) as typeof member;
    },
  };
  await say('before');
  const heard: string[] = [];
  const tail = tailTopics({ ...tools, broker: losing }, ['game.match'], ({ value }) =>
    heard.push(String(value)),
  );
  await eventually('it has begun', () => joined.length === 1);
  const early = Array.from({ length: 10 }, (_, n) => `early ${n}`);
  await say(...early);
  await eventually('it hears', () => heard.length === early.length);
  joined[0]?.onEnded(new Error('lost'));
  await left.promise;
  const meanwhile = Array.from({ length: 10 }, (_, n) => `meanwhile ${n}`);
  await say(...meanwhile);
  back.resolve();
  await eventually('it hears what came', () => heard.length >= early.length + meanwhile.length);
  await say('after');
  await eventually('and what comes', () => heard.includes('after'));
  await tail.stop();
  expect(heard.toSorted()).toEqual([...early, ...meanwhile, 'after'].toSorted());
});
