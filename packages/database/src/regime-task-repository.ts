import type { Queryable } from '@qt/contracts';

/** One task of the scheduler that came to an end. */
export interface EndedRegimeTask {
  /** The same however often the task was tried. */
  readonly taskId: string;
  readonly kind: string;
  /** Who or what asked for it. */
  readonly reason: string;
  readonly requestedAtMs: number;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  /** `dead`: no further attempt is made. */
  readonly outcome: 'done' | 'dead';
  readonly attempts: number;
  /** What it did, or the error that ended it. Plain JSON. */
  readonly detail: object;
}

/** The record of what the scheduler did; its queue is elsewhere. */
export class RegimeTaskRepository {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  /** Records an end; a dead task that was revived and ended again keeps its last end. */
  async record(task: EndedRegimeTask): Promise<void> {
    await this.#db.query(
      `INSERT INTO regime_tasks (task_id, kind, reason, requested_at_ms, started_at_ms, finished_at_ms, outcome, attempts, detail)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (task_id) DO UPDATE SET started_at_ms = excluded.started_at_ms, finished_at_ms = excluded.finished_at_ms,
         outcome = excluded.outcome, attempts = excluded.attempts, detail = excluded.detail`,
      [
        task.taskId,
        task.kind,
        task.reason,
        task.requestedAtMs,
        task.startedAtMs,
        task.finishedAtMs,
        task.outcome,
        task.attempts,
        JSON.stringify(task.detail),
      ],
    );
  }

  /** Returns the newest `limit` tasks that ended from `sinceMs` on, newest first. */
  async listEnded(query: { readonly sinceMs: number; readonly limit: number }): Promise<readonly EndedRegimeTask[]> {
    const { rows } = await this.#db.query<EndedRegimeTask>(
      `SELECT task_id AS "taskId", kind, reason, requested_at_ms::float8 AS "requestedAtMs",
         started_at_ms::float8 AS "startedAtMs", finished_at_ms::float8 AS "finishedAtMs", outcome, attempts, detail
       FROM regime_tasks WHERE finished_at_ms >= $1 ORDER BY finished_at_ms DESC, task_id LIMIT $2`,
      [query.sinceMs, query.limit],
    );
    return rows;
  }

  /** Forgets tasks that ended before `beforeMs` and returns how many. */
  async forget(beforeMs: number): Promise<number> {
    const { rowCount } = await this.#db.query(`DELETE FROM regime_tasks WHERE finished_at_ms < $1`, [beforeMs]);
    return rowCount;
  }
}
