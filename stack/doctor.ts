import type { Check, Finding } from './check.ts';
import { machineChecks } from './doctor-checks.ts';

export type { Check, Finding } from './check.ts';

const MARKS: Readonly<Record<Finding['state'], string>> = {
  ok: 'ok     ',
  note: 'note   ',
  missing: 'MISSING',
};

/** Runs every check, prints what it finds, and answers whether nothing is missing. A check that throws is a finding. */
export async function runDoctor(
  checks: readonly Check[],
  print: (line: string) => void = console.log,
): Promise<boolean> {
  let isHealthy = true;
  for (const check of checks) {
    print(check.title);
    for (const finding of await findings(check)) {
      if (finding.state === 'missing') isHealthy = false;
      print(`  ${MARKS[finding.state]} ${finding.name.padEnd(18)} ${finding.detail}`);
      if (finding.fix !== undefined) print(`          ${''.padEnd(18)} fix: ${finding.fix}`);
    }
  }
  print(
    isHealthy
      ? 'Everything that is needed is there.'
      : 'Something is missing; the lines marked MISSING say what.',
  );
  return isHealthy;
}

async function findings(check: Check): Promise<readonly Finding[]> {
  try {
    return await check.run();
  } catch (error) {
    return [
      { name: check.title, state: 'missing', detail: error instanceof Error ? error.message : String(error) },
    ];
  }
}

/** Checks of this machine and of the servers; topics, migrations and pollers are added by whoever may import them. */
export const checks: readonly Check[] = machineChecks();

if (import.meta.main) process.exitCode = (await runDoctor(checks)) ? 0 : 1;
