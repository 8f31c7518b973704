import { asRefusal, isAboutTopic, isSilence } from './errors.ts';
import { connectOnce, withDeadline } from '../patience.ts';

type Connectable = { connect(): Promise<void>; disconnect(): Promise<void> };

export type KeptClient<Client> = {
  /** Fails at the deadline, and with BrokerRefusal where Kafka refuses what was asked. */
  use<T>(work: (client: Client) => Promise<T>, deadlineMs: number): Promise<T>;
  close(): Promise<void>;
};

/**
 * One shared producer or admin of kafkajs, replaced where kafkajs itself would not recover:
 * - It asks for the metadata of every topic it ever heard of at once, and one that is missing fails the request for all. So
 *   whatever Kafka says about a topic is asked again of a client that knows of none, and when that one gets an answer it
 *   takes the other's place.
 * - A connection that went silent (the network, not Kafka, dropped it) it uses on and on, each request timing out. So after
 *   a silence the next question goes to a new client.
 */
export function keepClient<Client extends Connectable>(open: () => Client): KeptClient<Client> {
  let shared = lend(open());
  const replace = (asked: Lent<Client>, by: () => Lent<Client>) => {
    if (shared !== asked) return;
    shared = by();
    asked.retire();
  };

  async function ask<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const asked = shared;
    try {
      return await asked.use(work);
    } catch (error) {
      if (!isAboutTopic(error)) throw error;
    }
    const fresh = lend(open());
    try {
      const answer = await fresh.use(work);
      replace(asked, () => fresh);
      return answer;
    } finally {
      if (shared !== fresh) fresh.retire();
    }
  }

  return {
    async use(work, deadlineMs) {
      const asked = shared;
      try {
        return await withDeadline(ask(work), deadlineMs, 'Kafka');
      } catch (error) {
        if (isSilence(error)) replace(asked, () => lend(open()));
        throw asRefusal(error);
      }
    },
    close: () => shared.close(),
  };
}

type Lent<Client> = {
  use<T>(work: (client: Client) => Promise<T>): Promise<T>;
  /** Closed as soon as nothing is at hand. */
  retire(): void;
  close(): Promise<void>;
};

function lend<Client extends Connectable>(client: Client): Lent<Client> {
  const connect = connectOnce(() => client.connect());
  let atHandCount = 0;
  let retired = false;
  const closeWhenIdle = () => {
    if (retired && atHandCount === 0) client.disconnect().catch(() => {});
  };
  return {
    async use(work) {
      atHandCount += 1;
      try {
        await connect();
        return await work(client);
      } finally {
        atHandCount -= 1;
        closeWhenIdle();
      }
    },
    retire() {
      retired = true;
      closeWhenIdle();
    },
    close: () => client.disconnect(),
  };
}
