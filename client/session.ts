import { createCaller } from './call.ts';
import type { Answer, CallerOptions } from './call.ts';
import type { Tokens } from './types.ts';

/** Where a player's tokens live between visits; the default forgets them. */
export type TokenStore = { load(): Tokens | undefined; save(tokens: Tokens | undefined): void };

export type Session = {
  readonly tokens: Tokens | undefined;
  guest(deviceSecret: string): Promise<Tokens>;
  register(credentials: Credentials): Promise<Tokens>;
  login(credentials: Credentials): Promise<Tokens>;
  logout(): Promise<void>;
  /** A valid access token, rotated shortly before it expires or when the present one was refused. */
  accessToken(refused?: string): Promise<string | undefined>;
};

export type Credentials = { readonly username: string; readonly password: string };

/** Rotated this long before the end, so that a slow request does not arrive with an expired one. */
const marginMs = 30_000;

export function createSession(
  options: Omit<CallerOptions, 'credential'>,
  store: TokenStore = inMemory(),
): Session {
  const call = createCaller(options);
  let freshUntilMs = 0;
  let rotating: Promise<void> | undefined;

  const keep = ({ body }: Answer<Tokens>): Tokens => {
    store.save(body);
    freshUntilMs = Date.now() + body.expiresInMs - marginMs;
    return body;
  };
  const enter = async (path: string, body: unknown) => keep(await call<Tokens>('POST', path, { body }));

  const rotate = async (refreshToken: string) => {
    try {
      // not sent twice on its own: a refresh token seen again revokes its whole family
      keep(await call<Tokens>('POST', '/v1/auth/refresh', { body: { refreshToken }, retries: false }));
    } finally {
      rotating = undefined;
    }
  };

  return {
    get tokens() {
      return store.load();
    },
    guest: (deviceSecret) => enter('/v1/auth/guest', { deviceSecret }),
    register: (credentials) => enter('/v1/auth/register', credentials),
    login: (credentials) => enter('/v1/auth/login', credentials),
    async logout() {
      const tokens = store.load();
      store.save(undefined);
      if (tokens) await call('POST', '/v1/auth/logout', { body: { refreshToken: tokens.refreshToken } });
    },
    async accessToken(refused) {
      const tokens = store.load();
      if (tokens === undefined) return undefined;
      // all requests of a moment share one rotation
      if (tokens.accessToken === refused || Date.now() >= freshUntilMs)
        await (rotating ??= rotate(tokens.refreshToken));
      return store.load()?.accessToken;
    },
  };
}

function inMemory(): TokenStore {
  let kept: Tokens | undefined;
  return {
    load: () => kept,
    save: (tokens) => {
      kept = tokens;
    },
  };
}
