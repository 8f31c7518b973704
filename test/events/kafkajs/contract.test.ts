import { describe } from 'vitest';
import { adapters, openWorld } from './adapters.ts';
import { adminContract } from './contract-admin.ts';
import { groupContract } from './contract-groups.ts';
import { producerContract } from './contract-producer.ts';
import { readerContract } from './contract-reader.ts';

describe.each(adapters)('$name', (adapter) => {
  const world = openWorld(adapter);
  producerContract(world);
  readerContract(world);
  groupContract(world);
  adminContract(world, adapter);
});
