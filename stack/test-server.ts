/** Path of an executable that runs Temporal's time-skipping test server, built into the cache when it is missing. */
export function testServerPath(): Promise<string> {
  return Promise.reject(new Error('not there yet'));
}
