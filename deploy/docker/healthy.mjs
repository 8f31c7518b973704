// Container health: exits 0 when the URL answers 2xx. The image has no curl.
const [url] = process.argv.slice(2);
const response = await fetch(url, { signal: AbortSignal.timeout(4_000) }).catch(() => undefined);
process.exit(response?.ok ? 0 : 1);
