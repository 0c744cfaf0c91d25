import { dec, toText, ZERO } from '@qt/kernel';
import type { SuiteRecord } from './record-rows.ts';
import { ofKind, type VenueLedger } from './venue-ledger.ts';
import { differences, type Verdict, verdict } from './verdict.ts';

const OWN_PREFIX = 'q1-';
const plain = (value: string): string => toText(dec(value));
const sideOf = (venueSide: string): string => venueSide.toLowerCase();

/** I1: both sides know the same fills, to the last digit, and the same sums per order. */
export const sameFills = (ledger: VenueLedger, record: SuiteRecord): Verdict => {
  const venueFills = ofKind(ledger, 'fill');
  const describe = (fill: {
    side: string;
    quantity: string;
    price: string;
    fee: string;
    feeAsset: string;
    pnl: string;
    order: string;
  }): string =>
    `${fill.side} ${plain(fill.quantity)} at ${plain(fill.price)}, fee ${plain(fill.fee)} ${fill.feeAsset}, pnl ${plain(fill.pnl)}, order ${fill.order}`;
  const ours = new Map(
    record.fills.map((fill) => [
      `${fill.symbol} trade ${fill.venueFillId}`,
      describe({ ...fill, pnl: fill.realizedPnlUsdt, order: fill.venueOrderId }),
    ]),
  );
  const venues = new Map(
    venueFills.map((fill) => [
      `${fill.symbol} trade ${fill.tradeId}`,
      describe({ ...fill, side: sideOf(fill.side), pnl: fill.realizedPnl, order: fill.orderId }),
    ]),
  );
  const breaches = differences(venues, ours, { left: 'the venue', right: 'the record' });

  const sums = new Map<string, ReturnType<typeof dec>>();
  for (const fill of record.fills) sums.set(fill.orderId, (sums.get(fill.orderId) ?? ZERO).plus(fill.quantity));
  for (const order of record.orders) {
    const booked = sums.get(order.orderId) ?? ZERO;
    if (!booked.eq(order.executedQuantity)) {
      breaches.push(
        `order ${order.orderId}: executed ${plain(order.executedQuantity)}, its fills sum to ${toText(booked)}`,
      );
    }
  }
  return verdict(
    'I1',
    'fills equal on both sides',
    breaches,
    `${venues.size} venue fills and ${record.orders.length} orders`,
  );
};

/** I2: the position per symbol is the same on both sides. */
export const samePositions = (ledger: VenueLedger, record: SuiteRecord): Verdict => {
  const venues = new Map<string, string>();
  for (const fill of ofKind(ledger, 'fill')) venues.set(fill.symbol, plain(fill.positionAfter));
  for (const [symbol, quantity] of venues) if (dec(quantity).isZero()) venues.delete(symbol);
  const ours = new Map(
    record.openPositions.map(({ symbol, direction, quantity }) => [
      symbol,
      toText(dec(quantity).times(direction === 'short' ? -1 : 1)),
    ]),
  );
  return verdict(
    'I2',
    'positions equal on both sides',
    differences(venues, ours, { left: 'the venue', right: 'the record' }),
    `${new Set([...venues.keys(), ...ours.keys()]).size} open positions`,
  );
};

interface OwnOrder {
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: string;
  readonly quantity: string | null;
  readonly timeMs: number;
  readonly seq: number;
}

const ownOrders = (ledger: VenueLedger): readonly OwnOrder[] =>
  [
    ...ofKind(ledger, 'order')
      .filter(({ origin }) => origin === 'client')
      .map((order) => ({ ...order, side: sideOf(order.side) })),
    ...ofKind(ledger, 'algo').map((algo) => ({
      ...algo,
      clientOrderId: algo.clientAlgoId,
      side: sideOf(algo.side),
      quantity: algo.closePosition ? null : (algo.quantity ?? null),
    })),
  ]
    .filter(({ clientOrderId }) => clientOrderId.startsWith(OWN_PREFIX))
    .toSorted((a, b) => a.seq - b.seq);

