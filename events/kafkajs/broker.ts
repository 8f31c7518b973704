import { createRequire } from 'node:module';
import kafkajs from 'kafkajs';
import type { logCreator } from 'kafkajs';
import type { KafkaAddress } from '../../platform/kafka-address.ts';
import type { Log } from '../../platform/log.ts';
import type { Broker } from '../kafka/broker.ts';
import { createKafkajsAdmin } from './admin.ts';
import { joinKafkajsGroup } from './group.ts';
import { hastenReading } from './decode-record.ts';
import { hastenProducing } from './encode-produce.ts';
import { createProducer, requestTimeoutMs } from './producer.ts';
import { readKafkajsFrom } from './read-from.ts';

export type BrokerOptions = KafkaAddress & { clientId: string; log: Log };

/** Connects on first use: a process starts and serves while Kafka is down. */
export function createBroker(options: BrokerOptions): Broker {
  tameRequestQueue();
  hastenProducing();
  hastenReading();
  const kafka = new kafkajs.Kafka({
    clientId: options.clientId,
    brokers: [...options.brokers],
    connectionTimeout: 3_000,
    requestTimeout: requestTimeoutMs,
    logLevel: kafkajs.logLevel.INFO,
    logCreator: logTo(options.log),
    // Callers retry, with their own idea of order and patience.
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 2 },
    ssl: typeof options.tls === 'object' ? { ca: [options.tls.ca] } : options.tls === true,
    ...(options.sasl && { sasl: { mechanism: 'scram-sha-512' as const, ...options.sasl } }),
  });
  const producer = createProducer(kafka, options.prefix);
  const admin = createKafkajsAdmin(kafka, options.prefix);
  return {
    send: producer.send,
    join: (group) => joinKafkajsGroup(kafka, options.prefix, group),
    readFrom: (reading) => readKafkajsFrom({ kafka, prefix: options.prefix, admin: admin.verbs }, reading),
    admin: admin.verbs,
    ping: admin.ping,
    async close() {
      await Promise.allSettled([producer.close(), admin.close()]);
    },
  };
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
