import type { Queryable } from '@qt/contracts';

/** How often a model was right, over outcomes that are known. */
export interface ModelRecord {
  readonly modelId: string;
  readonly predictions: number;
  readonly opinions: number;
  /** Opinions whose horizon is over and whose price moved. */
  readonly settled: number;
  readonly right: number;
}

/** Reads what became of every model's word; `SignalRepository.recordCandle` writes it. */
export class PredictionRepository {
  /** The record of each model over candles closed from `sinceMs` on. */
  async listModelRecords(db: Queryable, sinceMs: number): Promise<readonly ModelRecord[]> {
    const { rows } = await db.query<ModelRecord>(
      `SELECT model_id AS "modelId", count(*)::float8 AS predictions,
         (count(*) FILTER (WHERE direction <> 'hold'))::float8 AS opinions,
         (count(*) FILTER (WHERE direction <> 'hold' AND return_ratio <> 0))::float8 AS settled,
         (count(*) FILTER (WHERE (direction = 'long' AND return_ratio > 0)
           OR (direction = 'short' AND return_ratio < 0)))::float8 AS right
       FROM predictions LEFT JOIN prediction_outcomes USING (symbol, interval, candle_closed_at_ms)
       WHERE candle_closed_at_ms >= $1 GROUP BY model_id ORDER BY model_id`,
      [sinceMs],
    );
    return rows;
  }
}
