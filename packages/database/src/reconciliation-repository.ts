import type { Queryable, ReconciliationCompleted } from '@qt/contracts';

/** Append-only store of what comparing our books with the venue's has shown. */
export class ReconciliationRepository {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  async record(result: ReconciliationCompleted, completedAtMs: number): Promise<void> {
    await this.#db.query(
      'INSERT INTO reconciliations (trigger, is_clean, differences, completed_at_ms) VALUES ($1, $2, $3, $4)',
      [result.trigger, result.isClean, JSON.stringify(result.differences), completedAtMs],
    );
  }
}
