import { readFile, readdir } from 'node:fs/promises';
import type { JsonValue } from '../domain/canonical-json.ts';
import type { ReleasedType } from '../events/schemas/released.ts';

const folder = new URL('../events/schemas/', import.meta.url);
export const releasedFolder = new URL('released/', folder);

const readJson = async (url: URL): Promise<unknown> => JSON.parse(await readFile(url, 'utf8'));
const namesIn = async (url: URL, ending: string): Promise<string[]> =>
  (await readdir(url).catch(() => [])).filter((name) => name.endsWith(ending)).toSorted();

/** The committed schemas, by type. */
export async function readPresent(): Promise<Map<string, JsonValue>> {
  const names = await namesIn(folder, '.avsc');
  const entries = names.map(
    async (name) =>
      [name.slice(0, -'.avsc'.length), (await readJson(new URL(name, folder))) as JsonValue] as const,
  );
  return new Map(await Promise.all(entries));
}

export async function readReleased(): Promise<ReleasedType[]> {
  const names = await namesIn(releasedFolder, '.json');
  return Promise.all(
    names.map(async (name) => (await readJson(new URL(name, releasedFolder))) as ReleasedType),
  );
}
