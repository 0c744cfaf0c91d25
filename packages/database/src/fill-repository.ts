import type { Queryable, Side } from '@qt/contracts';
import { type Decimal, dec, toText } from '@qt/kernel';

/** One execution, by the venue's trade id. */
export interface Fill {
  readonly venue: string;
  readonly symbol: string;
  readonly venueFillId: string;
  readonly venueOrderId: string;
  readonly orderId: string;
  readonly positionId: string | null;
  readonly side: Side;
  readonly quantity: Decimal;
  readonly price: Decimal;
  readonly fee: Decimal;
  readonly feeAsset: string;
  readonly realizedPnlUsdt: Decimal;
  readonly isMaker: boolean;
  readonly occurredAtMs: number;
}

type Row = Omit<Fill, 'quantity' | 'price' | 'fee' | 'realizedPnlUsdt'> &
  Readonly<Record<'quantity' | 'price' | 'fee' | 'realizedPnlUsdt', string>>;

const COLUMNS = `venue, symbol, venue_fill_id AS "venueFillId", venue_order_id AS "venueOrderId", order_id AS "orderId",
  position_id AS "positionId", side, quantity, price, fee, fee_asset AS "feeAsset", realized_pnl_usdt AS "realizedPnlUsdt",
  is_maker AS "isMaker", occurred_at_ms::float8 AS "occurredAtMs"`;

const fillOf = (row: Row): Fill => ({
  ...row,
  quantity: dec(row.quantity),
  price: dec(row.price),
  fee: dec(row.fee),
  realizedPnlUsdt: dec(row.realizedPnlUsdt),
});

/** Append-only store of fills, unique by (venue, symbol, venueFillId). */
export class FillRepository {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  /** Returns which of these trade ids are recorded already. */
  async listKnown(symbol: string, venueFillIds: readonly string[]): Promise<ReadonlySet<string>> {
    const { rows } = await this.#db.query<{ id: string }>(
      'SELECT venue_fill_id AS id FROM fills WHERE symbol = $1 AND venue_fill_id = ANY($2::text[])',
      [symbol, venueFillIds],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** Throws pg's `unique_violation` on a fill that is recorded already: booking it again would count its money twice. */
  async record(fills: readonly Fill[]): Promise<void> {
    const rows = fills.map((fill) => ({
      ...fill,
      quantity: toText(fill.quantity),
      price: toText(fill.price),
      fee: toText(fill.fee),
      realizedPnlUsdt: toText(fill.realizedPnlUsdt),
    }));
    await this.#db.query(
      `INSERT INTO fills (venue, symbol, venue_fill_id, venue_order_id, order_id, position_id, side, quantity, price, fee, fee_asset,
         realized_pnl_usdt, is_maker, occurred_at_ms)
       SELECT venue, symbol, "venueFillId", "venueOrderId", "orderId", "positionId", side, quantity, price, fee, "feeAsset",
         "realizedPnlUsdt", "isMaker", "occurredAtMs"
       FROM json_to_recordset($1::json) AS x(venue text, symbol text, "venueFillId" text, "venueOrderId" text, "orderId" text,
         "positionId" text, side text, quantity numeric, price numeric, fee numeric, "feeAsset" text, "realizedPnlUsdt" numeric,
         "isMaker" boolean, "occurredAtMs" bigint)`,
      [JSON.stringify(rows)],
    );
  }

  async listForOrder(orderId: string): Promise<readonly Fill[]> {
    const { rows } = await this.#db.query<Row>(
      `SELECT ${COLUMNS} FROM fills WHERE order_id = $1 ORDER BY occurred_at_ms, length(venue_fill_id), venue_fill_id`,
      [orderId],
    );
    return rows.map(fillOf);
  }
}
