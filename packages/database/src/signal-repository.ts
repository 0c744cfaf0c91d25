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

/** A candle's opinions and what the price did over their horizon. */
export interface SettledCandle {
  readonly symbol: string;
  readonly interval: string;
  readonly candleClosedAtMs: number;
  readonly returnRatio: number;
}

export interface SignalQuery {
  readonly symbol?: string;
  readonly limit: number;
}

// numeric and bigint leave pg as text: prices stay text, epoch milliseconds fit a float8 exactly.
const COLUMNS = `signal_id AS "signalId", symbol, interval, direction, confidence, horizon_ms::float8 AS "horizonMs",
  expires_at_ms::float8 AS "expiresAtMs", candle_closed_at_ms::float8 AS "candleClosedAtMs", last_price AS "lastPrice",
  volatility_ratio AS "volatilityRatio", regime, ensemble_id AS "ensembleId", votes`;

/** Published opinions, and what became of every candle. */
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

  /** Records what became of a candle, once per candle. */
  async recordDecision(tx: Queryable, decision: SignalDecisionRecord): Promise<void> {
    await tx.query(
      `INSERT INTO signal_decisions (symbol, interval, candle_closed_at_ms, kind, reason, direction, confidence, regime_id,
         is_after_gap)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        decision.symbol,
        decision.interval,
        decision.candleClosedAtMs,
        decision.kind,
        decision.reason,
        decision.direction,
        decision.confidence,
        decision.regimeId,
        decision.isAfterGap,
      ],
    );
  }

  /** Writes down what the price did over the horizon of a candle's signal, if it had one. */
  async settle(tx: Queryable, { symbol, interval, candleClosedAtMs, returnRatio }: SettledCandle): Promise<void> {
    await tx.query(
      `UPDATE signals SET realized_return_ratio = $4
       WHERE symbol = $1 AND interval = $2 AND candle_closed_at_ms = $3`,
      [symbol, interval, candleClosedAtMs, returnRatio],
    );
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
