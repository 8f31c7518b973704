import { createHash } from 'node:crypto';

/**
 * A receiver's URL as the audit trail shows it: paths and queries of webhooks are often secrets, and the trail is read by
 * many and kept for long. The hash tells whether two are the same.
 */
export const auditedUrl = (url: string | null) => ({
  urlOrigin: url === null ? null : new URL(url).origin,
  urlSha256: url === null ? null : createHash('sha256').update(url).digest('hex'),
});
