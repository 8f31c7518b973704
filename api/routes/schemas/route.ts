import { z } from '@hono/zod-openapi';
import { compatibilityLevel } from '../../../events/codec/registry-rules.ts';
import { readSchema, readSubjects } from '../../../store/schemas/reads.ts';
import { operator } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { registryContentType, registryError } from '../../registry-dialect.ts';
import { findVersion, findVersions } from './find-version.ts';
import { registerRoutes } from './register.ts';
import { Hints, SchemaId, SchemaVersion, Subject, Version, versionView } from './schemas.ts';

/**
 * The part of Confluent's registry that Kafka's tools and client libraries use, under `…/v1/schemas` as their base URL. Reads
 * here; `register.ts` has the rest.
 */
const common = {
  method: 'get',
  tag: 'schemas',
  auth: operator('events:read'),
  dialect: 'schema-registry',
  mutation: false,
  limit: 'read',
} as const;

const answer = (description: string, schema: z.ZodType) => ({
  200: { description, schema, contentType: registryContentType },
});
const Names = z.array(z.string());
const Numbers = z.array(z.number().int());
const Level = z
  .strictObject({ compatibilityLevel: z.literal(compatibilityLevel) })
  .openapi('RegistryCompatibilityLevel');
const level = { status: 200, body: { compatibilityLevel } };

const subjects = defineRoute(
  {
    ...common,
    path: '/v1/schemas/subjects',
    operationId: 'listSchemaSubjects',
    summary: 'Every subject: `<topic>-<type>`',
    query: Hints.extend({ subjectPrefix: z.string().max(255).optional() }),
    answers: answer('Their names', Names),
  },
  async ({ deps, query: { subjectPrefix = '' } }) => {
    const names = await readSubjects(deps.db);
    return { status: 200, body: names.filter((name) => name.startsWith(subjectPrefix)) };
  },
);

const versions = defineRoute(
  {
    ...common,
    path: '/v1/schemas/subjects/{subject}/versions',
    operationId: 'listSchemaVersions',
    summary: 'The versions of a subject',
    params: z.strictObject({ subject: Subject }),
    query: Hints,
    answers: answer('Their numbers', Numbers),
  },
  async ({ deps, params }) => {
    const all = await findVersions(deps.db, params.subject);
    return { status: 200, body: all.map(({ version }) => version) };
  },
);

const version = defineRoute(
  {
    ...common,
    path: '/v1/schemas/subjects/{subject}/versions/{version}',
    operationId: 'readSchemaVersion',
    summary: 'One version of a subject, or its latest',
    params: z.strictObject({ subject: Subject, version: Version }),
    query: Hints,
    answers: answer('The schema', SchemaVersion),
  },
  async ({ deps, params }) => ({
    status: 200,
    body: versionView(await findVersion(deps.db, params.subject, params.version)),
  }),
);

const byId = defineRoute(
  {
    ...common,
    path: '/v1/schemas/schemas/ids/{id}',
    operationId: 'readSchemaById',
    summary: 'The schema whose id stands before an Avro value',
    params: z.strictObject({ id: SchemaId }),
    query: Hints,
    answers: answer('The schema', z.strictObject({ schema: z.string() }).openapi('RegistrySchemaText')),
  },
  async ({ deps, params }) => {
    const stored = await readSchema(deps.db, params.id);
    if (stored === undefined)
      throw registryError('not_found', 'schemaNotFound', `There is no schema ${params.id}.`);
    return { status: 200, body: { schema: JSON.stringify(stored.content) } };
  },
);

const types = defineRoute(
  {
    ...common,
    path: '/v1/schemas/schemas/types',
    operationId: 'listSchemaTypes',
    summary: 'Which kinds of schema are kept',
    answers: answer('Avro', Names),
  },
  async () => ({ status: 200, body: ['AVRO'] }),
);

const config = defineRoute(
  {
    ...common,
    path: '/v1/schemas/config',
    operationId: 'readSchemaConfig',
    summary: 'The compatibility level of every subject',
    query: Hints,
    answers: answer('The level', Level),
  },
  async () => level,
);

const subjectConfig = defineRoute(
  {
    ...common,
    path: '/v1/schemas/config/{subject}',
    operationId: 'readSchemaSubjectConfig',
    summary: 'The compatibility level of a subject: the same as of all',
    params: z.strictObject({ subject: Subject }),
    query: Hints,
    answers: answer('The level', Level),
  },
  async () => level,
);

export const schemaRoutes = [
  subjects,
  versions,
  version,
  byId,
  types,
  config,
  subjectConfig,
  ...registerRoutes,
];
