import { loadConfig } from '../platform/config.ts';
import { createDatabase } from '../store/create-database.ts';
import { migrate } from '../store/migrate.ts';

/** `npm run migrate`: creates the database if it is missing and applies the migrations it lacks. */
const { DATABASE_URL } = loadConfig();
if (await createDatabase(DATABASE_URL)) console.log(`created ${new URL(DATABASE_URL).pathname.slice(1)}`);
const applied = await migrate(DATABASE_URL);
console.log(applied.length === 0 ? 'up to date' : applied.map((name) => `applied ${name}`).join('\n'));
// The migration engine leaves a timer of ten seconds behind, which would keep this process.
process.exit();
