import { mkdir, writeFile } from 'node:fs/promises';
import type { EventType } from '../domain/events.ts';
import { fingerprintOf } from '../events/codec/registry-rules.ts';
import { typeRecords } from '../events/schemas/governance.ts';
import { releaseProblems } from '../events/schemas/released.ts';
import { readPresent, readReleased, releasedFolder } from './released-schemas.ts';

/**
 * `npm run release-schemas`, at a release: remembers the committed schemas in `events/schemas/released/`. From then on no
 * change passes the tests that could not read what this release writes.
 */
const present = await readPresent();
const released = await readReleased();
const problems = releaseProblems(present, released, new Date().toISOString().slice(0, 10));
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);

await mkdir(releasedFolder, { recursive: true });
const known = new Map(released.map((one) => [one.type, one]));
for (const [type, content] of present) {
  const before = known.get(type)?.versions ?? [];
  const last = before.at(-1);
  const isNew = last === undefined || fingerprintOf(last) !== fingerprintOf(content);
  const versions = isNew ? [...before, content] : before;
  const deprecatedOn = typeRecords[type as EventType].deprecated?.on ?? null;
  const text = `${JSON.stringify({ type, deprecatedOn, versions }, null, 2)}\n`;
  await writeFile(new URL(`${type}.json`, releasedFolder), text);
  if (isNew) console.log(`released ${type}, schema ${versions.length}`);
}
