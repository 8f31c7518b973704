import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, inject, test } from 'vitest';
import { hostEnvironment } from '../../../stack/environment.ts';
import { adapters, openWorld } from './adapters.ts';

describe.each(adapters)('$name', (adapter) => {
  const world = openWorld(adapter);

  // kafkajs by itself arms one every millisecond per connection: three connections cost a tenth of a core
  test('a process with producer, consumer and admin that has nothing to do arms few timers', async () => {
    const topic = await world.topic();
    const args = [
      adapter.module,
      adapter.open.name,
      inject('servers').kafkaBrokers.join(','),
      world.prefix,
      topic,
    ];
    const script = path.join(import.meta.dirname, 'idle-process.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [script, ...args], {
      env: hostEnvironment(),
    });
    const idle = JSON.parse(stdout) as { armedPerSecond: number; warnings: string[] };
    expect(idle.warnings).toEqual([]);
    expect(idle.armedPerSecond).toBeLessThan(50);
  });
});
