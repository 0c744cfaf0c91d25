import type { OrderLeg, OrderType, Queryable, Side } from '@qt/contracts';
import { type Decimal, dec, toText } from '@qt/kernel';

/** What was about to be sent, written before it was: exactly one HTTP send per row. */
export interface OrderIntent {
  readonly clientOrderId: string;
  readonly decisionId: string;
  readonly leg: Exclude<OrderLeg, 'external'>;
  readonly attempt: number;
  readonly symbol: string;
  readonly side: Side;
  readonly orderType: OrderType;
  /** Null only when it closes the whole position. */
  readonly quantity: Decimal | null;
  readonly price: Decimal | null;
  readonly isReduceOnly: boolean;
  readonly closesPosition: boolean;
  readonly leaderEpoch: number;
  readonly sentAtMs: number;
  /** From then on the venue cannot accept the request any more. */
  readonly horizonMs: number;
  /** The machine's clock. */
  readonly sentWallMs: number;
}

/** One order, ours or another's, as far as we know. `state` is a state of the order state machine. */
export interface OrderRecord {
  readonly orderId: string;
  readonly clientOrderId: string;
  /** Null: not sent by us. */
  readonly intentId: string | null;
  readonly decisionId: string | null;
  readonly leg: OrderLeg;
  readonly attempt: number;
  readonly symbol: string;
  readonly side: Side;
  readonly orderType: OrderType;
  readonly book: 'plain' | 'conditional';
  readonly quantity: Decimal | null;
  readonly price: Decimal | null;
  readonly venueOrderId: string | null;
  readonly actualVenueOrderId: string | null;
  readonly state: string;
  readonly executedQuantity: Decimal;
  readonly averagePrice: Decimal | null;
  readonly venueExecutedQuantity: Decimal;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly correlationId: string;
}

/** An order together with what its intent and decision add. */
export interface KnownOrder extends OrderRecord {
  readonly horizonMs: number | null;
  readonly exitReason: string | null;
}

type Row = Omit<KnownOrder, 'quantity' | 'price' | 'executedQuantity' | 'averagePrice' | 'venueExecutedQuantity'> & {
  readonly quantity: string | null;
  readonly price: string | null;
  readonly executedQuantity: string;
  readonly averagePrice: string | null;
  readonly venueExecutedQuantity: string;
};

// numeric and bigint leave pg as text: prices stay text, epoch milliseconds fit a float8 exactly.
const SELECT = `SELECT o.order_id AS "orderId", o.client_order_id AS "clientOrderId", o.intent_id AS "intentId",
    o.decision_id AS "decisionId", o.leg, o.attempt, o.symbol, o.side, o.order_type AS "orderType", o.book, o.quantity, o.price,
    o.venue_order_id AS "venueOrderId", o.actual_venue_order_id AS "actualVenueOrderId", o.state,
    o.executed_quantity AS "executedQuantity", o.average_price AS "averagePrice",
    o.venue_executed_quantity AS "venueExecutedQuantity", o.created_at_ms::float8 AS "createdAtMs",
    o.updated_at_ms::float8 AS "updatedAtMs", o.correlation_id AS "correlationId", i.horizon_ms::float8 AS "horizonMs",
    d.exit_reason AS "exitReason"
  FROM orders o LEFT JOIN order_intents i ON i.client_order_id = o.intent_id
    LEFT JOIN risk_decisions d ON d.decision_id = o.decision_id`;

const number = (value: string | null): Decimal | null => (value === null ? null : dec(value));
const text = (value: Decimal | null): string | null => (value === null ? null : toText(value));

const orderOf = (row: Row): KnownOrder => ({
  ...row,
  quantity: number(row.quantity),
  price: number(row.price),
  executedQuantity: dec(row.executedQuantity),
  averagePrice: number(row.averagePrice),
  venueExecutedQuantity: dec(row.venueExecutedQuantity),
});

