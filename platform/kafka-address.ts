import { readFileSync } from 'node:fs';
import type { Config } from './config.ts';

/** Where Kafka is and how one gets in. `tls` without more trusts what Node trusts. */
export type KafkaAddress = {
  brokers: readonly string[];
  /** Put before every topic and group name; what callers see is without it. */
  prefix: string;
  tls?: boolean | { ca: string };
  sasl?: { username: string; password: string };
};

type KafkaConfig = Pick<
  Config,
  | 'KAFKA_BROKERS'
  | 'KAFKA_TOPIC_PREFIX'
  | 'KAFKA_TLS'
  | 'KAFKA_TLS_CA_FILE'
  | 'KAFKA_SASL_USERNAME'
  | 'KAFKA_SASL_PASSWORD'
>;

/** Fails on halves: a user without a password, a certificate authority that nothing would be checked against. */
export function kafkaAddress(config: KafkaConfig): KafkaAddress {
  const { KAFKA_TLS: tls, KAFKA_TLS_CA_FILE: caFile } = config;
  const { KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = config;
  if (caFile !== undefined && !tls) throw new Error('KAFKA_TLS_CA_FILE is set but KAFKA_TLS is not true');
  if ((username === undefined) !== (password === undefined))
    throw new Error('KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD are set together or not at all');
  return {
    brokers: config.KAFKA_BROKERS,
    prefix: config.KAFKA_TOPIC_PREFIX,
    tls: caFile === undefined ? tls : { ca: readCertificates(caFile) },
    ...(username !== undefined && password !== undefined && { sasl: { username, password } }),
  };
}

function readCertificates(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`KAFKA_TLS_CA_FILE cannot be read: ${path}`, { cause: error });
  }
}
