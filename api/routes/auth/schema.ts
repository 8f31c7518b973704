import { z } from '@hono/zod-openapi';
import { Id } from '../../schemas.ts';

export const Username = z
  .string()
  .regex(/^[A-Za-z0-9_-]{3,24}$/, 'must be 3 to 24 letters, digits, _ or -')
  .openapi({ example: 'sword_42' });
const Password = z.string().min(10).max(200);

export const Guest = z
  .strictObject({
    deviceSecret: z.string().regex(/^[A-Za-z0-9_-]{32,128}$/, 'must be 32 to 128 characters of base64url'),
  })
  .openapi('Guest');
export const Register = z.strictObject({ username: Username, password: Password }).openapi('Register');
export const Login = z
  .strictObject({ username: z.string().min(1).max(100), password: z.string().min(1).max(200) })
  .openapi('Login');
export const Refresh = z.strictObject({ refreshToken: z.string().min(1).max(200) }).openapi('Refresh');

export const Session = z
  .strictObject({
    playerId: Id,
    accessToken: z.string(),
    tokenType: z.literal('Bearer'),
    expiresInMs: z.number().int(),
    refreshToken: z.string(),
  })
  .openapi('Session');

export const Jwks = z
  .strictObject({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })) })
  .openapi('Jwks');
