import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, inject, test } from 'vitest';
import { hostEnvironment } from '../../../stack/environment.ts';
import { adapters, openWorld } from './adapters.ts';
import type { IdleReport } from './idle-process.ts';

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
    const script = fileURLToPath(new URL('idle-process.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [script, ...args], {
      env: hostEnvironment(),
    });
    const idle = JSON.parse(stdout) as IdleReport;
    expect(idle.warnings).toEqual([]);
    expect(idle.armedPerSecond).toBeLessThan(50);
    // CPU time, which a busy machine does not add to; what spins without a timer takes a whole core
    expect(idle.cpuShare).toBeLessThan(0.3);
  });
});
