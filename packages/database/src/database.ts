import type { Writable } from 'node:stream';
import type { Queryable, Transactor } from '@qt/contracts';
import { messageOf } from '@qt/kernel';
import pg from 'pg';
import { assertMigrated } from './migrate.ts';
import { isUnreachable, translated, unreachable } from './postgres-errors.ts';

export interface DatabaseOptions {
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** Replicas times this must stay below the server's max_connections. Default 10. */
  readonly maxConnections?: number;
  /** Default true: `start` refuses a schema that lacks a migration of this version. False for what creates or repairs databases. */
  readonly requiresSchema?: boolean;
  /** Told of a pooled connection that broke while unused; the pool replaces it by itself. */
  readonly onIdleError?: (error: Error) => void;
}

export interface DatabaseCheck {
  readonly status: 'up' | 'down';
  readonly detail?: string;
  readonly latencyMs?: number;
  readonly connections: number;
  readonly waiting: number;
}

const CONNECT_TIMEOUT_MS = 3_000;
const IDLE_TIMEOUT_MS = 60_000;
const STATEMENT_TIMEOUT_MS = 15_000;
// Later than the server's own limit: only a server that no longer answers at all gets here.
const QUERY_TIMEOUT_MS = 20_000;

/**
 * PostgreSQL as the services see it. `bigint` and `numeric` come back as text. A failure to reach the server is AppError
 * POSTGRES_UNREACHABLE and a lost race POSTGRES_CONFLICT, both retryable; every other failure is pg's own error with its SQLSTATE in `code`.
 */
export class Database implements Queryable, Transactor {
  readonly name = 'postgres';
  readonly #url: string;
  readonly #requiresSchema: boolean;
  readonly #pool: pg.Pool;

  constructor(options: DatabaseOptions) {
    this.#url = options.url;
    this.#requiresSchema = options.requiresSchema ?? true;
    this.#pool = new pg.Pool({
      connectionString: options.url,
      application_name: options.applicationName,
      max: options.maxConnections ?? 10,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
      // Statements that do not wait for each other travel together: BEGIN with the first of its transaction.
      pipeline: true,
      // A plan kept from when a table was small reads all of it for as long as the connection lives.
      options: '-c plan_cache_mode=force_custom_plan',
    });
    // Without a listener the error of an unused connection would end the process.
    this.#pool.on('error', (error) => options.onIdleError?.(error));
    // The same for one that breaks between two statements of a transaction: the next statement says so.
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  async query<Row = Record<string, unknown>>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<{ readonly rows: Row[]; readonly rowCount: number }> {
    const client = await this.#connect();
    let failure: Error | undefined;
    try {
      return await run<Row>(client, text, values);
    } catch (error) {
      failure = this.#failureOf(error);
      throw translated(this.#url, error);
    } finally {
      client.release(failure);
    }
  }

  /** Runs work in one transaction: commits when it resolves, rolls back when it throws. Statements that repeat are prepared once. */
  async transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    const tx: Queryable = { query: (text, values = []) => run(client, text, values) };
    let failure: Error | undefined;
    try {
      const begun = begin(client);
      const result = await work(tx);
      await begun;
      await client.query('COMMIT');
      return result;
    } catch (error) {
      failure = this.#failureOf(error) ?? (await rollback(client));
      throw translated(this.#url, error);
    } finally {
      client.release(failure);
    }
  }

  /**
   * Proves that the server answers and that the schema is this version's.
   *
   * Throws: AppError POSTGRES_UNREACHABLE, POSTGRES_SCHEMA_BEHIND.
   */
  async start(): Promise<void> {
    if (this.#requiresSchema) await assertMigrated(this, this.#url);
    else await this.query('SELECT 1');
  }

  async stop(): Promise<void> {
    await this.#pool.end();
  }

  async check(): Promise<DatabaseCheck> {
    const startedMs = performance.now();
    const pool = { connections: this.#pool.totalCount, waiting: this.#pool.waitingCount };
    try {
      await this.query('SELECT 1');
      return { status: 'up', latencyMs: Math.round((performance.now() - startedMs) * 100) / 100, ...pool };
    } catch (error) {
      return { status: 'down', detail: messageOf(error), ...pool };
    }
  }

  async #connect(): Promise<pg.PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (error) {
      throw isUnreachable(error) ? unreachable(this.#url, error) : error;
    }
  }

  /** Returns the error when the connection it happened on must not be used again. */
  #failureOf(error: unknown): Error | undefined {
    return error instanceof Error && isUnreachable(error) ? error : undefined;
  }
}

/** Texts beyond this are not prepared: a text made anew for each call would fill the server's memory. */
const MAX_PREPARED = 300;
const preparedNames = new Map<string, string>();

/** Returns the name under which a statement with values is prepared on each connection that meets it. */
const preparedNameOf = (text: string): string | undefined => {
  const known = preparedNames.get(text);
  if (known !== undefined || preparedNames.size >= MAX_PREPARED) return known;
  const name = `qt${preparedNames.size + 1}`;
  preparedNames.set(text, name);
  return name;
};

const run = async <Row>(client: pg.PoolClient, text: string, values: readonly unknown[]) => {
  // Without values a text may hold several statements, which cannot be prepared.
  const name = values.length === 0 ? undefined : preparedNameOf(text);
  sendTogether(client);
  const result = await client.query({ text, values: [...values], ...(name === undefined ? {} : { name }) });
  return { rows: result.rows as Row[], rowCount: result.rowCount ?? 0 };
};

/** Sends the statements of one turn of the event loop, BEGIN among them, as one packet. */
const sendTogether = (client: pg.PoolClient): void => {
  const { stream } = (client as pg.PoolClient & { readonly connection: { readonly stream: Writable } }).connection;
  stream.cork();
  process.nextTick(() => stream.uncork());
};

const begin = (client: pg.PoolClient): Promise<unknown> => {
  sendTogether(client);
  const begun = client.query('BEGIN');
  // Should it fail, so does what follows, and says why.
  begun.catch(() => undefined);
  return begun;
};

/** Returns the error of a rollback that failed: the connection is in an unknown state then. */
const rollback = async (client: pg.PoolClient): Promise<Error | undefined> => {
  try {
    await client.query('ROLLBACK');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(messageOf(error));
  }
};

/** Returns a database that connects on first use. */
export const createDatabase = (options: DatabaseOptions): Database => new Database(options);
