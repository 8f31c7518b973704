import { readFile, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { ColumnTypeEnum, bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type { DiffTarget, MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm/schema_engine_bg';
import * as engineBindings from '@prisma/schema-engine-wasm/schema_engine_bg';

/**
 * Prisma's migrations, run in-process: its CLI downloads a native engine, which a closed network refuses. The engine's
 * WebAssembly build is an internal package, so it is pinned and this file alone knows it; the migrations stay ordinary
 * Prisma folders that `prisma migrate deploy` can run elsewhere.
 */
const prismaFolder = fileURLToPath(new URL('../prisma/', import.meta.url));
const migrationsFolder = path.join(prismaFolder, 'migrations');
const noFilters = { externalTables: [], externalEnums: [] };

let engineModule: Promise<void> | undefined;

function loadEngineModule(): Promise<void> {
  engineModule ??= (async () => {
    const bindings = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
    const bytes = await readFile(path.join(path.dirname(bindings), 'schema_engine_bg.wasm'));
    const imports = { './schema_engine_bg.js': engineBindings as unknown as WebAssembly.ModuleImports };
    const { instance } = await WebAssembly.instantiate(bytes, imports);
    const untyped = engineBindings as unknown as { __wbg_set_wasm(exports: WebAssembly.Exports): void };
    untyped.__wbg_set_wasm(instance.exports);
    (instance.exports['__wbindgen_start'] as () => void)();
  })();
  return engineModule;
}

/**
 * Prisma's adapter cuts a script at every semicolon, function bodies too; PostgreSQL takes it whole, in one transaction.
 * Nor does it know PostgreSQL's "char" type, which the engine's look at constraints returns.
 * The shadow database is the scratch database itself: the adapter's own cannot be dropped while it is connected.
 */
class MigrationPg extends PrismaPg {
  readonly connected: Awaited<ReturnType<PrismaPg['connect']>>[] = [];

  override async connect() {
    const adapter = withRepairs(await super.connect());
    this.connected.push(adapter);
    return adapter;
  }

  override async connectToShadowDb() {
    return this.connect();
  }
}

function withRepairs(adapter: Awaited<ReturnType<PrismaPg['connect']>>) {
  adapter.executeScript = async (script) => {
    await adapter.underlyingDriver().query(script);
  };
  const queryRaw = adapter.queryRaw.bind(adapter);
  adapter.queryRaw = async (query) => {
    const result = await queryRaw({ ...query, sql: castCharColumns(query.sql) });
    result.columnNames.forEach((name, column) => {
      if (charColumns.has(name)) result.columnTypes[column] = ColumnTypeEnum.Character;
    });
    return result;
  };
  return adapter;
}

const charColumns = new Set(['constraint_type', 'confdeltype', 'confupdtype']);

const castCharColumns = (sql: string) =>
  sql
    .replace('constr.contype AS', 'constr.contype::text AS')
    .replace(/\bcon\.(confdeltype|confupdtype),/g, 'con.$1::text AS $1,');

async function withEngine<T>(databaseUrl: string, use: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  await loadEngineModule();
  const factory = new MigrationPg({ connectionString: databaseUrl });
  const adapter = bindMigrationAwareSqlAdapterFactory(factory);
  const engine = await engineBindings.SchemaEngine.new({ datamodels: undefined }, () => {}, adapter);
  try {
    return await use(engine);
  } finally {
    engine.free();
    // An open connection would keep the engine's advisory lock, and the next call would wait for it.
    const open = factory.connected.filter((connected) => !connected.underlyingDriver().ended);
    await Promise.all(open.map((connected) => connected.dispose()));
  }
}

async function listMigrations(): Promise<MigrationList> {
  const entries = await readdir(migrationsFolder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const migrationDirectories = await Promise.all(
    names.toSorted().map(async (name) => {
      const value = await readFile(path.join(migrationsFolder, name, 'migration.sql'), 'utf8');
      return { path: name, migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value } } };
    }),
  );
  const lockfile = {
    path: 'migration_lock.toml',
    content: await readFile(path.join(migrationsFolder, 'migration_lock.toml'), 'utf8'),
  };
  return { baseDir: migrationsFolder, lockfile, shadowDbInitScript: '', migrationDirectories };
}

/** Applies the migrations the database lacks and answers their names, oldest first. */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const migrationsList = await listMigrations();
  return withEngine(databaseUrl, async (engine) => {
    const output = await engine.applyMigrations({ migrationsList, filters: noFilters });
    return output.appliedMigrationNames;
  });
}

/**
 * The SQL that would turn what the migrations build into what `schema.prisma` describes; empty when they agree.
 * `databaseUrl` must name an empty scratch database: the engine replays every migration there.
 */
export async function schemaDrift(databaseUrl: string): Promise<string> {
  const target = await schemaTarget();
  const migrations: DiffTarget = { tag: 'migrations', ...(await listMigrations()) };
  return diff(databaseUrl, migrations, target);
}

async function schemaTarget(): Promise<DiffTarget> {
  const file = path.join(prismaFolder, 'schema.prisma');
  return { tag: 'schemaDatamodel', files: [{ path: file, content: await readFile(file, 'utf8') }] };
}

async function diff(databaseUrl: string, from: DiffTarget, to: DiffTarget): Promise<string> {
  return withEngine(databaseUrl, async (engine) => {
    const result = await engine.diff({ from, to, script: true, exitCode: null, filters: noFilters });
    const sql = result.stdout ?? '';
    return sql.includes('This is an empty migration') ? '' : sql.trim();
  });
}
