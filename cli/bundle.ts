import { bundleNames, workflowBundle } from '../workers/bundle.ts';

/** `npm run bundle`: builds what workers and tests would otherwise build on their first start. */
for (const name of bundleNames) {
  const startedAtMs = performance.now();
  const { codePath } = await workflowBundle(name);
  console.log(`${name}: ${codePath} (${Math.round(performance.now() - startedAtMs)} ms)`);
}
