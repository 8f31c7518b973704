/** As a server gives them; a request of a stranger's may lack any. */
export type WebhookHeaders = {
  'webhook-id'?: string | undefined;
  'webhook-timestamp'?: string | undefined;
  'webhook-signature'?: string | undefined;
};

/** How old or how early a request may be: a recorded one cannot be sent again for long. */
const toleranceSecondsDefault = 300;

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/**
 * Whether a webhook comes from whoever holds the secret, as Standard Webhooks says, and is not an old one sent again. `body`
 * is the request's body as it came, before any parser. Compares in the time of a MAC check, not of a string comparison.
 */
export async function verifyWebhook(
  secret: string,
  headers: WebhookHeaders,
  body: string,
  { toleranceSeconds = toleranceSecondsDefault, nowMs = Date.now() } = {},
): Promise<boolean> {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (id === undefined || timestamp === undefined || signatures === undefined) return false;
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(nowMs / 1_000 - Number(timestamp)) > toleranceSeconds)
    return false;
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const keyBytes = bytesOf(secret.replace(/^whsec_/, ''));
  const key = await crypto.subtle.importKey('raw', keyBytes, algorithm, false, ['verify']);
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  for (const signature of signatures.split(' ')) {
    const [version, base64 = ''] = signature.split(',');
    if (version !== 'v1' || !/^[A-Za-z0-9+/]{43}=$/.test(base64)) continue;
    if (await crypto.subtle.verify('HMAC', key, bytesOf(base64), signed)) return true;
  }
  return false;
}
