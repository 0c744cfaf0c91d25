import type { Queryable } from '@qt/contracts';
import type { MarketRange } from './regime-history-repository.ts';

/** How far the record of one market agrees with itself: all but `candles` is 0 where it does. */
export interface RegimeAudit {
  readonly candles: number;
  /** Candles that do not follow the one before them at one interval's distance. */
  readonly holes: number;
  readonly unclassified: number;
  /**
   * Classifications whose probabilities do not sum to 1, or whose regime differs from the one before without saying so. The newest candle of the
   * first history may differ: an engine that had learned from all of it told that one, and none but that one.
   */
  readonly contradictions: number;
  /** Changes in the history that `regime_transitions` does not have, and the other way round. */
  readonly transitionsAmiss: number;
}

/** Checks what is stored against itself. Read-only. */
export class RegimeAuditRepository {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  async audit({ symbol, interval, fromMs, toMs }: MarketRange, intervalMs: number): Promise<RegimeAudit> {
    const { rows } = await this.#db.query<RegimeAudit>(
      `WITH market AS (
         SELECT c.open_time_ms, h.regime_id, h.previous_regime_id, h.probabilities, t.to_regime_id, t.from_regime_id,
           NOT c.is_published AND lead(c.is_published, 1, true) OVER market AS is_newest_of_history,
           lag(c.open_time_ms) OVER market AS before_ms, lag(h.regime_id) OVER market AS before_id
         FROM candles c
           LEFT JOIN LATERAL (SELECT regime_id, previous_regime_id, probabilities FROM regime_history
             WHERE symbol = $1 AND interval = $2 AND open_time_ms = c.open_time_ms LIMIT 1) h ON true
           LEFT JOIN LATERAL (SELECT from_regime_id, to_regime_id FROM regime_transitions
             WHERE symbol = $1 AND interval = $2 AND open_time_ms = c.open_time_ms LIMIT 1) t ON true
         WHERE c.symbol = $1 AND c.interval = $2 AND c.open_time_ms >= $3 AND c.open_time_ms < $4
         WINDOW market AS (ORDER BY c.open_time_ms)
       )
       SELECT count(*)::int AS candles,
         (count(*) FILTER (WHERE open_time_ms - before_ms <> $5::bigint))::int AS holes,
         (count(*) FILTER (WHERE regime_id IS NULL))::int AS unclassified,
         (count(*) FILTER (WHERE (SELECT abs(sum(p) - 1) FROM unnest(probabilities) p) > 1e-6
           OR (before_id <> regime_id AND previous_regime_id IS DISTINCT FROM before_id
             AND NOT is_newest_of_history)))::int AS contradictions,
         (count(*) FILTER (WHERE previous_regime_id IS DISTINCT FROM from_regime_id
           OR (to_regime_id IS NOT NULL AND to_regime_id <> regime_id)))::int AS "transitionsAmiss"
       FROM market`,
      [symbol, interval, fromMs, toMs, intervalMs],
    );
    return rows[0] ?? { candles: 0, holes: 0, unclassified: 0, contradictions: 0, transitionsAmiss: 0 };
  }
}
