import pg from 'pg';

/**
 * Who else is connected to the database, by the name its process gave. Asked as the owner: the application's role does not
 * see the names of others.
 */
export async function listConnected(databaseUrl: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      `SELECT DISTINCT coalesce(nullif(application_name, ''), 'unnamed') AS name FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' ORDER BY name`,
    );
    return rows.map(({ name }) => name);
  } finally {
    await client.end();
  }
}
