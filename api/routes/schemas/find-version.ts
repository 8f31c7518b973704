import type { Queryable } from '../../../store/db.ts';
import { readVersions } from '../../../store/schemas/reads.ts';
import type { StoredSchema } from '../../../store/schemas/reads.ts';
import { registryError } from '../../registry-dialect.ts';

/** All versions of a subject that has any. Throws `not_found`. */
export async function findVersions(db: Queryable, subject: string): Promise<StoredSchema[]> {
  const versions = await readVersions(db, subject);
  if (versions.length === 0)
    throw registryError('not_found', 'subjectNotFound', `There is no subject ${subject}.`);
  return versions;
}

/** One of them, by number or as `latest` (old clients say -1). Throws `not_found`. */
export async function findVersion(db: Queryable, subject: string, version: string): Promise<StoredSchema> {
  const versions = await findVersions(db, subject);
  const found =
    version === 'latest' || version === '-1'
      ? versions.at(-1)
      : versions.find((one) => one.version === Number(version));
  if (found === undefined)
    throw registryError('not_found', 'versionNotFound', `${subject} has no version ${version}.`);
  return found;
}
