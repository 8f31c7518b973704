import { problemOf } from './problem-error.ts';
import { defaultRetry, withRetries } from './retry.ts';
import type { RetryOptions } from './retry.ts';

export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

export type CallerOptions = {
  readonly baseUrl: string;
  readonly fetch?: Fetch;
  readonly retry?: Partial<RetryOptions>;
  /** The bearer credential for the next request, if any. `refused` is the one that was just answered 401. */
  readonly credential?: (refused?: string) => Promise<string | undefined>;
};

export type CallOptions = {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** Instead of `body`: lines of JSON, sent as they come. A stream is sent once. */
  readonly ndjson?: string | ReadableStream<Uint8Array>;
  /** Default: a random one, kept for all retries of this call. Give your own to survive a restart of your process. */
  readonly idempotencyKey?: string;
  /** `wait=5` or `respond-async`. */
  readonly prefer?: string;
  readonly ifMatch?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** False for the few calls that must not be sent twice on their own. */
  readonly retries?: boolean;
};

/** A successful answer. `replayed`: the same request had been answered before, and this is that answer. */
export type Answer<T> = {
  readonly status: number;
  readonly body: T;
  readonly replayed: boolean;
  readonly location: string | undefined;
  readonly etag: string | undefined;
};

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
export type Caller = <T>(method: Method, path: string, options?: CallOptions) => Promise<Answer<T>>;

/** One function through which every request goes: credentials, Idempotency-Key, retries, problems. */
export function createCaller(options: CallerOptions): Caller {
  // Browsers refuse a `fetch` that was taken off its window.
  const fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const retry = { ...defaultRetry, ...options.retry };
  return async <T>(method: Method, path: string, call: CallOptions = {}) => {
    const url = urlOf(options.baseUrl, path, call.query);
    const init = initOf(method, call);
    const send = async () => {
      const response = await sendWithCredential(fetch, url, init, options.credential);
      if (!response.ok) throw await problemOf(response);
      return await answerOf<T>(response);
    };
    const isOnce = call.retries === false || (call.ndjson !== undefined && typeof call.ndjson !== 'string');
    return isOnce ? send() : withRetries(send, retry, call.signal);
  };
}

/** GET, for callers who want the body alone. */
export const readerOf =
  (call: Caller) =>
  async <T>(path: string, query?: CallOptions['query']): Promise<T> =>
    (await call<T>('GET', path, query && { query })).body;

/** A token may have expired on the way: one refusal is met with a fresh one. */
async function sendWithCredential(
  fetch: Fetch,
  url: string,
  init: RequestInit,
  credential: CallerOptions['credential'],
): Promise<Response> {
  const send = (token: string | undefined) => {
    const headers = {
      ...(init.headers as Record<string, string>),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
    return fetch(url, { ...init, headers });
  };
  const token = await credential?.();
  const response = await send(token);
  if (response.status !== 401 || token === undefined) return response;
  const fresh = await credential?.(token);
  return fresh === undefined || fresh === token ? response : send(fresh);
}

function urlOf(baseUrl: string, path: string, query: CallOptions['query']): string {
  const url = new URL(path, baseUrl);
  for (const [name, value] of Object.entries(query ?? {}))
    if (value !== undefined) url.searchParams.set(name, String(value));
  return url.href;
}

function initOf(method: Method, call: CallOptions): RequestInit {
  const headers: Record<string, string> = {
    accept: 'application/json, application/problem+json',
    ...call.headers,
  };
  if (method !== 'GET') headers['idempotency-key'] = call.idempotencyKey ?? crypto.randomUUID();
  if (call.body !== undefined) headers['content-type'] = 'application/json';
  if (call.ndjson !== undefined) headers['content-type'] = 'application/x-ndjson';
  if (call.prefer !== undefined) headers['prefer'] = call.prefer;
  if (call.ifMatch !== undefined) headers['if-match'] = call.ifMatch;
  return {
    method,
    headers,
    ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
    // a stream as a body needs `duplex`, which the types of browsers do not know yet
    ...(call.ndjson !== undefined && ({ body: call.ndjson, duplex: 'half' } as RequestInit)),
    ...(call.signal !== undefined && { signal: call.signal }),
  };
}

async function answerOf<T>(response: Response): Promise<Answer<T>> {
  const text = await response.text();
  return {
    status: response.status,
    // 204 and empty bodies are for calls whose T is void
    body: (text === '' ? undefined : JSON.parse(text)) as T,
    replayed: response.headers.get('idempotency-replayed') === 'true',
    location: response.headers.get('location') ?? undefined,
    etag: response.headers.get('etag') ?? undefined,
  };
}
