import type { Queryable } from '@qt/contracts';

/** What one closed position adds to its day. Decimal texts in USDT; `netPnlUsdt` = realized + funding - fees. */
export interface ClosedPositionResult {
  readonly closedAtMs: number;
  readonly symbol: string;
  readonly realizedPnlUsdt: string;
  readonly feesUsdt: string;
  readonly fundingUsdt: string;
  readonly netPnlUsdt: string;
}

export interface DailyPerformance {
  /** UTC day, such as 2024-01-31. */
  readonly day: string;
  readonly symbol: string;
  readonly positionsClosed: number;
  readonly wins: number;
  readonly losses: number;
  readonly grossProfitUsdt: string;
  readonly grossLossUsdt: string;
  readonly realizedPnlUsdt: string;
  readonly feesUsdt: string;
  readonly fundingUsdt: string;
  readonly netPnlUsdt: string;
}

/** Results per UTC day and symbol, added up as positions close. */
export class PerformanceRepository {
  /** Adds one closed position. Not idempotent: call it only in the transaction that claims its event. */
  async add(tx: Queryable, result: ClosedPositionResult): Promise<void> {
    await tx.query(
      `INSERT INTO performance_daily AS daily (day, symbol, positions_closed, wins, losses, gross_profit_usdt,
         gross_loss_usdt, realized_pnl_usdt, fees_usdt, funding_usdt, net_pnl_usdt)
       VALUES ((to_timestamp($1::float8 / 1000) AT TIME ZONE 'UTC')::date, $2, 1,
         ($6::numeric > 0)::int, ($6::numeric <= 0)::int, greatest($6::numeric, 0), greatest(-$6::numeric, 0),
         $3::numeric, $4::numeric, $5::numeric, $6::numeric)
       ON CONFLICT (day, symbol) DO UPDATE SET
         positions_closed = daily.positions_closed + 1,
         wins = daily.wins + excluded.wins,
         losses = daily.losses + excluded.losses,
         gross_profit_usdt = daily.gross_profit_usdt + excluded.gross_profit_usdt,
         gross_loss_usdt = daily.gross_loss_usdt + excluded.gross_loss_usdt,
         realized_pnl_usdt = daily.realized_pnl_usdt + excluded.realized_pnl_usdt,
         fees_usdt = daily.fees_usdt + excluded.fees_usdt,
         funding_usdt = daily.funding_usdt + excluded.funding_usdt,
         net_pnl_usdt = daily.net_pnl_usdt + excluded.net_pnl_usdt`,
      [
        result.closedAtMs,
        result.symbol,
        result.realizedPnlUsdt,
        result.feesUsdt,
        result.fundingUsdt,
        result.netPnlUsdt,
      ],
    );
  }

  /** Newest day first. */
  async list(db: Queryable, limitDays: number): Promise<readonly DailyPerformance[]> {
    const { rows } = await db.query<DailyPerformance>(
      `SELECT day::text AS day, symbol, positions_closed AS "positionsClosed", wins, losses,
         gross_profit_usdt::text AS "grossProfitUsdt", gross_loss_usdt::text AS "grossLossUsdt",
         realized_pnl_usdt::text AS "realizedPnlUsdt", fees_usdt::text AS "feesUsdt",
         funding_usdt::text AS "fundingUsdt", net_pnl_usdt::text AS "netPnlUsdt"
       FROM performance_daily
       WHERE day > (SELECT coalesce(max(day), CURRENT_DATE) FROM performance_daily) - $1::int
       ORDER BY day DESC, symbol`,
      [limitDays],
    );
    return rows;
  }
}
