import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { formatKafka, kafkaCommand, kafkaProgram, writeProperties } from './kafka-node.ts';
import type { KafkaProperties } from './kafka-node.ts';
import type { NativeRecipe, NativeServer } from './native.ts';
import { probeKafka } from './probe.ts';
import { KAFKA_SETTINGS, VERSIONS } from './versions.ts';

/** One Kafka broker that is its own controller (KRaft), from the jars that Maven resolves. */
export const kafkaRecipe: NativeRecipe = {
  service: 'kafka',
  async prepare({ dir, reporter, port: choosePort }): Promise<NativeServer> {
    const program = await kafkaProgram(reporter);
    const port = await choosePort('main');
    const dataDir = join(dir, 'data');
    const properties = propertiesOf(port, await choosePort('controller'), dataDir);
    if (!existsSync(dataDir)) {
      reporter.report('initialising', `formatting ${dataDir}`);
      await formatKafka(program, { dir, dataDir, properties, formatArgs: ['--standalone'] });
    }
    const propertiesPath = join(dir, 'server.properties');
    await writeProperties(propertiesPath, properties);
    return {
      command: kafkaCommand(program, dir, propertiesPath),
      port,
      version: VERSIONS.kafka,
      detail: `KRaft, data in ${dataDir}`,
      answers: async () => await probeKafka('127.0.0.1', port),
    };
  },
};

const propertiesOf = (port: number, controllerPort: number, dataDir: string): KafkaProperties => ({
  'process.roles': 'broker,controller',
  'node.id': 1,
  listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
  'advertised.listeners': `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
  'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
  'controller.listener.names': 'CONTROLLER',
  'controller.quorum.bootstrap.servers': `127.0.0.1:${controllerPort}`,
  'log.dirs': dataDir,
  ...KAFKA_SETTINGS,
});