/** I3: every order of ours at the venue has one intent and one approved decision that is not younger, and stays within it. */
export const everyOrderDecided = (ledger: VenueLedger, record: SuiteRecord): Verdict => {
  const intents = new Map(record.intents.map((intent) => [intent.clientOrderId, intent]));
  const orders = ownOrders(ledger);
  const breaches: string[] = [];
  for (const order of orders) {
    const intent = intents.get(order.clientOrderId);
    if (intent === undefined) {
      breaches.push(`${order.clientOrderId}: at the venue without an intent`);
      continue;
    }
    if (intent.outcome !== 'approved') breaches.push(`${order.clientOrderId}: its decision was ${intent.outcome}`);
    if (intent.decidedAtMs > order.timeMs) breaches.push(`${order.clientOrderId}: decided after it was at the venue`);
    if (intent.symbol !== order.symbol || intent.side !== order.side) {
      breaches.push(
        `${order.clientOrderId}: intent ${intent.side} ${intent.symbol}, venue ${order.side} ${order.symbol}`,
      );
    }
    if (order.quantity !== null && dec(order.quantity).gt(intent.maxQuantity)) {
      breaches.push(`${order.clientOrderId}: ${plain(order.quantity)} ordered, ${plain(intent.maxQuantity)} allowed`);
    }
  }
  return verdict('I3', 'every order has one intent and an older decision', breaches, `${orders.length} orders of ours`);
};

const FINAL = new Set(['FILLED', 'CANCELED', 'EXPIRED', 'EXPIRED_IN_MATCH', 'REJECTED', 'FINISHED']);

/** I4: no client id twice; a further attempt of a leg only once the earlier is over, and for entries only if it never existed. */
export const placedAtMostOnce = (ledger: VenueLedger, record: SuiteRecord): Verdict => {
  const intents = new Map(record.intents.map((intent) => [intent.clientOrderId, intent]));
  const acceptedByLeg = new Map<string, string[]>();
  const seen = new Set<string>();
  const over = new Set<string>();
  const breaches: string[] = [];
  let count = 0;
  for (const entry of ledger.records) {
    if (entry.kind === 'order_update' && FINAL.has(entry.status)) over.add(entry.clientOrderId);
    if (entry.kind === 'algo_update' && FINAL.has(entry.status)) over.add(entry.clientAlgoId);
    const isOrder = entry.kind === 'order' && entry.origin === 'client';
    if (!isOrder && entry.kind !== 'algo') continue;
    const id = entry.kind === 'algo' ? entry.clientAlgoId : entry.clientOrderId;
    if (!id.startsWith(OWN_PREFIX)) continue;
    count += 1;
    if (seen.has(id)) breaches.push(`${id}: accepted twice`);
    seen.add(id);
    const intent = intents.get(id);
    if (intent === undefined) continue;
    const leg = `${intent.decisionId} ${intent.leg}`;
    const earlier = acceptedByLeg.get(leg) ?? [];
    if (intent.leg === 'entry' && earlier.length > 0) breaches.push(`${leg}: entered ${earlier.length + 1} times`);
    for (const other of earlier) if (!over.has(other)) breaches.push(`${id}: accepted while ${other} was still live`);
    acceptedByLeg.set(leg, [...earlier, id]);
  }
  return verdict('I4', 'each decision leg placed at most once', breaches, `${count} accepted orders of ours`);
};

/** I12: what the venue or the bus acknowledged is in the record. */
export const nothingForgotten = (ledger: VenueLedger, record: SuiteRecord): Verdict => {
  const known = new Map(record.orders.map((order) => [order.clientOrderId, order]));
  const breaches: string[] = [];
  const orders = ownOrders(ledger);
  for (const { clientOrderId } of orders) {
    const order = known.get(clientOrderId);
    if (order === undefined) breaches.push(`${clientOrderId}: accepted by the venue, not in the record`);
    else if (order.state === 'REJECTED' || order.state === 'ABSENT') {
      breaches.push(`${clientOrderId}: accepted by the venue, ${order.state} in the record`);
    }
  }
  for (const { eventId, fault } of record.storeFaults) breaches.push(`event ${eventId}: ${fault}`);
  return verdict(
    'I12',
    'nothing acknowledged is missing',
    breaches,
    `${orders.length} orders and ${record.storeCount} stored events`,
  );
};
