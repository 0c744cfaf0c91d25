import { randomBytes } from 'node:crypto';
import { AppError } from '@qt/kernel';
import { createDatabase, migrate } from '@qt/database';
import { freePort } from './free-port.ts';
import { PostgresCluster } from './postgres-cluster.ts';
import { RedisProcess, type RedisProcessOptions } from './redis-process.ts';

/** A running store of a test's own, or a share in one. */
export interface RunningStore {
  readonly url: string;
  stop(): Promise<void>;
}

/** Of a cluster that `npm test` has started for the whole run. */
const SHARED_POSTGRES = 'QT_TEST_POSTGRES_URL';
const ATTEMPTS = 3;

const withRetries = async <T>(start: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      // Another process may have taken the free port in between.
      if (attempt >= ATTEMPTS || !(error instanceof AppError) || !error.retryable) throw error;
    }
  }
};

/** Starts a Postgres of its own on a free port, in a temporary directory, fast rather than durable. */
export const startPostgres = (): Promise<RunningStore & { cluster: PostgresCluster }> =>
  withRetries(async () => {
    const cluster = new PostgresCluster({
      port: await freePort(),
      password: randomBytes(12).toString('hex'),
      settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
    });
    await cluster.start();
    return { cluster, url: cluster.url(), stop: () => cluster.stop() };
  });

/** Starts a Redis of its own on a free port, in a temporary directory. */
export const startRedis = (
  options: Pick<RedisProcessOptions, 'maxmemoryPolicy'> & { readonly port?: number } = {},
): Promise<RunningStore & { server: RedisProcess }> =>
  withRetries(async () => {
    const server = new RedisProcess({ ...options, port: options.port ?? (await freePort()), isDurable: false });
    await server.start();
    return { server, url: server.url, stop: () => server.stop() };
  });

const run = async (url: string, sql: string): Promise<void> => {
  const database = createDatabase({ url, applicationName: 'qt-testing', maxConnections: 1 });
  try {
    await database.query(sql);
  } finally {
    await database.stop();
  }
};

/**
 * Returns a migrated database of the test file's own: on the cluster of the whole run where there is one, else on a cluster that
 * starts here and stops with it.
 */
export const aDatabase = async (): Promise<RunningStore> => {
  const shared = process.env[SHARED_POSTGRES];
  const own = shared === undefined || shared === '' ? await startPostgres() : null;
  const server = own?.url ?? shared ?? '';
  const name = `test_${randomBytes(6).toString('hex')}`;
  await run(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  await migrate({ url: url.href });
  return {
    url: url.href,
    stop: async () => {
      if (own === null) await run(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      else await own.stop();
    },
  };
};
