import { z } from '@hono/zod-openapi';
import { isLootError, LootError } from '../../../domain/errors.ts';
import { register } from '../../../events/codec/registry.ts';
import { fingerprintOf, parseSchema, whyUnreadable } from '../../../events/codec/registry-rules.ts';
import { appendAudit } from '../../../store/audit/append-audit.ts';
import { readByFingerprint } from '../../../store/schemas/reads.ts';
import type { StoredSchema } from '../../../store/schemas/reads.ts';
import type { JsonValue } from '../../../domain/canonical-json.ts';
import { operator, principalName } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { registryContentType, registryError, registryErrors } from '../../registry-dialect.ts';
import { assertOwnSubject } from './own-subject.ts';
import { findVersion, findVersions } from './find-version.ts';
import { Hints, SchemaBody, SchemaVersion, Subject, Version, parseText, versionView } from './schemas.ts';

const common = {
  method: 'post',
  tag: 'schemas',
  dialect: 'schema-registry',
  mutation: 'by-content',
  query: Hints,
  body: SchemaBody,
  bodyBytesMax: 256 * 1024,
} as const;

const Verdict = z
  .strictObject({ is_compatible: z.boolean(), messages: z.array(z.string()).optional() })
  .openapi('RegistryVerdict');

const registerVersion = defineRoute(
  {
    ...common,
    auth: operator('schemas:write'),
    limit: 'write',
    path: '/v1/schemas/subjects/{subject}/versions',
    operationId: 'registerSchema',
    summary: 'Register a schema for a type of your own topic; the same content again answers the same id',
    params: z.strictObject({ subject: Subject }),
    answers: {
      200: {
        description: 'Its id',
        schema: z.strictObject({ id: z.number().int() }).openapi('RegisteredSchema'),
        contentType: registryContentType,
      },
    },
    errors: ['schema_incompatible', 'limit_exceeded'],
  },
  async ({ deps, principal, params: { subject }, body, eventContext, requestId }) => {
    await assertOwnSubject(deps.db, principal.clientId, subject);
    const content = parseText(body.schema);
    const registration = { subject, content, registeredBy: principal.clientId };
    const { id } = await register(deps.db, registration, (tx, { id: schemaId, version }) =>
      appendAudit(
        tx,
        {
          actor: principalName(principal),
          action: 'schema.registered',
          target: `schema:${subject}`,
          detail: { id: schemaId, version },
        },
        { ...eventContext, requestId },
      ),
    ).catch(throwInvalidSchema);
    return { status: 200, body: { id } };
  },
);

const lookUp = defineRoute(
  {
    ...common,
    auth: operator('events:read'),
    limit: 'read',
    path: '/v1/schemas/subjects/{subject}',
    operationId: 'lookUpSchema',
    summary: 'Which version of a subject has this content',
    params: z.strictObject({ subject: Subject }),
    answers: { 200: { description: 'The version', schema: SchemaVersion, contentType: registryContentType } },
  },
  async ({ deps, params: { subject }, body }) => {
    await findVersions(deps.db, subject);
    const found = await readByFingerprint(deps.db, subject, fingerprintOf(parseText(body.schema)));
    if (found === undefined)
      throw registryError('not_found', 'schemaNotFound', `${subject} has no version with this content.`);
    return { status: 200, body: versionView(found) };
  },
);

const compatibility = {
  ...common,
  auth: operator('events:read'),
  limit: 'read',
  answers: { 200: { description: 'The verdict', schema: Verdict, contentType: registryContentType } },
} as const;

const compatibleWithOne = defineRoute(
  {
    ...compatibility,
    path: '/v1/schemas/compatibility/subjects/{subject}/versions/{version}',
    operationId: 'checkSchemaAgainstVersion',
    summary: 'Whether a schema reads what one version wrote',
    params: z.strictObject({ subject: Subject, version: Version }),
  },
  async ({ deps, params: { subject, version }, body }) =>
    verdict(parseText(body.schema), [await findVersion(deps.db, subject, version)]),
);

const compatibleWithAll = defineRoute(
  {
    ...compatibility,
    path: '/v1/schemas/compatibility/subjects/{subject}/versions',
    operationId: 'checkSchema',
    summary: 'Whether a schema reads what every version wrote, as registration demands',
    params: z.strictObject({ subject: Subject }),
  },
  async ({ deps, params: { subject }, body }) =>
    verdict(parseText(body.schema), await findVersions(deps.db, subject)),
);

function verdict(content: JsonValue, earlier: readonly StoredSchema[]) {
  const reader = parsedOrThrow(content);
  const messages = earlier.flatMap(({ version, content: writer }) => {
    const why = whyUnreadable(reader, writer);
    return why === undefined ? [] : [`version ${version}: ${why}`];
  });
  return {
    status: 200,
    body: { is_compatible: messages.length === 0, ...(messages.length > 0 && { messages }) },
  };
}

function parsedOrThrow(content: JsonValue) {
  try {
    return parseSchema(content);
  } catch (error) {
    return throwInvalidSchema(error);
  }
}

/** What is not Avro has a code of its own. */
function throwInvalidSchema(error: unknown): never {
  if (isLootError(error) && error.code === 'validation_failed')
    throw new LootError('validation_failed', error.message, {
      extra: { registryCode: registryErrors.invalidSchema },
      cause: error,
    });
  throw error;
}

export const registerRoutes = [registerVersion, lookUp, compatibleWithOne, compatibleWithAll];