/** Intents and the orders that came of them. */
export class OrderRepository {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  /** Throws pg's `check_violation` when a decision or the mode does not allow an intent. */
  async recordIntents(intents: readonly OrderIntent[]): Promise<void> {
    const rows = intents.map((intent) => ({ ...intent, quantity: text(intent.quantity), price: text(intent.price) }));
    await this.#db.query(
      `INSERT INTO order_intents (client_order_id, decision_id, leg, attempt, symbol, side, order_type, quantity, price,
         is_reduce_only, closes_position, leader_epoch, sent_at_ms, horizon_ms, sent_wall_ms)
       SELECT "clientOrderId", "decisionId", leg, attempt, symbol, side, "orderType", quantity, price, "isReduceOnly",
         "closesPosition", "leaderEpoch", "sentAtMs", "horizonMs", "sentWallMs"
       FROM json_to_recordset($1::json) AS x("clientOrderId" text, "decisionId" text, leg text, attempt int, symbol text, side text,
         "orderType" text, quantity numeric, price numeric, "isReduceOnly" boolean, "closesPosition" boolean, "leaderEpoch" bigint,
         "sentAtMs" bigint, "horizonMs" bigint, "sentWallMs" bigint)`,
      [JSON.stringify(rows)],
    );
  }

  /** Writes orders whole, new or changed. */
  async save(orders: readonly OrderRecord[]): Promise<void> {
    const rows = orders.map((order) => ({
      ...order,
      quantity: text(order.quantity),
      price: text(order.price),
      executedQuantity: text(order.executedQuantity),
      averagePrice: text(order.averagePrice),
      venueExecutedQuantity: text(order.venueExecutedQuantity),
    }));
    await this.#db.query(
      `INSERT INTO orders (order_id, client_order_id, intent_id, decision_id, leg, attempt, symbol, side, order_type, book, quantity,
         price, venue_order_id, actual_venue_order_id, state, executed_quantity, average_price, venue_executed_quantity,
         created_at_ms, updated_at_ms, correlation_id)
       SELECT "orderId", "clientOrderId", "intentId", "decisionId", leg, attempt, symbol, side, "orderType", book, quantity, price,
         "venueOrderId", "actualVenueOrderId", state, "executedQuantity", "averagePrice", "venueExecutedQuantity", "createdAtMs",
         "updatedAtMs", "correlationId"
       FROM json_to_recordset($1::json) AS x("orderId" text, "clientOrderId" text, "intentId" text, "decisionId" text, leg text,
         attempt int, symbol text, side text, "orderType" text, book text, quantity numeric, price numeric, "venueOrderId" text,
         "actualVenueOrderId" text, state text, "executedQuantity" numeric, "averagePrice" numeric, "venueExecutedQuantity" numeric,
         "createdAtMs" bigint, "updatedAtMs" bigint, "correlationId" text)
       ON CONFLICT (order_id) DO UPDATE SET venue_order_id = excluded.venue_order_id,
         actual_venue_order_id = excluded.actual_venue_order_id, state = excluded.state,
         executed_quantity = excluded.executed_quantity, average_price = excluded.average_price,
         venue_executed_quantity = excluded.venue_executed_quantity, updated_at_ms = excluded.updated_at_ms`,
      [JSON.stringify(rows)],
    );
  }

  /**
   * Says that these intents can do nothing any more; a next attempt at their leg becomes possible. The time is that of the last change
   * of their orders, saved before, and `heardAtMs` where there is none: what is heard later must not make a replay another one.
   */
  async closeIntents(clientOrderIds: readonly string[], heardAtMs: number): Promise<void> {
    await this.#db.query(
      `UPDATE order_intents i
       SET closed_at_ms = coalesce((SELECT o.updated_at_ms FROM orders o WHERE o.intent_id = i.client_order_id), $2)
       WHERE i.client_order_id = ANY($1::text[]) AND i.closed_at_ms IS NULL`,
      [clientOrderIds, heardAtMs],
    );
  }

  /** Returns the number that the next attempt at a leg carries. */
  async nextAttempt(decisionId: string, leg: string): Promise<number> {
    const { rows } = await this.#db.query<{ next: number }>(
      'SELECT coalesce(max(attempt) + 1, 0) AS next FROM order_intents WHERE decision_id = $1 AND leg = $2',
      [decisionId, leg],
    );
    return rows[0]?.next ?? 0;
  }

  /** Returns every order that may still do something, absent ones under watch and those with fills owed included. */
  async listLive(): Promise<readonly KnownOrder[]> {
    const { rows } = await this.#db.query<Row>(
      `${SELECT} WHERE o.state IN ('CREATED', 'SENDING', 'ACCEPTED', 'PARTIALLY_FILLED', 'TRIGGERED', 'UNKNOWN', 'ABSENT', 'LATE_FOUND')
         OR o.venue_executed_quantity > o.executed_quantity ORDER BY o.created_at_ms, o.order_id`,
    );
    return rows.map(orderOf);
  }

  async listRecent(limit: number): Promise<readonly KnownOrder[]> {
    const { rows } = await this.#db.query<Row>(`${SELECT} ORDER BY o.created_at_ms DESC, o.order_id DESC LIMIT $1`, [
      limit,
    ]);
    return rows.map(orderOf);
  }

  async find(orderId: string): Promise<KnownOrder | null> {
    const { rows } = await this.#db.query<Row>(`${SELECT} WHERE o.order_id = $1`, [orderId]);
    return rows[0] === undefined ? null : orderOf(rows[0]);
  }

  /** Returns the order that the venue knows by this id, of either book, or the one that became it when it triggered. */
  async findByVenueOrder(symbol: string, venueOrderId: string): Promise<KnownOrder | null> {
    const { rows } = await this.#db.query<Row>(
      `${SELECT} WHERE o.symbol = $1 AND ((o.book = 'plain' AND o.venue_order_id = $2) OR o.actual_venue_order_id = $2)`,
      [symbol, venueOrderId],
    );
    return rows[0] === undefined ? null : orderOf(rows[0]);
  }
}
