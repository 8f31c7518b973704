import { errorCodes, LootError } from '../domain/errors.ts';
import { keyForm } from './auth/authenticate.ts';
import { unauthenticated } from './auth/policy.ts';
import type { Reply } from './http.ts';

/**
 * What Kafka's clients expect of a schema registry, where it differs from the rest of the API: content types, a name and
 * password instead of a bearer token, and errors as `{error_code, message}` (ADR 0052).
 */
export const registryContentType = 'application/vnd.schemaregistry.v1+json';
const contentTypes = [registryContentType, 'application/vnd.schemaregistry+json', 'application/json'];

/** The content type of the reply. Throws `not_acceptable`. */
export function registryReplyType(accept: string | undefined): string {
  const ranges = (accept ?? '*/*').split(',').map((range) => range.split(';')[0]?.trim().toLowerCase() ?? '');
  const named = contentTypes.find((type) => ranges.includes(type));
  if (named !== undefined) return named;
  if (accept?.trim() === '' || ranges.some((range) => range === '*/*' || range === 'application/*'))
    return registryContentType;
  throw new LootError('not_acceptable', `This resource is served as ${contentTypes.join(' or ')}.`);
}

const bodyTypes = new Set([...contentTypes, 'application/octet-stream']);

/** Some clients call JSON a stream of octets. */
export function isRegistryBody(contentType: string | null): boolean {
  const [type = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim().toLowerCase());
  return bodyTypes.has(type) && parameters.every((parameter) => /^charset\s*=\s*"?utf-?8"?$/.test(parameter));
}

/** The API key in `Authorization: Basic`, whatever the user is called; undefined for another scheme. */
export function basicKeyOf(authorization: string | undefined): string | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/=]{1,1024})$/i.exec(authorization?.trim() ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString();
  const key = pair.slice(pair.indexOf(':') + 1);
  if (!keyForm.test(key)) throw unauthenticated();
  return key;
}

/** Codes of Confluent's registry that its clients tell apart. */
export const registryErrors = {
  subjectNotFound: 40_401,
  versionNotFound: 40_402,
  schemaNotFound: 40_403,
  invalidSchema: 42_201,
  invalidVersion: 42_202,
  invalidSubject: 42_208,
} as const;

export const registryError = (
  code: 'not_found' | 'validation_failed',
  registryCode: keyof typeof registryErrors,
  message: string,
): LootError => new LootError(code, message, { extra: { registryCode: registryErrors[registryCode] } });

/** An error as the registry's clients read it. */
export function registryReply(
  error: LootError,
): Pick<Reply, 'status' | 'body' | 'headers'> & { status: number } {
  const { status } = errorCodes[error.code];
  const code = error.extra['registryCode'];
  return {
    status,
    body: { error_code: typeof code === 'number' ? code : status, message: messageOf(error) },
    headers: {
      'content-type': registryContentType,
      ...(status === 401 && { 'www-authenticate': 'Bearer realm="lootledger", Basic realm="lootledger"' }),
      ...(status === 413 && { connection: 'close' }),
      ...(error.retryAfterMs !== undefined && {
        'retry-after': String(Math.max(1, Math.ceil(error.retryAfterMs / 1_000))),
      }),
    },
  };
}

const messageOf = ({ message, errors }: LootError): string =>
  [message, ...errors.map(({ pointer, detail }) => `${pointer}: ${detail}`)].join(' ');
