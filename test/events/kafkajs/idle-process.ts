import type { Broker } from '../../../events/kafka/broker.ts';
import type { BrokerOptions } from '../../../events/kafkajs/broker.ts';
import { createLog } from '../../../platform/log.ts';

export type IdleReport = { armedPerSecond: number; cpuShare: number; warnings: string[] };

/**
 * A process that has said and heard something and then idles; it prints how many timers it armed per second of idling, and
 * what Node warned of. Arguments: module and name of the adapter, brokers, prefix, topic.
 */
let armedCount = 0;
const arm = globalThis.setTimeout;
globalThis.setTimeout = Object.assign(
  ((...args: Parameters<typeof arm>) => {
    armedCount += 1;
    return arm(...args);
  }) as typeof arm,
  arm,
);
const warnings: string[] = [];
process.on('warning', ({ name }) => warnings.push(name));

const [module = '', name = '', brokers = '', prefix = '', topic = ''] = process.argv.slice(2);
const adapter = (await import(module)) as Record<string, (options: BrokerOptions) => Broker>;
const broker = adapter[name]!({
  brokers: brokers.split(','),
  clientId: 'idle',
  prefix,
  log: createLog('idle', 'silent'),
});
await broker.admin.listTopics();
await broker.send([{ topic, key: null, value: null, headers: {} }], 10_000);
const heard = Promise.withResolvers<void>();
const member = await broker.join({
  group: `idle-${process.pid}`,
  topics: [topic],
  from: 'earliest',
  onAssigned: () => {},
  onRebalancing: () => {},
  onRecords: () => heard.resolve(),
  onEnded: heard.reject,
});
await heard.promise;
await broker.ping();

const seconds = 2;
armedCount = 0;
const cpu = process.cpuUsage();
await new Promise((resolve) => arm(resolve, seconds * 1_000));
const { user, system } = process.cpuUsage(cpu);
const report: IdleReport = {
  armedPerSecond: armedCount / seconds,
  cpuShare: (user + system) / 1e6 / seconds,
  warnings,
};
process.stdout.write(`${JSON.stringify(report)}\n`);
await member.stop();
await broker.close();
process.exit(0);
