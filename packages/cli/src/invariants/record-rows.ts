import type { Queryable } from '@qt/contracts';

export interface FillRow {
  readonly symbol: string;
  readonly venueFillId: string;
  readonly venueOrderId: string;
  readonly orderId: string;
  readonly side: string;
  readonly quantity: string;
  readonly price: string;
  readonly fee: string;
  readonly feeAsset: string;
  readonly realizedPnlUsdt: string;
}

export interface OrderRow {
  readonly orderId: string;
  readonly clientOrderId: string;
  readonly intentId: string | null;
  readonly symbol: string;
  readonly leg: string;
  readonly state: string;
  readonly executedQuantity: string;
}

export interface IntentRow {
  readonly clientOrderId: string;
  readonly decisionId: string;
  readonly leg: string;
  readonly attempt: number;
  readonly symbol: string;
  readonly side: string;
  readonly quantity: string | null;
  readonly sentAtMs: number;
  readonly outcome: string;
  readonly decidedAtMs: number;
  readonly maxQuantity: string;
}

export interface TransitionRow {
  readonly orderId: string;
  readonly fromState: string | null;
  readonly toState: string;
}

export interface OpenPositionRow {
  readonly symbol: string;
  readonly direction: string;
  readonly quantity: string;
}

export interface LedgerSumRow {
  readonly kind: string;
  readonly asset: string;
  readonly amount: string;
}

/** Everything of the record that the invariants speak about, read in one snapshot. */
export interface SuiteRecord {
  readonly fills: readonly FillRow[];
  readonly orders: readonly OrderRow[];
  readonly intents: readonly IntentRow[];
  readonly transitions: readonly TransitionRow[];
  readonly openPositions: readonly OpenPositionRow[];
  readonly ledgerSums: readonly LedgerSumRow[];
  /** Events that a consumer should have applied and has not, or that it applied although nobody said them. */
  readonly deliveryFaults: readonly { readonly consumer: string; readonly eventId: string; readonly fault: string }[];
  readonly deliveryCount: number;
  /** Sequence gaps per source and type. */
  readonly sequenceGaps: readonly {
    readonly source: string;
    readonly type: string;
    readonly said: number;
    readonly last: number;
  }[];
  /** Events whose stored copy in the event store differs from what the producer said, or that are missing there. */
  readonly storeFaults: readonly { readonly eventId: string; readonly fault: string }[];
  readonly storeCount: number;
}

/** Who is bound to apply what, stated here and not read from the services: `null` means everything in the outbox. */
const SUBSCRIPTIONS: readonly { readonly consumer: string; readonly types: readonly string[] | null }[] = [
  { consumer: 'ai-service', types: ['regime.classified'] },
  { consumer: 'exec-risk-service', types: ['signal.generated'] },
  { consumer: 'analytics-os-service', types: null },
];

const DELIVERY_SQL = `
  SELECT s.consumer, o.id AS "eventId", coalesce(
      (SELECT 'parked and not applied: ' || d.code || ', ' || d.reason FROM dead_letters d
        WHERE d.consumer = s.consumer AND d.event_id = o.id ORDER BY d.dead_letter_id DESC LIMIT 1), 'never applied') AS fault
    FROM (SELECT $1::text AS consumer) s, outbox o
    WHERE ($2::text[] IS NULL OR o.type = ANY ($2))
      AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.consumer = s.consumer AND i.event_id = o.id)
  UNION ALL
  SELECT i.consumer, i.event_id, 'applied although nobody said it'
    FROM inbox i WHERE i.consumer = $1 AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.id = i.event_id)`;

const query = async <Row>(db: Queryable, text: string, values: readonly unknown[] = []): Promise<readonly Row[]> =>
  (await db.query<Row>(text, values)).rows;

/** Returns what Postgres says. Run it in one repeatable-read transaction: `db` is that transaction. */
export const readRecord = async (db: Queryable): Promise<SuiteRecord> => {
  const deliveryFaults: { consumer: string; eventId: string; fault: string }[] = [];
  let deliveryCount = 0;
  for (const { consumer, types } of SUBSCRIPTIONS) {
    deliveryFaults.push(...(await query<(typeof deliveryFaults)[number]>(db, DELIVERY_SQL, [consumer, types])));
    const [applied] = await query<{ count: number }>(
      db,
      'SELECT count(*)::float8 AS count FROM inbox WHERE consumer = $1',
      [consumer],
    );
    deliveryCount += applied?.count ?? 0;
  }
  const [stored] = await query<{ count: number }>(db, 'SELECT count(*)::float8 AS count FROM events');
  return {
    fills: await query<FillRow>(
      db,
      `SELECT symbol, venue_fill_id AS "venueFillId", venue_order_id AS "venueOrderId", order_id AS "orderId", side,
         quantity::text, price::text, fee::text, fee_asset AS "feeAsset", realized_pnl_usdt::text AS "realizedPnlUsdt" FROM fills`,
    ),
    orders: await query<OrderRow>(
      db,
      `SELECT order_id AS "orderId", client_order_id AS "clientOrderId", intent_id AS "intentId", symbol, leg, state,
         executed_quantity::text AS "executedQuantity" FROM orders`,
    ),
    intents: await query<IntentRow>(
      db,
      `SELECT i.client_order_id AS "clientOrderId", i.decision_id AS "decisionId", i.leg, i.attempt, i.symbol, i.side,
         i.quantity::text AS quantity, i.sent_at_ms::float8 AS "sentAtMs", d.outcome,
         d.decided_at_ms::float8 AS "decidedAtMs", d.max_quantity::text AS "maxQuantity"
       FROM order_intents i JOIN risk_decisions d USING (decision_id)`,
    ),
    transitions: await query<TransitionRow>(
      db,
      `SELECT order_id AS "orderId", from_state AS "fromState", to_state AS "toState" FROM order_transitions
       ORDER BY transition_id`,
    ),
    openPositions: await query<OpenPositionRow>(
      db,
      `SELECT symbol, direction, quantity::text AS quantity FROM positions WHERE status = 'open'`,
    ),
    ledgerSums: await query<LedgerSumRow>(
      db,
      'SELECT kind, asset, sum(amount)::text AS amount FROM ledger_entries GROUP BY kind, asset',
    ),
    deliveryFaults,
    deliveryCount,
    sequenceGaps: await query(
      db,
      `SELECT source, type, count(*)::float8 AS said, max(producer_seq)::float8 AS last FROM outbox
       GROUP BY source, type HAVING count(*) <> max(producer_seq) OR min(producer_seq) <> 1`,
    ),
    storeFaults: await query(
      db,
      `SELECT o.id AS "eventId", CASE WHEN e.event_id IS NULL THEN 'not in the event store' ELSE 'stored with other content' END AS fault
       FROM outbox o LEFT JOIN events e ON e.event_id = o.id
       WHERE e.event_id IS NULL OR e.payload::jsonb IS DISTINCT FROM o.payload::jsonb OR e.type <> o.type
       UNION ALL
       SELECT e.event_id, 'in the event store although nobody said it' FROM events e
       WHERE NOT EXISTS (SELECT 1 FROM outbox o WHERE o.id = e.event_id)`,
    ),
    storeCount: stored?.count ?? 0,
  };
};
