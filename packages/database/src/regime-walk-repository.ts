import type { Queryable } from '@qt/contracts';
import type { MarketRange } from './regime-history-repository.ts';

/** One classified candle, reduced to what statistics over a long history need. */
export interface WalkedCandle {
  readonly openTimeMs: number;
  readonly regimeId: number;
  readonly close: number;
}

const PAGE_CANDLES = 5_000;

/** Walks through classified candles of any number without holding them. Read-only. */
export class RegimeWalkRepository {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  /**
   * Yields the candles that were classified as `ready`, oldest first, page by page. Each page is a statement of its own that goes on where
   * the last one ended: no transaction stays open over a long walk, and a walk that failed loses one page.
   */
  async *pages(range: MarketRange, pageCandles: number = PAGE_CANDLES): AsyncGenerator<readonly WalkedCandle[]> {
    let fromMs = range.fromMs;
    for (;;) {
      const { rows } = await this.#db.query<WalkedCandle>(
        // LATERAL with a limit leaves the planner one way: by key. Without statistics it would scan the market anew for each row.
        `SELECT h.open_time_ms::float8 AS "openTimeMs", h.regime_id AS "regimeId", c.close::float8 AS close
         FROM (
           SELECT open_time_ms, regime_id FROM regime_history
           WHERE symbol = $1 AND interval = $2 AND open_time_ms >= $3 AND open_time_ms < $4 AND state = 'ready'
           ORDER BY open_time_ms LIMIT $5
         ) h CROSS JOIN LATERAL (
           SELECT close FROM candles WHERE symbol = $1 AND interval = $2 AND open_time_ms = h.open_time_ms LIMIT 1
         ) c
         ORDER BY h.open_time_ms`,
        [range.symbol, range.interval, fromMs, range.toMs, pageCandles],
      );
      if (rows.length > 0) yield rows;
      const last = rows.at(-1);
      if (last === undefined || rows.length < pageCandles) return;
      fromMs = last.openTimeMs + 1;
    }
  }
}
