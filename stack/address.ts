import { probeKafka, probePostgres } from './probe.ts';
import { splitAddress, temporalAnswers } from './temporal-answers.ts';
import type { Environment, ServiceName } from './types.ts';

/** The variable that names a server which somebody else runs; the ladder's first rung. */
export const ADDRESS_VARIABLES: Readonly<Record<ServiceName, string>> = {
  postgres: 'DATABASE_URL',
  kafka: 'KAFKA_BROKERS',
  temporal: 'TEMPORAL_ADDRESS',
};

export function givenAddress(service: ServiceName, env: Environment): string | undefined {
  const value = env[ADDRESS_VARIABLES[service]];
  return value === undefined || value === '' ? undefined : value;
}

/** Asks the server at an address of the environment's form: a URL, a list of brokers, or host:port. */
export async function addressAnswers(service: ServiceName, address: string): Promise<boolean> {
  switch (service) {
    case 'postgres': {
      const url = new URL(address);
      return await probePostgres(url.hostname, Number.parseInt(url.port || '5432', 10));
    }
    case 'kafka': {
      const brokers = address.split(',').map((broker) => splitAddress(broker.trim()));
      const found = await Promise.all(brokers.map(async ([host, port]) => await probeKafka(host, port)));
      return found.includes(true);
    }
    case 'temporal':
      return await temporalAnswers(address);
  }
}
