import { randomBytes } from 'node:crypto';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatKafka, kafkaCommand, kafkaProgram, writeProperties } from './kafka-node.ts';
import type { KafkaProperties } from './kafka-node.ts';
import type { NativeServer } from './native.ts';
import { freePort } from './ports.ts';
import { isAccepting, probeKafka } from './probe.ts';
import { createReporter } from './progress.ts';
import { keepRunning } from './start-native.ts';
import type { OnProgress, ServiceControl } from './types.ts';
import { KAFKA_SETTINGS, VERSIONS } from './versions.ts';

export interface KafkaClusterOptions {
  /** Data and logs; empty or not there yet. */
  readonly dir: string;
  /** Each is broker and controller; three keep a majority when one is lost. */
  readonly nodeCount: number;
  /** How clients speak with it. Brokers speak plainly among themselves. */
  readonly clients?: 'PLAINTEXT' | 'SASL_SSL';
  /** Properties of every node, on top of ours and before them. */
  readonly settings?: KafkaProperties;
  /** Further arguments of the formatting, like `--add-scram`. */
  readonly formatArgs?: readonly string[];
  /** Where clients find a node that listens at `port`; a proxy's port, say. Default: there. */
  advertise?(port: number): Promise<number>;
  readonly onProgress?: OnProgress;
}

export interface KafkaCluster {
  /** As clients are to reach them. */
  readonly brokers: readonly string[];
  /** Node 1 first. */
  readonly nodes: readonly ServiceControl[];
  stop(): Promise<void>;
}

/** A Kafka of its own for tests that a shared one cannot serve: several brokers, other listeners. Native only. */
export async function startKafkaCluster(options: KafkaClusterOptions): Promise<KafkaCluster> {
  const reporter = createReporter('kafka', options.onProgress);
  const program = await kafkaProgram(reporter);
  await mkdir(options.dir, { recursive: true });
  const ports = await Promise.all(Array.from({ length: options.nodeCount }, () => choosePorts(options)));
  const formatted = join(options.dir, 'formatted');
  reporter.report('initialising', `formatting ${options.nodeCount} nodes in ${options.dir}`);
  await formatKafka(program, {
    dir: options.dir,
    dataDir: formatted,
    properties: propertiesOf(options, ports, 1),
    formatArgs: options.formatArgs ?? [],
  });
  reporter.report('starting', ports.map(({ main }) => `127.0.0.1:${main}`).join(', '));
  const nodes = await Promise.all(
    ports.map(async ({ main }, index) => {
      const dir = join(options.dir, `node-${index + 1}`);
      const dataDir = join(dir, 'data');
      await cp(formatted, dataDir, { recursive: true });
      await renameNode(dataDir, index + 1);
      const propertiesPath = join(dir, 'server.properties');
      await writeProperties(propertiesPath, {
        ...propertiesOf(options, ports, index + 1),
        'log.dirs': dataDir,
      });
      const server: NativeServer = {
        command: kafkaCommand(program, dir, propertiesPath),
        port: main,
        version: VERSIONS.kafka,
        detail: dataDir,
        answers: () =>
          options.clients === 'SASL_SSL' ? isAccepting('127.0.0.1', main) : probeKafka('127.0.0.1', main),
      };
      return await keepRunning('kafka', server, dir);
    }),
  );
  reporter.report('ready', '');
  return {
    brokers: ports.map(({ advertised }) => `127.0.0.1:${advertised}`),
    nodes,
    stop: async () => void (await Promise.all(nodes.map((node) => node.stop('SIGKILL')))),
  };
}

type NodePorts = { main: number; advertised: number; internal: number; controller: number };

async function choosePorts({ advertise }: KafkaClusterOptions): Promise<NodePorts> {
  const main = await freePort();
  const advertised = (await advertise?.(main)) ?? main;
  return { main, advertised, internal: await freePort(), controller: await freePort() };
}

/** Formatting takes a JVM's start: one node is formatted and the others get a copy with a name of their own. */
async function renameNode(dataDir: string, nodeId: number): Promise<void> {
  const path = join(dataDir, 'meta.properties');
  const directoryId = randomBytes(16).toString('base64url');
  const text = (await readFile(path, 'utf8'))
    .replace(/^node\.id=.*$/m, `node.id=${nodeId}`)
    .replace(/^directory\.id=.*$/m, `directory.id=${directoryId}`);
  await writeFile(path, text);
}

function propertiesOf(
  options: KafkaClusterOptions,
  ports: readonly NodePorts[],
  nodeId: number,
): KafkaProperties {
  const own = ports[nodeId - 1];
  if (own === undefined) throw new Error(`there is no node ${nodeId}`);
  const replicas = Math.min(3, ports.length);
  const inSync = Math.max(1, replicas - 1);
  return {
    ...KAFKA_SETTINGS,
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'min.insync.replicas': inSync,
    ...options.settings,
    'process.roles': 'broker,controller',
    'node.id': nodeId,
    'controller.quorum.voters': ports
      .map(({ controller }, index) => `${index + 1}@127.0.0.1:${controller}`)
      .join(','),
    listeners: listeners(own.main, own),
    'advertised.listeners': listeners(own.advertised, own),
    'listener.security.protocol.map': `CLIENTS:${options.clients ?? 'PLAINTEXT'},INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT`,
    'inter.broker.listener.name': 'INTERNAL',
    'controller.listener.names': 'CONTROLLER',
  };
}

const listeners = (clients: number, { internal, controller }: NodePorts): string =>
  `CLIENTS://127.0.0.1:${clients},INTERNAL://127.0.0.1:${internal},CONTROLLER://127.0.0.1:${controller}`;
