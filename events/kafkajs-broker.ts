import { createRequire } from 'node:module';
import kafkajs from 'kafkajs';
import type { Kafka, logCreator } from 'kafkajs';
import type { Log } from '../platform/log.ts';
import { BrokerRefusal } from './broker.ts';
import type { Broker, OutgoingMessage, Placement } from './broker.ts';
import { createKafkajsAdmin } from './kafkajs-admin.ts';
import { joinKafkajsGroup } from './kafkajs-group.ts';
import { connectOnce, withDeadline } from './patience.ts';

export type BrokerOptions = {
  brokers: readonly string[];
  clientId: string;
  /** Put before every topic and group name; what callers see is without it. */
  prefix: string;
  log: Log;
  tls?: boolean;
  sasl?: { username: string; password: string };
};

const requestTimeoutMs = 10_000;

/** Connects on first use: a process starts and serves while Kafka is down. */
export function createBroker(options: BrokerOptions): Broker {
  tameRequestQueue();
  const kafka = new kafkajs.Kafka({
    clientId: options.clientId,
    brokers: [...options.brokers],
    connectionTimeout: 3_000,
    requestTimeout: requestTimeoutMs,
    logLevel: kafkajs.logLevel.INFO,
    logCreator: logTo(options.log),
    // Callers retry, with their own idea of order and patience.
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 2 },
    ...(options.tls === true && { ssl: true }),
    ...(options.sasl && { sasl: { mechanism: 'scram-sha-512' as const, ...options.sasl } }),
  });
  const producer = createProducer(kafka, options.prefix);
  const admin = createKafkajsAdmin(kafka, options.prefix);
  return {
    send: producer.send,
    join: (group) => joinKafkajsGroup(kafka, options.prefix, group),
    admin: admin.verbs,
    ping: admin.ping,
    async close() {
      await Promise.allSettled([producer.close(), admin.close()]);
    },
  };
}

/**
 * Not idempotent: after a partly refused request kafkajs rolls its sequence numbers back also for the partitions that
 * accepted, and the broker then acknowledges what it never wrote. Duplicates are the inbox's business.
 */
function createProducer(kafka: Kafka, prefix: string) {
  const partitionOf = new WeakMap<object, number>();
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    idempotent: false,
    retry: { retries: 0 },
    createPartitioner: () => {
      const choose = kafkajs.Partitioners.DefaultPartitioner();
      return (args) => {
        const partition = choose(args);
        partitionOf.set(args.message, partition);
        return partition;
      };
    },
  });
  const connect = connectOnce(() => producer.connect());

  async function send(messages: readonly OutgoingMessage[], deadlineMs: number): Promise<Placement[]> {
    const outgoing = messages.map(({ topic, ...message }) => ({ topic: prefix + topic, message }));
    const byTopic = Map.groupBy(outgoing, ({ topic }) => topic);
    const topicMessages = [...byTopic].map(([topic, entries]) => ({
      topic,
      messages: entries.map(({ message }) => message),
    }));
    const request = async () => {
      await connect();
      return producer.sendBatch({ acks: -1, timeout: requestTimeoutMs, topicMessages });
    };
    const written = await withDeadline(request(), deadlineMs, 'Kafka').catch((error: unknown) => {
      throw asRefusal(error);
    });
    const next = new Map(
      written.map((entry) => [`${entry.topicName}/${entry.partition}`, BigInt(entry.baseOffset ?? -1)]),
    );
    return outgoing.map(({ topic, message }) => {
      const partition = partitionOf.get(message) ?? -1;
      const offset = next.get(`${topic}/${partition}`);
      if (offset === undefined) throw new Error(`Kafka did not say where ${topic}/${partition} went`);
      next.set(`${topic}/${partition}`, offset + 1n);
      return { partition, offset };
    });
  }

  return { send, close: () => producer.disconnect() };
}

/** Errors that the same messages would meet again. A missing topic is among them only once metadata has been fresh. */
const refusals = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_TIMESTAMP',
  'TOPIC_AUTHORIZATION_FAILED',
  'UNKNOWN_TOPIC_OR_PARTITION',
]);

function asRefusal(error: unknown): unknown {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const type = 'type' in cause ? String(cause.type) : '';
    if (refusals.has(type)) return new BrokerRefusal(`${type}: ${cause.message}`, { cause: error });
  }
  return error;
}

const repeatMs = 60_000;
/** A broker that has just started looks for its coordinators; kafkajs tries again by itself. */
const expectedAtStart = /GroupCoordinatorNotFound|coordinator is (not available|loading)/i;

/**
 * What kafkajs calls an error goes to a caller who retries and says so. That a consumer starts again nobody else says:
 * once a minute while it lasts.
 */
function logTo(log: Log): logCreator {
  const saidAtMs = new Map<string, number>();
  return () =>
    ({ log: entry, namespace }) => {
      const { message, logger: _logger, timestamp: _timestamp, stack: _stack, ...rest } = entry;
      const group = String(rest['groupId']);
      const isNews =
        message.startsWith('Crash:') &&
        !expectedAtStart.test(message) &&
        performance.now() - (saidAtMs.get(group) ?? -repeatMs) >= repeatMs;
      if (isNews) saidAtMs.set(group, performance.now());
      log[isNews ? 'warn' : 'debug']({ namespace, ...rest }, `kafka: ${message}`);
    };
}

let tamed = false;

/**
 * kafkajs re-arms a timer with a negative delay after every answer, so each idle connection wakes up every millisecond
 * (2–4 % of a core, and a TimeoutNegativeWarning): https://github.com/tulios/kafkajs/issues/1751. Upstream's pending fix
 * (pull request 1768) silences the warning and keeps the loop; here the timer runs only while something waits.
 */
function tameRequestQueue(): void {
  if (tamed) return;
  tamed = true;
  const load = createRequire(import.meta.url);
  const RequestQueue = load('kafkajs/src/network/requestQueue/index.js') as {
    prototype: RequestQueuePrototype;
  };
  RequestQueue.prototype.scheduleCheckPendingRequests = function scheduleWhileWaiting() {
    if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return;
    const throttledMs = this.throttledUntil - Date.now();
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null;
        this.checkPendingRequests();
      },
      Math.max(throttledMs, pendingCheckMs),
    );
  };
}

const pendingCheckMs = 10;

type RequestQueuePrototype = {
  pending: readonly unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
};
