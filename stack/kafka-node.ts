import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { INSTALL, requireProgram, runBuild } from './build.ts';
import type { KeptCommand } from './children.ts';
import { hostEnvironment } from './environment.ts';
import { ensureJars } from './jars.ts';
import type { Reporter } from './progress.ts';
import { KAFKA_HEAP, VERSIONS } from './versions.ts';

const RECIPE_DIR = join(import.meta.dirname, 'kafka');

/** Starts fast and small: the simple collector and the first compiler tier are enough for a laptop's traffic. */
const JVM = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];
const LOGGING = `-Dlog4j2.configurationFile=${join(RECIPE_DIR, 'log4j2.properties')}`;

/** The Java of this machine and Kafka's jars, fetched by Maven when they are not there yet. */
export interface KafkaProgram {
  readonly java: string;
  readonly classPath: string;
}

export async function kafkaProgram(reporter: Reporter): Promise<KafkaProgram> {
  const java = requireProgram('java', 'to run Kafka', INSTALL.java);
  const artifact = await ensureJars({ pomDir: RECIPE_DIR, name: `kafka-${VERSIONS.kafka}` }, reporter);
  return { java, classPath: join(artifact, 'lib', '*') };
}

export type KafkaProperties = Readonly<Record<string, string | number | boolean>>;

export async function writeProperties(path: string, properties: KafkaProperties): Promise<void> {
  const lines = Object.entries(properties).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(path, lines.join(''));
}

/** Formats `dataDir` as a new node's, beside it first: a killed run leaves no half of one. */
export async function formatKafka(
  { java, classPath }: KafkaProgram,
  node: { dir: string; dataDir: string; properties: KafkaProperties; formatArgs: readonly string[] },
): Promise<void> {
  const fresh = `${node.dataDir}.formatting`;
  await rm(fresh, { recursive: true, force: true });
  const propertiesPath = join(node.dir, 'format.properties');
  await writeProperties(propertiesPath, { ...node.properties, 'log.dirs': fresh });
  // one word: an id may begin with a dash
  const clusterId = `--cluster-id=${randomBytes(16).toString('base64url')}`;
  const format = ['kafka.tools.StorageTool', 'format', clusterId, '-c', propertiesPath, ...node.formatArgs];
  await runBuild({ file: java, args: [...JVM, LOGGING, '-cp', classPath, ...format], cwd: node.dir });
  await rename(fresh, node.dataDir);
}

export const kafkaCommand = (
  { java, classPath }: KafkaProgram,
  dir: string,
  propertiesPath: string,
): KeptCommand => ({
  file: java,
  args: [`-Xmx${KAFKA_HEAP}`, ...JVM, LOGGING, '-cp', classPath, 'kafka.Kafka', propertiesPath],
  env: hostEnvironment(),
  cwd: dir,
  stopSignal: 'TERM',
  stopGraceSeconds: 10,
});
