import type { Queryable } from '@qt/contracts';

export interface Market {
  readonly symbol: string;
  readonly interval: string;
}

/** A saved state and the inputs taken since, oldest first: replaying them gives the state of the last commit. */
export interface StoredModelState {
  readonly state: unknown;
  readonly inputs: readonly unknown[];
}

/** What engines remember: a snapshot now and then, and every input in between. */
export class ModelStateRepository {
  /** `state` is null where nothing was saved for this engine yet. */
  async load(db: Queryable, { symbol, interval }: Market, engineId: string): Promise<StoredModelState> {
    const states = await db.query<{ state: unknown; openTimeMs: number }>(
      `SELECT state, open_time_ms::float8 AS "openTimeMs" FROM model_states
       WHERE symbol = $1 AND interval = $2 AND engine_id = $3`,
      [symbol, interval, engineId],
    );
    const saved = states.rows[0];
    const inputs = await db.query<{ payload: unknown }>(
      `SELECT payload FROM model_inputs WHERE symbol = $1 AND interval = $2 AND open_time_ms > $3 ORDER BY open_time_ms`,
      [symbol, interval, saved?.openTimeMs ?? -1],
    );
    return { state: saved?.state ?? null, inputs: inputs.rows.map(({ payload }) => payload) };
  }

  /** Records an input; call it in the transaction in which the engine takes it. */
  async append(
    tx: Queryable,
    { symbol, interval }: Market,
    input: { openTimeMs: number; payload: object },
  ): Promise<void> {
    await tx.query(`INSERT INTO model_inputs (symbol, interval, open_time_ms, payload) VALUES ($1, $2, $3, $4)`, [
      symbol,
      interval,
      input.openTimeMs,
      JSON.stringify(input.payload),
    ]);
  }

  /** Saves the state after the candle that opened at `openTimeMs` and drops the inputs it contains. */
  async save(
    tx: Queryable,
    { symbol, interval }: Market,
    saved: { readonly engineId: string; readonly openTimeMs: number; readonly state: object },
  ): Promise<void> {
    await tx.query(
      `INSERT INTO model_states (symbol, interval, engine_id, open_time_ms, state) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (symbol, interval, engine_id)
       DO UPDATE SET open_time_ms = excluded.open_time_ms, state = excluded.state`,
      [symbol, interval, saved.engineId, saved.openTimeMs, JSON.stringify(saved.state)],
    );
    await tx.query(`DELETE FROM model_inputs WHERE symbol = $1 AND interval = $2 AND open_time_ms <= $3`, [
      symbol,
      interval,
      saved.openTimeMs,
    ]);
  }
}
