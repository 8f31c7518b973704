import { createBroker } from '../../events/kafkajs/broker.ts';
import { createCodec } from '../../events/codec/codec.ts';
import { consume } from '../../events/consumer/consume.ts';
import { openRegistry } from '../../events/codec/registry.ts';
import { startRelay } from '../../events/relay/relay.ts';
import { createCrashPoints } from '../../platform/crash-points.ts';
import { createLog } from '../../platform/log.ts';
import { createMetrics } from '../../platform/metrics.ts';
import { openDb } from '../../store/db.ts';
import { recording, recordingMany } from './recording.ts';

/** A relay or a consumer as a process of its own, for tests that kill it at a named point. */
export type CrashingOptions = {
  role: 'relay' | 'consumer' | 'batches';
  url: string;
  brokers: readonly string[];
  prefix: string;
  group: string;
  crashPoint: string;
};

const { role, url, brokers, prefix, group, crashPoint } = JSON.parse(
  process.argv[2] ?? '',
) as CrashingOptions;
const log = createLog(role, 'silent');
const db = openDb({ url, connectionCountMax: 20 });
const codec = createCodec(await openRegistry(db));
const deps = {
  db,
  broker: createBroker({ brokers, clientId: role, prefix, log }),
  codec,
  origin: { source: '/lootledger/test', ledgerEpoch: 1 },
  metrics: createMetrics(),
  log,
  crash: createCrashPoints(crashPoint),
};
if (role === 'relay') startRelay(deps);
else if (role === 'batches') consume(deps, recordingMany(undefined, { group }));
else consume(deps, recording(undefined, { group }));
