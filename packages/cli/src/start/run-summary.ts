import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Queryable } from '@qt/contracts';
import { dec, type Decimal, toText } from '@qt/kernel';
import { createDatabase } from '@qt/database';
import { checkInvariants } from '../invariants/index.ts';

export interface InvariantLine {
  readonly id: string;
  readonly holds: boolean;
  readonly detail: string;
}

/** What a run came to. Money in decimal strings; equityEnd = equityStart + realized + unrealized - fees + funding, exactly. */
export interface RunSummary {
  readonly candles: number;
  readonly regimeChanges: number;
  readonly signals: number;
  readonly decisions: { readonly approved: number; readonly denied: Readonly<Record<string, number>> };
  readonly orders: number;
  readonly fills: number;
  readonly positions: { readonly opened: number; readonly closed: number };
  readonly pnl: {
    readonly realizedUsdt: string;
    readonly unrealizedUsdt: string;
    readonly feesUsdt: string;
    readonly fundingUsdt: string;
    readonly equityStartUsdt: string;
    readonly equityEndUsdt: string;
  };
  readonly latencyMs: { readonly candleToOrder: { readonly p50: number | null; readonly p99: number | null } };
  readonly invariants: readonly InvariantLine[];
}

const COUNTS = `SELECT
  (SELECT count(*)::int FROM candles WHERE is_published) AS candles,
  (SELECT count(*)::int FROM regime_history h JOIN candles c USING (symbol, interval, open_time_ms)
    WHERE c.is_published AND h.previous_regime_id IS NOT NULL) AS "regimeChanges",
  (SELECT count(*)::int FROM signals) AS signals,
  (SELECT count(*)::int FROM risk_decisions WHERE outcome = 'approved') AS approved,
  (SELECT count(*)::int FROM orders) AS orders,
  (SELECT count(*)::int FROM fills) AS fills,
  (SELECT count(*)::int FROM positions) AS opened,
  (SELECT count(*)::int FROM positions WHERE status = 'closed') AS closed`;

interface Counts {
  readonly candles: number;
  readonly regimeChanges: number;
  readonly signals: number;
  readonly approved: number;
  readonly orders: number;
  readonly fills: number;
  readonly opened: number;
  readonly closed: number;
}

const DENIED = `SELECT code, count(*)::int AS n FROM risk_decisions WHERE outcome = 'denied' GROUP BY code ORDER BY code`;

const MONEY = `SELECT kind, sum(amount)::text AS total FROM ledger_entries GROUP BY kind`;

/** From the candle being written down to its order being sent: both on the wall clock, joined by the chain they belong to. */
const LATENCY = `WITH heard AS (
    SELECT correlation_id, min(recorded_at_ms) AS at_ms FROM outbox WHERE type IN ('candle.closed', 'regime.classified')
    GROUP BY correlation_id),
  delays AS (
    SELECT i.sent_wall_ms - h.at_ms AS delay_ms FROM order_intents i JOIN risk_decisions d USING (decision_id)
    JOIN heard h ON h.correlation_id = d.correlation_id WHERE i.leg = 'entry' AND i.attempt = 0)
  SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY delay_ms)::float8 AS p50,
    percentile_disc(0.99) WITHIN GROUP (ORDER BY delay_ms)::float8 AS p99 FROM delays`;

interface Money {
  readonly start: Decimal;
  readonly realized: Decimal;
  readonly fees: Decimal;
  readonly funding: Decimal;
}

const readMoney = async (db: Queryable): Promise<Money> => {
  const { rows } = await db.query<{ kind: string; total: string }>(MONEY);
  const of = (kind: string): Decimal => dec(rows.find((row) => row.kind === kind)?.total ?? '0');
  return {
    start: of('transfer'),
    // What the venue booked outside trades, fees and funding is gain or loss too.
    realized: of('realized_pnl').plus(of('other')),
    fees: of('fee').plus(of('liquidation_fee')).negated(),
    funding: of('funding'),
  };
};

interface VenueEnd {
  readonly wallet: Decimal;
  readonly unrealized: Decimal;
}

const LAST_BYTES = 256 * 1024;

/** Returns the account as the venue's ledger closed it, or null when it has no closing line. */
const readVenueEnd = (ledgerPath: string): VenueEnd | null => {
  const file = openSync(ledgerPath, 'r');
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(size, LAST_BYTES));
    readSync(file, bytes, 0, bytes.length, size - bytes.length);
    const line = bytes
      .toString('utf8')
      .trimEnd()
      .split('\n')
      .findLast((text) => text.includes('"kind":"end"'));
    if (line === undefined) return null;
    const { walletUsdt, unrealizedUsdt } = JSON.parse(line) as { walletUsdt: string; unrealizedUsdt: string };
    return { wallet: dec(walletUsdt), unrealized: dec(unrealizedUsdt) };
  } finally {
    closeSync(file);
  }
};

/** Holds our sum against the venue's closing line: not one of the numbered invariants, but a summary that is wrong must say so. */
const identity = (money: Money, end: VenueEnd | null): InvariantLine => {
  const id = 'SUMMARY';
  if (end === null) return { id, holds: false, detail: "the venue's ledger has no closing line" };
  const ours = money.start.plus(money.realized).minus(money.fees).plus(money.funding);
  const holds = ours.eq(end.wallet);
  const detail = `start + realized - fees + funding = ${toText(ours)}, the venue's wallet is ${toText(end.wallet)}`;
  return { id, holds, detail };
};

/** Returns what the run came to, from Postgres and the venue's ledger. The venue must have closed its ledger. */
export const summarizeRun = async ({
  databaseUrl,
  ledgerPath,
}: {
  readonly databaseUrl: string;
  readonly ledgerPath: string;
}): Promise<RunSummary> => {
  const db = createDatabase({ url: databaseUrl, applicationName: 'qt-summary', maxConnections: 1 });
  await db.start();
  try {
    const counts = (await db.query<Counts>(COUNTS)).rows[0] as Counts;
    const denied = (await db.query<{ code: string; n: number }>(DENIED)).rows;
    const latency = (await db.query<{ p50: number | null; p99: number | null }>(LATENCY)).rows[0];
    const money = await readMoney(db);
    const end = readVenueEnd(ledgerPath);
    const unrealized = end?.unrealized ?? dec(0);
    const equityEnd = money.start.plus(money.realized).plus(unrealized).minus(money.fees).plus(money.funding);
    const verdicts = await checkInvariants({ ledgerPath, databaseUrl });
    return {
      candles: counts.candles,
      regimeChanges: counts.regimeChanges,
      signals: counts.signals,
      decisions: { approved: counts.approved, denied: Object.fromEntries(denied.map(({ code, n }) => [code, n])) },
      orders: counts.orders,
      fills: counts.fills,
      positions: { opened: counts.opened, closed: counts.closed },
      pnl: {
        realizedUsdt: toText(money.realized),
        unrealizedUsdt: toText(unrealized),
        feesUsdt: toText(money.fees),
        fundingUsdt: toText(money.funding),
        equityStartUsdt: toText(money.start),
        equityEndUsdt: toText(equityEnd),
      },
      latencyMs: { candleToOrder: { p50: latency?.p50 ?? null, p99: latency?.p99 ?? null } },
      invariants: [...verdicts.map(({ id, holds, detail }) => ({ id, holds, detail })), identity(money, end)],
    };
  } finally {
    await db.stop();
  }
};
