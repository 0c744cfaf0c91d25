import type { Direction, Queryable } from '@qt/contracts';
import { type Decimal, dec, toText } from '@qt/kernel';

/** One position, open or closed. Money as the venue booked it: PnL without fees, fees positive, funding signed. */
export interface PositionRecord {
  readonly positionId: string;
  readonly status: 'open' | 'closed';
  /** Null for a position we did not open. */
  readonly decisionId: string | null;
  readonly signalId: string | null;
  readonly symbol: string;
  readonly direction: Direction;
  readonly quantity: Decimal;
  readonly maxQuantity: Decimal;
  readonly entryPrice: Decimal;
  readonly closedQuantity: Decimal;
  readonly exitPrice: Decimal | null;
  readonly leverage: number;
  readonly stopPrice: Decimal | null;
  readonly targetPrice: Decimal | null;
  readonly horizonEndsAtMs: number | null;
  readonly openedAtMs: number;
  readonly closedAtMs: number | null;
  readonly exitReason: string | null;
  readonly realizedPnlUsdt: Decimal;
  readonly feesUsdt: Decimal;
  readonly fundingUsdt: Decimal;
  readonly correlationId: string;
}

const AMOUNTS = [
  'quantity',
  'maxQuantity',
  'entryPrice',
  'closedQuantity',
  'realizedPnlUsdt',
  'feesUsdt',
  'fundingUsdt',
] as const;
const OPTIONAL_AMOUNTS = ['exitPrice', 'stopPrice', 'targetPrice'] as const;
type Row = Omit<PositionRecord, (typeof AMOUNTS)[number] | (typeof OPTIONAL_AMOUNTS)[number]> &
  Readonly<Record<(typeof AMOUNTS)[number], string> & Record<(typeof OPTIONAL_AMOUNTS)[number], string | null>>;

const COLUMNS = `position_id AS "positionId", status, decision_id AS "decisionId", signal_id AS "signalId", symbol, direction, quantity,
  max_quantity AS "maxQuantity", entry_price AS "entryPrice", closed_quantity AS "closedQuantity", exit_price AS "exitPrice", leverage,
  stop_price AS "stopPrice", target_price AS "targetPrice", horizon_ends_at_ms::float8 AS "horizonEndsAtMs",
  opened_at_ms::float8 AS "openedAtMs", closed_at_ms::float8 AS "closedAtMs", exit_reason AS "exitReason",
  realized_pnl_usdt AS "realizedPnlUsdt", fees_usdt AS "feesUsdt", funding_usdt AS "fundingUsdt", correlation_id AS "correlationId"`;

const number = (value: string | null): Decimal | null => (value === null ? null : dec(value));
const text = (value: Decimal | null): string | null => (value === null ? null : toText(value));

const positionOf = (row: Row): PositionRecord => ({
  ...row,
  quantity: dec(row.quantity),
  maxQuantity: dec(row.maxQuantity),
  entryPrice: dec(row.entryPrice),
  closedQuantity: dec(row.closedQuantity),
  exitPrice: number(row.exitPrice),
  stopPrice: number(row.stopPrice),
  targetPrice: number(row.targetPrice),
  realizedPnlUsdt: dec(row.realizedPnlUsdt),
  feesUsdt: dec(row.feesUsdt),
  fundingUsdt: dec(row.fundingUsdt),
});

/** Positions; at most one open per symbol. */
export class PositionRepository {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  /** Writes positions whole, new or changed; a closed one must be given before the one that follows it on its symbol. */
  async save(positions: readonly PositionRecord[]): Promise<void> {
    const rows = positions.map((position) => ({
      ...position,
      ...Object.fromEntries(AMOUNTS.map((name) => [name, toText(position[name])])),
      ...Object.fromEntries(OPTIONAL_AMOUNTS.map((name) => [name, text(position[name])])),
    }));
    await this.#db.query(
      `INSERT INTO positions (position_id, status, decision_id, signal_id, symbol, direction, quantity, max_quantity, entry_price,
         closed_quantity, exit_price, leverage, stop_price, target_price, horizon_ends_at_ms, opened_at_ms, closed_at_ms, exit_reason,
         realized_pnl_usdt, fees_usdt, funding_usdt, correlation_id)
       SELECT "positionId", status, "decisionId", "signalId", symbol, direction, quantity, "maxQuantity", "entryPrice",
         "closedQuantity", "exitPrice", leverage, "stopPrice", "targetPrice", "horizonEndsAtMs", "openedAtMs", "closedAtMs",
         "exitReason", "realizedPnlUsdt", "feesUsdt", "fundingUsdt", "correlationId"
       FROM json_to_recordset($1::json) AS x("positionId" text, status text, "decisionId" text, "signalId" uuid, symbol text,
         direction text, quantity numeric, "maxQuantity" numeric, "entryPrice" numeric, "closedQuantity" numeric, "exitPrice" numeric,
         leverage int, "stopPrice" numeric, "targetPrice" numeric, "horizonEndsAtMs" bigint, "openedAtMs" bigint, "closedAtMs" bigint,
         "exitReason" text, "realizedPnlUsdt" numeric, "feesUsdt" numeric, "fundingUsdt" numeric, "correlationId" text)
       ON CONFLICT (position_id) DO UPDATE SET status = excluded.status, quantity = excluded.quantity,
         max_quantity = excluded.max_quantity, entry_price = excluded.entry_price, closed_quantity = excluded.closed_quantity,
         exit_price = excluded.exit_price, stop_price = excluded.stop_price, target_price = excluded.target_price,
         closed_at_ms = excluded.closed_at_ms, exit_reason = excluded.exit_reason, realized_pnl_usdt = excluded.realized_pnl_usdt,
         fees_usdt = excluded.fees_usdt, funding_usdt = excluded.funding_usdt`,
      [JSON.stringify(rows)],
    );
  }

  async listOpen(): Promise<readonly PositionRecord[]> {
    const { rows } = await this.#db.query<Row>(
      `SELECT ${COLUMNS} FROM positions WHERE status = 'open' ORDER BY symbol`,
    );
    return rows.map(positionOf);
  }

  /** Returns the plan that an entry's decision made for its position; null for an unknown decision. */
  async planOf(decisionId: string): Promise<PositionPlan | null> {
    const { rows } = await this.#db.query<PlanRow>(
      `SELECT signal_id AS "signalId", leverage, stop_price AS "stopPrice", target_price AS "targetPrice",
         horizon_ends_at_ms::float8 AS "horizonEndsAtMs" FROM risk_decisions WHERE decision_id = $1 AND outcome = 'approved'`,
      [decisionId],
    );
    const [row] = rows;
    return row === undefined
      ? null
      : { ...row, stopPrice: number(row.stopPrice), targetPrice: number(row.targetPrice) };
  }
}

/** What an approved entry says about the position it opens. */
export interface PositionPlan {
  readonly signalId: string | null;
  readonly leverage: number;
  readonly stopPrice: Decimal | null;
  readonly targetPrice: Decimal | null;
  readonly horizonEndsAtMs: number | null;
}

type PlanRow = Omit<PositionPlan, 'stopPrice' | 'targetPrice'> &
  Readonly<Record<'stopPrice' | 'targetPrice', string | null>>;
