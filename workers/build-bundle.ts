import { rename, writeFile } from 'node:fs/promises';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';

/**
 * Builds one bundle, as a process of its own: webpack takes some 250 MB, which a process that goes on to serve would keep.
 * The one argument says what to build and where to put it.
 */
export type BundleOrder = { workflowsPath: string; interceptors: string[]; codePath: string };

const { workflowsPath, interceptors, codePath } = JSON.parse(process.argv[2] ?? '') as BundleOrder;
const { code } = await bundleWorkflowCode({
  workflowsPath,
  workflowInterceptorModules: interceptors,
  logger: new DefaultLogger('WARN'),
});
// two processes may build the same bundle at once: whoever is last replaces it by an equal one
const unfinished = `${codePath}.${process.pid}`;
await writeFile(unfinished, code);
await rename(unfinished, codePath);
