import { fileURLToPath } from 'node:url';
import { messageOf } from '@qt/kernel';
import { runner } from 'node-pg-migrate';
import { translated } from './postgres-errors.ts';

export interface MigrateOptions {
  readonly url: string;
  /** Default `up`. `down` undoes the last migration. */
  readonly direction?: 'up' | 'down';
  readonly log?: (line: string) => void;
}

/** The folder of this package's migrations. */
export const MIGRATIONS_DIR = fileURLToPath(new URL('../migrations', import.meta.url));
export const MIGRATIONS_TABLE = 'schema_migrations';

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
