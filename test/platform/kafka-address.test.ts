import { expect, test } from 'vitest';
import { loadConfig } from '../../platform/config.ts';
import { kafkaAddress } from '../../platform/kafka-address.ts';

const addressOf = (environment: Record<string, string>) => kafkaAddress(loadConfig(environment));

test('half a login and a certificate authority that nothing is checked against are mistakes', () => {
  expect(() => addressOf({ KAFKA_SASL_USERNAME: 'relay' })).toThrow(/KAFKA_SASL_PASSWORD/);
  expect(() => addressOf({ KAFKA_SASL_PASSWORD: 'secret' })).toThrow(/KAFKA_SASL_USERNAME/);
  expect(() => addressOf({ KAFKA_TLS_CA_FILE: '/ca.pem' })).toThrow(/KAFKA_TLS is not true/);
  expect(() => addressOf({ KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: '/no/such.pem' })).toThrow(
    /KAFKA_TLS_CA_FILE cannot be read: \/no\/such\.pem/,
  );
});

test('without a word about it Kafka is spoken to plainly', () => {
  expect(addressOf({ KAFKA_BROKERS: 'a:1,b:2' })).toEqual({
    brokers: ['a:1', 'b:2'],
    prefix: '',
    tls: false,
  });
});
