import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, PostgresCluster } from '@qt/testing';
import { identityOf } from './process-identity.ts';
import { runtimeDirectory } from './runtime-directory.ts';

/** The books of the suite that runs here or ran here last. */
export interface BooksHere {
  /** Undefined when no suite has run here. */
  readonly ledgerPath: string | undefined;
  /**
   * Resolves with the address of its database, undefined when there is none. After the suite has stopped, its Postgres is started on a
   * port of its own and ended by `close`.
   */
  readonly openDatabase: () => Promise<{ readonly url: string | undefined; readonly close: () => Promise<void> }>;
}

const nothingToClose = async (): Promise<void> => {};

/** Returns what the runtime folder knows of the books. */
export const booksHere = (): BooksHere => {
  const runtime = runtimeDirectory();
  const suite = runtime.suite();
  const isRunning = suite !== null && identityOf(suite.pid) === suite.identity;
  return {
    ledgerPath: suite?.ledgerPath,
    openDatabase: async () => {
      const url = runtime.databaseUrl();
      if (url === null || suite === null || isRunning) return { url: url ?? undefined, close: nothingToClose };
      const port = await freePort();
      const password = runtime.secret('postgres-password');
      const cluster = new PostgresCluster({ port, password, directory: runtime.postgres });
      // Where the files are gone, the address as it was says best what is missing.
      if (!existsSync(join(cluster.directory, 'PG_VERSION'))) return { url, close: nothingToClose };
      await cluster.start();
      const moved = new URL(url);
      moved.port = String(port);
      return { url: moved.href, close: () => cluster.stop() };
    },
  };
};
