import type { Admin, Kafka } from 'kafkajs';
import { asRefusal, isAboutTopic } from './kafkajs-errors.ts';
import { connectOnce, withDeadline } from './patience.ts';

export type AskAdmin = <T>(question: (admin: Admin) => Promise<T>) => Promise<T>;

const deadlineMs = 30_000;

/**
 * A kafkajs admin, too, asks for the metadata of every topic it ever heard of at once, and one that somebody else deleted
 * fails everything it is asked from then on. So what Kafka says about a topic is asked again of an admin that knows of
 * none, and when that one gets an answer it takes the other's place.
 */
export function createAdminClient(kafka: Kafka): {
  ask<T>(question: (admin: Admin) => Promise<T>, withinMs?: number): Promise<T>;
  close(): Promise<void>;
} {
  let shared = openAdmin(kafka);
  async function askAnyhow<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    const asked = shared;
    try {
      return await asked.ask(question);
    } catch (error) {
      if (!isAboutTopic(error)) throw error;
    }
    const fresh = openAdmin(kafka);
    try {
      const answer = await fresh.ask(question);
      if (shared === asked) {
        shared = fresh;
        asked.retire();
      }
      return answer;
    } finally {
      if (shared !== fresh) fresh.retire();
    }
  }
  return {
    ask: (question, withinMs = deadlineMs) =>
      withDeadline(askAnyhow(question), withinMs, 'Kafka').catch((error: unknown) => {
        throw asRefusal(error);
      }),
    close: () => shared.close(),
  };
}

function openAdmin(kafka: Kafka) {
  const admin = kafka.admin();
  const connect = connectOnce(() => admin.connect());
  let atHandCount = 0;
  let retired = false;
  const closeWhenIdle = () => {
    if (retired && atHandCount === 0) admin.disconnect().catch(() => {});
  };
  return {
    async ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
      atHandCount += 1;
      try {
        await connect();
        return await question(admin);
      } finally {
        atHandCount -= 1;
        closeWhenIdle();
      }
    },
    /** Closed as soon as nothing is at hand. */
    retire() {
      retired = true;
      closeWhenIdle();
    },
    close: () => admin.disconnect(),
  };
}
