import { addressAnswers } from '../address.ts';
import { isAlive, logPath, readState } from '../state.ts';
import { SERVICE_NAMES } from '../types.ts';

/** One line per server; the exit code is 0 only when all of them answer. */
export async function status(dir: string): Promise<number> {
  const state = await readState(dir);
  if (state === undefined || !isAlive(state.launcherPid)) {
    console.log(`Nothing runs in ${dir}. \`npm run stack -- up\` starts the servers.`);
    return 1;
  }
  console.log(
    `launcher    process ${state.launcherPid}, since ${state.startedAt}${state.ready ? '' : ', still starting'}`,
  );
  let exitCode = 0;
  for (const service of SERVICE_NAMES) {
    const server = state.servers[service];
    if (server === undefined) {
      console.log(`${service.padEnd(12)}not running`);
      exitCode = 1;
      continue;
    }
    const answers = await addressAnswers(service, server.address);
    if (!answers) exitCode = 1;
    const ofProcess = server.pid === undefined ? '' : `, process ${server.pid}`;
    const ui = server.uiUrl === undefined ? '' : `, Web UI ${server.uiUrl}`;
    console.log(`${service.padEnd(12)}${answers ? 'answers' : 'DOES NOT ANSWER'}  ${server.address}${ui}`);
    console.log(
      `            ${server.report.version} (${server.report.rung}${ofProcess}), log ${logPath(dir, service)}`,
    );
  }
  return exitCode;
}
