import { execFile } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import kafkajs from 'kafkajs';
import type { AclEntry } from 'kafkajs';
import { hostEnvironment } from '../../../stack/environment.ts';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;
const script = path.join(import.meta.dirname, '../../../deploy/kafka-acls.sh');

const operations: Readonly<Record<string, number>> = {
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
  Create: AclOperationTypes.CREATE,
  Delete: AclOperationTypes.DELETE,
  Describe: AclOperationTypes.DESCRIBE,
  DescribeConfigs: AclOperationTypes.DESCRIBE_CONFIGS,
  AlterConfigs: AclOperationTypes.ALTER_CONFIGS,
};

/** What `deploy/kafka-acls.sh` would have the real program add; a JVM's start for each line would take half a minute. */
export async function aclsOfDeployment(dir: string, prefix: string): Promise<AclEntry[]> {
  const [recorder, record] = [path.join(dir, 'kafka-acls'), path.join(dir, 'asked')];
  await writeFile(recorder, `#!/bin/sh\nprintf '%s\\t' "$@" >> '${record}'\necho >> '${record}'\n`);
  await chmod(recorder, 0o755);
  const env = { ...hostEnvironment(), KAFKA_ACLS: recorder, KAFKA_TOPIC_PREFIX: prefix };
  await promisify(execFile)('sh', [script], { env });
  const lines = (await readFile(record, 'utf8')).trimEnd().split('\n');
  return lines.flatMap((line) => entriesOf(line.trimEnd().split('\t')));
}

function entriesOf(words: readonly string[]): AclEntry[] {
  const valuesOf = (option: string) => words.filter((_, n) => words[n - 1] === option);
  const [principal = ''] = valuesOf('--allow-principal');
  const [topic] = valuesOf('--topic');
  const [group] = valuesOf('--group');
  const isPrefixed = valuesOf('--resource-pattern-type').includes('prefixed');
  return valuesOf('--operation').map((name) => ({
    resourceType: topic === undefined ? AclResourceTypes.GROUP : AclResourceTypes.TOPIC,
    resourceName: topic ?? group ?? '',
    resourcePatternType: isPrefixed ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
    principal,
    host: '*',
    operation: operations[name] ?? AclOperationTypes.UNKNOWN,
    permissionType: AclPermissionTypes.ALLOW,
  }));
}
