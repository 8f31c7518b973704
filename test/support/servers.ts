import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { startStack } from '../../stack/launcher.ts';
import { createTemplate, dropDatabase } from './template.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    servers: {
      databaseUrl: string;
      templateName: string;
      kafkaBrokers: readonly string[];
      temporalAddress: string;
      temporalUiUrl: string;
    };
  }
}

/** Starts the real servers once per run, on free ports with data of their own, unless the environment names some. */
export default async function setup(project: TestProject) {
  const folder = await mkdtemp(path.join(tmpdir(), 'lootledger-test-'));
  const stack = await startStack({
    dir: folder,
    ports: 'free',
    onProgress: ({ service, phase, detail }) => console.log(`${service}: ${phase} ${detail ?? ''}`),
  });
  const templateName = `template_${process.pid}_${Date.now()}`;
  await createTemplate(stack.databaseUrl, templateName);
  project.provide('servers', {
    databaseUrl: stack.databaseUrl,
    templateName,
    kafkaBrokers: stack.kafkaBrokers,
    temporalAddress: stack.temporalAddress,
    temporalUiUrl: stack.temporalUiUrl ?? 'http://127.0.0.1:8233',
  });
  return async () => {
    await dropDatabase(stack.databaseUrl, templateName);
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  };
}
