/**
 * For a row that a later commit of the same request makes durable: PostgreSQL writes its log in order, so what waits for the
 * disk then has brought this along. To be called once in a statement of its own; the setting ends with its transaction.
 */
export const commitWithoutDisk = "set_config('synchronous_commit', 'off', true)";
