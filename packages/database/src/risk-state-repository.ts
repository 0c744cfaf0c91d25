import type { Queryable } from '@qt/contracts';
import { type Decimal, dec, toText } from '@qt/kernel';

/** What the loss limits are measured from, and how far the venue's income has been read. Survives restarts. */
export interface RiskState {
  readonly dayStartMs: number;
  readonly dayStartEquityUsdt: Decimal;
  readonly peakEquityUsdt: Decimal;
  /** Entries filled since 00:00 UTC. */
  readonly dayTrades: number;
  readonly incomeCursorMs: number;
}

type Row = Omit<RiskState, 'dayStartEquityUsdt' | 'peakEquityUsdt'> & {
  readonly dayStartEquityUsdt: string;
  readonly peakEquityUsdt: string;
};

/** The one row of `risk_state`, and the cursors into the venue's list of trades. */
export class RiskStateRepository {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  async find(): Promise<RiskState | null> {
    const { rows } = await this.#db.query<Row>(
      `SELECT day_start_ms::float8 AS "dayStartMs", day_start_equity_usdt AS "dayStartEquityUsdt",
         peak_equity_usdt AS "peakEquityUsdt", day_trades AS "dayTrades", income_cursor_ms::float8 AS "incomeCursorMs" FROM risk_state`,
    );
    const [row] = rows;
    if (row === undefined) return null;
    return { ...row, dayStartEquityUsdt: dec(row.dayStartEquityUsdt), peakEquityUsdt: dec(row.peakEquityUsdt) };
  }

  async save(state: RiskState): Promise<void> {
    await this.#db.query(
      `INSERT INTO risk_state (day_start_ms, day_start_equity_usdt, peak_equity_usdt, day_trades, income_cursor_ms)
       VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (is_only_row) DO UPDATE SET day_start_ms = excluded.day_start_ms,
         day_start_equity_usdt = excluded.day_start_equity_usdt, peak_equity_usdt = excluded.peak_equity_usdt,
         day_trades = excluded.day_trades, income_cursor_ms = excluded.income_cursor_ms`,
      [
        state.dayStartMs,
        toText(state.dayStartEquityUsdt),
        toText(state.peakEquityUsdt),
        state.dayTrades,
        state.incomeCursorMs,
      ],
    );
  }

  /** Returns how far the venue's trades have been read, by symbol. */
  async fillCursors(): Promise<ReadonlyMap<string, string>> {
    const { rows } = await this.#db.query<{ symbol: string; id: string }>(
      'SELECT symbol, venue_fill_id AS id FROM fill_cursors',
    );
    return new Map(rows.map(({ symbol, id }) => [symbol, id]));
  }

  async saveFillCursor(symbol: string, venueFillId: string): Promise<void> {
    await this.#db.query(
      `INSERT INTO fill_cursors (symbol, venue_fill_id) VALUES ($1, $2)
       ON CONFLICT (symbol) DO UPDATE SET venue_fill_id = excluded.venue_fill_id`,
      [symbol, venueFillId],
    );
  }
}
