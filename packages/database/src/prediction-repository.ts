import type { Queryable } from '@qt/contracts';
import type { SettledCandle } from './signal-repository.ts';

/** What one model said about one candle. */
export interface PredictionRecord {
  readonly modelId: string;
  readonly direction: 'long' | 'short' | 'hold';
  readonly score: number;
  /** Calibrated probability that the direction is right; 0.5 for a hold. */
  readonly confidence: number;
  readonly weight: number;
}

/** The candle that predictions are about. */
export interface PredictedCandle {
  readonly symbol: string;
  readonly interval: string;
  readonly candleClosedAtMs: number;
  readonly regimeId: number;
}

/** How often a model was right, over outcomes that are known. */
export interface ModelRecord {
  readonly modelId: string;
  readonly predictions: number;
  readonly opinions: number;
  /** Opinions whose horizon is over and whose price moved. */
  readonly settled: number;
  readonly right: number;
}

/** Every model's word on every candle, and what came of it. */
export class PredictionRepository {
  async record(tx: Queryable, candle: PredictedCandle, predictions: readonly PredictionRecord[]): Promise<void> {
    if (predictions.length === 0) return;
    await tx.query(
      `INSERT INTO predictions (symbol, interval, candle_closed_at_ms, regime_id, model_id, direction, score, confidence, weight)
       SELECT $1, $2, $3, $4, * FROM unnest($5::text[], $6::text[], $7::float8[], $8::float8[], $9::float8[])`,
      [
        candle.symbol,
        candle.interval,
        candle.candleClosedAtMs,
        candle.regimeId,
        predictions.map(({ modelId }) => modelId),
        predictions.map(({ direction }) => direction),
        predictions.map(({ score }) => score),
        predictions.map(({ confidence }) => confidence),
        predictions.map(({ weight }) => weight),
      ],
    );
  }

  /** Writes down what the price did over the horizon of a candle's predictions. */
  async settle(tx: Queryable, { symbol, interval, candleClosedAtMs, returnRatio }: SettledCandle): Promise<void> {
    await tx.query(
      `UPDATE predictions SET realized_return_ratio = $4
       WHERE symbol = $1 AND interval = $2 AND candle_closed_at_ms = $3`,
      [symbol, interval, candleClosedAtMs, returnRatio],
    );
  }

  /** The record of each model over candles closed from `sinceMs` on. */
  async listModelRecords(db: Queryable, sinceMs: number): Promise<readonly ModelRecord[]> {
    const { rows } = await db.query<ModelRecord>(
      `SELECT model_id AS "modelId", count(*)::float8 AS predictions,
         (count(*) FILTER (WHERE direction <> 'hold'))::float8 AS opinions,
         (count(*) FILTER (WHERE direction <> 'hold' AND realized_return_ratio <> 0))::float8 AS settled,
         (count(*) FILTER (WHERE (direction = 'long' AND realized_return_ratio > 0)
           OR (direction = 'short' AND realized_return_ratio < 0)))::float8 AS right
       FROM predictions WHERE candle_closed_at_ms >= $1 GROUP BY model_id ORDER BY model_id`,
      [sinceMs],
    );
    return rows;
  }
}
