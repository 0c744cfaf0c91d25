import { type Queryable, SignalGenerated } from '@qt/contracts';

/** What became of one candle in ai-service. */
export interface SignalDecisionRecord {
  readonly symbol: string;
  readonly interval: string;
  readonly candleClosedAtMs: number;
  readonly kind: 'signal' | 'hold' | 'warming';
  /** Why there was no signal; null for a signal. */
  readonly reason: string | null;
  readonly direction: 'long' | 'short' | null;
  readonly confidence: number | null;
  readonly regimeId: number;
  readonly isAfterGap: boolean;
}

/** What one model said about a candle. */
export interface PredictionRecord {
  readonly modelId: string;
  readonly direction: 'long' | 'short' | 'hold';
  readonly score: number;
  /** Calibrated probability that the direction is right; 0.5 for a hold. */
  readonly confidence: number;
  readonly weight: number;
}

/** What the price did over the horizon of an earlier candle of the same market. */
export interface SettledCandle {
  readonly candleClosedAtMs: number;
  readonly returnRatio: number;
}

/** Everything one candle writes down besides its signal. */
export interface ConsideredCandle {
  readonly decision: SignalDecisionRecord;
  readonly predictions: readonly PredictionRecord[];
  readonly settlements: readonly SettledCandle[];
}

export interface SignalQuery {
  readonly symbol?: string;
  readonly limit: number;
}

// numeric and bigint leave pg as text: prices stay text, epoch milliseconds fit a float8 exactly.
const COLUMNS = `signal_id AS "signalId", symbol, interval, direction, confidence, horizon_ms::float8 AS "horizonMs",
  expires_at_ms::float8 AS "expiresAtMs", candle_closed_at_ms::float8 AS "candleClosedAtMs", last_price AS "lastPrice",
  volatility_ratio AS "volatilityRatio", regime, ensemble_id AS "ensembleId", votes`;

// One statement of inserts only, one round trip: this runs for every candle of every market.
const RECORD_CANDLE = `WITH outcomes AS (
    INSERT INTO prediction_outcomes (symbol, interval, candle_closed_at_ms, return_ratio)
    SELECT $1, $2, * FROM unnest($15::bigint[], $16::float8[])
    -- an engine that began anew comes to outcomes that are known
    ON CONFLICT DO NOTHING
  ), predicted AS (
    INSERT INTO predictions (symbol, interval, candle_closed_at_ms, regime_id, model_id, direction, score, confidence, weight)
    SELECT $1, $2, $3, $4, * FROM unnest($10::text[], $11::text[], $12::float8[], $13::float8[], $14::float8[])
  )
  INSERT INTO signal_decisions (symbol, interval, candle_closed_at_ms, regime_id, kind, reason, direction, confidence, is_after_gap)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`;

/** Published opinions, and what every candle and every model came to. */
export class SignalRepository {
  /** Records a signal; call it in the transaction that publishes it. */
  async record(tx: Queryable, signal: SignalGenerated, correlationId: string): Promise<void> {
    await tx.query(
      `INSERT INTO signals (signal_id, symbol, interval, candle_closed_at_ms, direction, confidence, horizon_ms, expires_at_ms,
         last_price, volatility_ratio, regime_id, regime, ensemble_id, votes, correlation_id)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
      [
        signal.signalId,
        signal.symbol,
        signal.interval,
        signal.candleClosedAtMs,
        signal.direction,
        signal.confidence,
        signal.horizonMs,
        signal.expiresAtMs,
        signal.lastPrice,
        signal.volatilityRatio,
        signal.regime.id,
        JSON.stringify(signal.regime),
        signal.ensembleId,
        JSON.stringify(signal.votes),
        correlationId,
      ],
    );
  }

  /** Records what became of a candle and what every model said of it, and settles the candles whose horizon ended with it. */
  async recordCandle(tx: Queryable, { decision, predictions, settlements }: ConsideredCandle): Promise<void> {
    await tx.query(RECORD_CANDLE, [
      decision.symbol,
      decision.interval,
      decision.candleClosedAtMs,
      decision.regimeId,
      decision.kind,
      decision.reason,
      decision.direction,
      decision.confidence,
      decision.isAfterGap,
      predictions.map(({ modelId }) => modelId),
      predictions.map(({ direction }) => direction),
      predictions.map(({ score }) => score),
      predictions.map(({ confidence }) => confidence),
      predictions.map(({ weight }) => weight),
      settlements.map(({ candleClosedAtMs }) => candleClosedAtMs),
      settlements.map(({ returnRatio }) => returnRatio),
    ]);
  }

  /** Newest first. */
  async listLatest(db: Queryable, { symbol, limit }: SignalQuery): Promise<readonly SignalGenerated[]> {
    const { rows } = await db.query(
      `SELECT ${COLUMNS} FROM signals WHERE $1::text IS NULL OR symbol = $1
       ORDER BY candle_closed_at_ms DESC, symbol LIMIT $2`,
      [symbol ?? null, limit],
    );
    return rows.map((row) => SignalGenerated.payload.parse(row));
  }

  /** Candles per outcome, `hold/NO_OPINION` and the like, of all time. */
  async countDecisions(db: Queryable): Promise<Readonly<Record<string, number>>> {
    const { rows } = await db.query<{ outcome: string; candles: number }>(
      `SELECT kind || coalesce('/' || reason, '') AS outcome, count(*)::float8 AS candles
       FROM signal_decisions GROUP BY 1 ORDER BY 1`,
    );
    return Object.fromEntries(rows.map(({ outcome, candles }) => [outcome, candles]));
  }
}
