import { z } from '@hono/zod-openapi';
import type { ErrorCode } from '../domain/errors.ts';
import { LootError } from '../domain/errors.ts';
import type { Policy } from './auth/policy.ts';
import type { Services } from './deps.ts';
import type { Call, Reply } from './http.ts';
import type { LimitClass } from './middleware/rate-limit.ts';
import { placesOf } from './validation.ts';

export type Answer = { description: string; schema?: z.ZodType; contentType?: string };

/** Everything about a route but what it does: the OpenAPI document, the pipeline and the access matrix read it. */
export type RouteSpec<
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
  A extends Policy = Policy,
> = {
  method: 'get' | 'post' | 'put' | 'delete';
  path: string;
  operationId: string;
  tag: string;
  summary: string;
  /** Who may call it. */
  auth: A;
  /**
   * `keyed`: Idempotency-Key required, the reply is stored. `secret`: the same, but the reply is made again instead of
   * stored. `delegated`: required, and kept by whoever acts (the match's own namespace). `unkeyed`: the reply holds
   * secrets and the request is safe to repeat. `by-content`: the body names its own result and clients that are not ours
   * send no key. `false`: changes nothing.
   */
  mutation: 'keyed' | 'secret' | 'delegated' | 'unkeyed' | 'by-content' | false;
  limit: LimitClass;
  /** Spoken with clients of Kafka's schema registries: see `registry-dialect.ts`. */
  dialect?: 'schema-registry';
  /** Batches may be larger than the usual 64 KiB. */
  bodyBytesMax?: number;
  /** Media types of JSON that are welcome beside `application/json`. */
  bodyTypes?: readonly string[];
  /** The handler reads the body itself, piece by piece; only its type is checked before. */
  bodyStream?: { contentType: string; description: string };
  params?: P;
  query?: Q;
  body?: B;
  answers: Readonly<Record<number, Answer>>;
  /** Beyond those every route of its kind can answer. */
  errors?: readonly ErrorCode[];
};

export type Raw = { params: unknown; query: unknown; body: unknown };
/** A call whose parts are not parsed yet. */
export type RawCall = Omit<Call<unknown, unknown, unknown>, 'params' | 'query' | 'body' | 'deps'>;

/** A route with its types erased, as the pipeline sees it. */
export type Route = {
  readonly spec: RouteSpec;
  /** Parses the three parts; throws `not_found` for a path that cannot name anything, else `validation_failed`. */
  parse(raw: Raw): Raw;
  handle(deps: Services, call: RawCall, parsed: Raw): Promise<Reply | Response>;
  /** What a stored 202 answers now. */
  present: ((deps: Services, call: RawCall, parsed: Raw) => Promise<Reply | Response>) | undefined;
};

export const takesKey = ({ mutation }: Pick<RouteSpec, 'mutation'>): boolean =>
  mutation !== false && mutation !== 'unkeyed' && mutation !== 'by-content';

const nothing = z.strictObject({});
type Nothing = typeof nothing;

/**
 * Declares a route. Its schemas are strict, its policy and limits are part of the type, so none can be forgotten.
 * `present` is for routes that may answer 202: a replay shows the resource as it is by then.
 */
export function defineRoute<
  const A extends Policy,
  P extends z.ZodType = Nothing,
  Q extends z.ZodType = Nothing,
  B extends z.ZodType = Nothing,
>(
  spec: RouteSpec<P, Q, B, A>,
  handle: (call: Call<z.output<P>, z.output<Q>, z.output<B>, A>) => Promise<Reply | Response>,
  present?: (call: Call<z.output<P>, z.output<Q>, z.output<B>, A>) => Promise<Reply | Response>,
): Route {
  // `parse` and `authorise` have run by then: this is where unknown becomes what the schemas say.
  const typed = (deps: Services, call: RawCall, parsed: Raw) =>
    ({ ...call, ...parsed, deps }) as Call<z.output<P>, z.output<Q>, z.output<B>, A>;
  return {
    spec,
    parse: (raw) => {
      const params = (spec.params ?? nothing).safeParse(raw.params);
      if (!params.success) throw new LootError('not_found', 'There is nothing here.');
      const query = (spec.query ?? nothing).safeParse(raw.query);
      const body = (spec.body ?? nothing).safeParse(raw.body);
      const errors = [
        ...(query.success ? [] : placesOf(query.error, '/query')),
        ...(body.success ? [] : placesOf(body.error, '')),
      ];
      if (errors.length > 0 || !query.success || !body.success) {
        throw new LootError('validation_failed', 'The request does not match its schema; see errors.', {
          errors,
        });
      }
      return { params: params.data, query: query.data, body: body.data };
    },
    handle: (deps, call, parsed) => handle(typed(deps, call, parsed)),
    present: present && ((deps, call, parsed) => present(typed(deps, call, parsed))),
  };
}
