import type { Queryable, RegimeClassified } from '@qt/contracts';

/** Which classified candles of a market to read: opened after one time and before another, both exclusive. */
export interface ClassifiedCandleRange {
  readonly symbol: string;
  readonly interval: RegimeClassified['candle']['interval'];
  readonly afterMs: number;
  readonly beforeMs: number;
  /** The newest so many. */
  readonly limit: number;
}

interface Row {
  readonly openTimeMs: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
  readonly state: RegimeClassified['state'];
  readonly id: number;
  readonly name: string;
  readonly volatility: RegimeClassified['regime']['volatility'];
  readonly trend: RegimeClassified['regime']['trend'];
  readonly structure: RegimeClassified['regime']['structure'];
  readonly probability: number;
  readonly dwellCandles: number;
  readonly probabilities: number[];
}

/** Candles together with what the regime service said about each, in the form of its event: history for those who come later. Read-only. */
export class ClassifiedCandleRepository {
  /** Oldest first. */
  async listBetween(db: Queryable, range: ClassifiedCandleRange): Promise<readonly RegimeClassified[]> {
    const { symbol, interval } = range;
    const { rows } = await db.query<Row>(
      `SELECT * FROM (
         SELECT open_time_ms::float8 AS "openTimeMs", open, high, low, close, volume, state, regime_id AS id,
           regime_name AS name, volatility, trend, structure, probability, dwell_candles AS "dwellCandles", probabilities
         FROM candles JOIN regime_history USING (symbol, interval, open_time_ms)
         WHERE symbol = $1 AND interval = $2 AND open_time_ms > $3 AND open_time_ms < $4
         ORDER BY open_time_ms DESC LIMIT $5) newest
       ORDER BY "openTimeMs"`,
      [symbol, interval, range.afterMs, range.beforeMs, range.limit],
    );
    return rows.map((row) => ({
      candle: {
        symbol,
        interval,
        openTimeMs: row.openTimeMs,
        open: row.open,
        high: row.high,
        low: row.low,
        close: row.close,
        volume: row.volume,
      },
      state: row.state,
      regime: {
        id: row.id,
        name: row.name,
        volatility: row.volatility,
        trend: row.trend,
        structure: row.structure,
        probability: row.probability,
      },
      dwellCandles: row.dwellCandles,
      probabilities: row.probabilities,
    }));
  }
}
