import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { INSTALL, requireProgram, runBuild } from './build.ts';
import { hostEnvironment } from './environment.ts';
import { ensureJars } from './jars.ts';
import type { NativeRecipe, NativeServer } from './native.ts';
import { probeKafka } from './probe.ts';
import { KAFKA_HEAP, KAFKA_SETTINGS, VERSIONS } from './versions.ts';

const RECIPE_DIR = join(import.meta.dirname, 'kafka');

/** One Kafka broker that is its own controller (KRaft), from the jars that Maven resolves. */
export const kafkaRecipe: NativeRecipe = {
  service: 'kafka',
  async prepare({ dir, reporter, port: choosePort }): Promise<NativeServer> {
    const java = requireProgram('java', 'to run Kafka', INSTALL.java);
    const artifact = await ensureJars({ pomDir: RECIPE_DIR, name: `kafka-${VERSIONS.kafka}` }, reporter);
    const classPath = join(artifact, 'lib', '*');
    const port = await choosePort('main');
    const controllerPort = await choosePort('controller');
    const dataDir = join(dir, 'data');
    const propertiesPath = join(dir, 'server.properties');
    const logging = `-Dlog4j2.configurationFile=${join(RECIPE_DIR, 'log4j2.properties')}`;

    if (!existsSync(dataDir)) {
      reporter.report('initialising', `formatting ${dataDir}`);
      const fresh = `${dataDir}.formatting`;
      await rm(fresh, { recursive: true, force: true });
      await writeFile(propertiesPath, properties(port, controllerPort, fresh));
      const clusterId = randomBytes(16).toString('base64url');
      const format = [
        'kafka.tools.StorageTool',
        'format',
        '--standalone',
        // one word: an id may begin with a dash
        `--cluster-id=${clusterId}`,
        '-c',
        propertiesPath,
      ];
      await runBuild({ file: java, args: [...JVM, logging, '-cp', classPath, ...format], cwd: dir });
      await rename(fresh, dataDir);
    }
    await writeFile(propertiesPath, properties(port, controllerPort, dataDir));
    return {
      command: {
        file: java,
        args: [`-Xmx${KAFKA_HEAP}`, ...JVM, logging, '-cp', classPath, 'kafka.Kafka', propertiesPath],
        env: hostEnvironment(),
        cwd: dir,
        stopSignal: 'TERM',
        stopGraceSeconds: 10,
      },
      port,
      version: VERSIONS.kafka,
      detail: `KRaft, data in ${dataDir}`,
      answers: async () => await probeKafka('127.0.0.1', port),
    };
  },
};

/** Starts fast and small: the simple collector and the first compiler tier are enough for a laptop's traffic. */
const JVM = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];

function properties(port: number, controllerPort: number, dataDir: string): string {
  const values: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.bootstrap.servers': `127.0.0.1:${controllerPort}`,
    'log.dirs': dataDir,
    ...KAFKA_SETTINGS,
  };
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
