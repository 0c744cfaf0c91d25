import type { Queryable } from '@qt/contracts';
import type { MarketRange } from './regime-history-repository.ts';

/** One UTC day of one market. Means are null where an older engine told less. */
export interface RegimeDay {
  /** Such as 2026-03-29. */
  readonly day: string;
  readonly candles: number;
  readonly readyRatio: number;
  readonly meanProbability: number;
  readonly meanAgreementRatio: number | null;
  readonly meanStabilityRatio: number | null;
  readonly changes: number;
  /** What was said of a change within 10 candles, and how often the published regime then changed. */
  readonly meanChangeWithin10Probability: number | null;
  readonly changedWithin10Ratio: number | null;
}

export interface RegimeShare {
  readonly regimeId: number;
  readonly name: string;
  readonly ratio: number;
}

export interface TransitionCount {
  readonly fromRegimeId: number;
  readonly toRegimeId: number;
  readonly count: number;
  readonly meanLeftDwellCandles: number | null;
}

export interface MarketCount {
  readonly symbol: string;
  readonly interval: string;
  readonly candles: number;
}

/** Sums over the stored history, for reports. Read-only. */
export class RegimeReportRepository {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  /** Returns the open time of the newest candle of any market; null before the first. */
  async newestOpenTimeMs(): Promise<number | null> {
    const { rows } = await this.#db.query<{ newest: number | null }>(
      'SELECT max(open_time_ms)::float8 AS newest FROM regime_history',
      [],
    );
    return rows[0]?.newest ?? null;
  }

  /** Returns the markets that have history in a span of time; reads all of it. */
  async listMarkets(span: Pick<MarketRange, 'fromMs' | 'toMs'>): Promise<readonly MarketCount[]> {
    const { rows } = await this.#db.query<MarketCount>(
      `SELECT symbol, interval, count(*)::int AS candles FROM regime_history
       WHERE open_time_ms >= $1 AND open_time_ms < $2 GROUP BY symbol, interval ORDER BY symbol, interval`,
      [span.fromMs, span.toMs],
    );
    return rows;
  }

  /** Oldest day first. The last 10 candles of the range are not judged on whether a change followed. */
  async listDays(range: MarketRange): Promise<readonly RegimeDay[]> {
    const { rows } = await this.#db.query<RegimeDay>(
      `WITH market AS (
         SELECT *, count(previous_regime_id) OVER ahead AS changes_ahead, count(*) OVER ahead AS candles_ahead
         FROM regime_history WHERE symbol = $1 AND interval = $2 AND open_time_ms >= $3 AND open_time_ms < $4
         WINDOW ahead AS (ORDER BY open_time_ms ROWS BETWEEN 1 FOLLOWING AND 10 FOLLOWING)
       )
       SELECT (to_timestamp(open_time_ms / 1000) AT TIME ZONE 'UTC')::date::text AS day, count(*)::int AS candles,
         avg((state = 'ready')::int)::float8 AS "readyRatio", avg(probability) AS "meanProbability",
         avg(agreement_ratio) AS "meanAgreementRatio", avg(stability_ratio) AS "meanStabilityRatio",
         count(previous_regime_id)::int AS changes,
         avg(change_within_10_probability) FILTER (WHERE candles_ahead = 10) AS "meanChangeWithin10Probability",
         (avg((changes_ahead > 0)::int) FILTER (WHERE candles_ahead = 10 AND change_within_10_probability IS NOT NULL))::float8
           AS "changedWithin10Ratio"
       FROM market GROUP BY 1 ORDER BY 1`,
      [range.symbol, range.interval, range.fromMs, range.toMs],
    );
    return rows;
  }

  /** The most frequent first. */
  async listShares(range: MarketRange): Promise<readonly RegimeShare[]> {
    const { rows } = await this.#db.query<RegimeShare>(
      `SELECT regime_id AS "regimeId", mode() WITHIN GROUP (ORDER BY regime_name) AS name,
         (count(*) / sum(count(*)) OVER ())::float8 AS ratio
       FROM regime_history WHERE symbol = $1 AND interval = $2 AND open_time_ms >= $3 AND open_time_ms < $4
       GROUP BY regime_id ORDER BY ratio DESC, regime_id`,
      [range.symbol, range.interval, range.fromMs, range.toMs],
    );
    return rows;
  }

  /** The most frequent first. */
  async listTransitionCounts(range: MarketRange): Promise<readonly TransitionCount[]> {
    const { rows } = await this.#db.query<TransitionCount>(
      `SELECT from_regime_id AS "fromRegimeId", to_regime_id AS "toRegimeId", count(*)::int AS count,
         avg(left_dwell_candles)::float8 AS "meanLeftDwellCandles"
       FROM regime_transitions WHERE symbol = $1 AND interval = $2 AND open_time_ms >= $3 AND open_time_ms < $4
       GROUP BY 1, 2 ORDER BY count DESC, 1, 2`,
      [range.symbol, range.interval, range.fromMs, range.toMs],
    );
    return rows;
  }

  /** Returns how many changes went back to the regime they had left within 10 candles. */
  async countUndone(range: MarketRange): Promise<number> {
    const { rows } = await this.#db.query<{ count: number }>(
      `SELECT (count(*) FILTER (WHERE next_to = from_regime_id AND next_dwell <= 10))::int AS count
       FROM (SELECT from_regime_id, lead(to_regime_id) OVER market AS next_to, lead(left_dwell_candles) OVER market AS next_dwell
         FROM regime_transitions WHERE symbol = $1 AND interval = $2 AND open_time_ms >= $3 AND open_time_ms < $4
         WINDOW market AS (ORDER BY open_time_ms)) changes`,
      [range.symbol, range.interval, range.fromMs, range.toMs],
    );
    return rows[0]?.count ?? 0;
  }
}
