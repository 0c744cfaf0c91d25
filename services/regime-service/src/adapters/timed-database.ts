import type { Queryable, Transactor } from '@qt/contracts';
import type { Database, DatabaseCheck } from '@qt/database';

/** Told of each statement: its text and how long it took, in milliseconds. */
export type QueryListener = (text: string, tookMs: number) => void;

const timed =
  (query: Queryable['query'], told: QueryListener): Queryable['query'] =>
  async (text, values) => {
    const startedMs = performance.now();
    try {
      return await query(text, values);
    } finally {
      told(text, performance.now() - startedMs);
    }
  };

/** A database that tells how long its statements take; the time of waiting for a connection counts. */
export class TimedDatabase implements Queryable, Transactor {
  readonly name = 'postgres';
  readonly query: Queryable['query'];
  readonly #database: Database;
  readonly #told: QueryListener;

  constructor(database: Database, told: QueryListener) {
    this.#database = database;
    this.#told = told;
    this.query = timed((text, values) => database.query(text, values), told);
  }

  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    return this.#database.transaction((tx) =>
      work({ query: timed((text, values) => tx.query(text, values), this.#told) }),
    );
  }

  start(): Promise<void> {
    return this.#database.start();
  }

  stop(): Promise<void> {
    return this.#database.stop();
  }

  check(): Promise<DatabaseCheck> {
    return this.#database.check();
  }
}
