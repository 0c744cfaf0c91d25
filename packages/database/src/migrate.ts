import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Queryable } from '@qt/contracts';
import { AppError, messageOf } from '@qt/kernel';
import { runner } from 'node-pg-migrate';
import { placeOf, translated } from './postgres-errors.ts';

export interface MigrateOptions {
  readonly url: string;
  /** Default `up`. `down` undoes the last migration. */
  readonly direction?: 'up' | 'down';
  readonly log?: (line: string) => void;
}

const MIGRATIONS_DIR = fileURLToPath(new URL('../migrations', import.meta.url));
const MIGRATIONS_TABLE = 'schema_migrations';

/**
 * Brings the schema up to the newest migration and returns the names of those it ran. Several processes may call it at once:
 * they wait for each other.
 *
 * Throws: AppError POSTGRES_UNREACHABLE; pg's error when a migration's SQL fails, with nothing of that migration done.
 */
export const migrate = async ({
  url,
  direction = 'up',
  log = () => {},
}: MigrateOptions): Promise<readonly string[]> => {
  try {
    const ran = await runner({
      databaseUrl: url,
      dir: MIGRATIONS_DIR,
      migrationsTable: MIGRATIONS_TABLE,
      direction,
      advisoryLockMode: 'wait',
      log,
    });
    return ran.map(({ name }) => name);
  } catch (error) {
    log(messageOf(error));
    throw translated(url, error);
  }
};

/**
 * Throws AppError POSTGRES_SCHEMA_BEHIND, which names what is missing, unless every migration of this version has run. A schema that is
 * ahead is accepted: it belongs to a newer version that is being rolled out.
 */
export const assertMigrated = async (db: Queryable, url: string): Promise<void> => {
  const known = readdirSync(MIGRATIONS_DIR)
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.slice(0, -'.sql'.length));
  const missing = await missingOf(db, known);
  if (missing.length === 0) return;
  throw new AppError(
    'POSTGRES_SCHEMA_BEHIND',
    `the schema at ${placeOf(url)} lacks ${missing.join(', ')}. Bring it up to date with: npm run qt -- migrate`,
    { retryable: false, details: { missing } },
  );
};

const missingOf = async (db: Queryable, known: readonly string[]): Promise<readonly string[]> => {
  const { rows: tables } = await db.query<{ found: string | null }>(`SELECT to_regclass($1)::text AS found`, [
    MIGRATIONS_TABLE,
  ]);
  if (tables[0]?.found === null) return known;
  const { rows } = await db.query<{ name: string }>(`SELECT name FROM ${MIGRATIONS_TABLE}`);
  const done = new Set(rows.map(({ name }) => name));
  return known.filter((name) => !done.has(name)).sort();
};
