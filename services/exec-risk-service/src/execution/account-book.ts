import type { TradingMode } from '@qt/contracts';
import type { PositionPlan, PositionRecord, RiskState } from '@qt/database';
import type { Instrument } from '@qt/exchange-client';
import { type Decimal, sum, ZERO } from '@qt/kernel';
import { type AccountView, isLive, type UnknownInquiry, viewAccount } from '@qt/risk';
import { isSettled, isUnknown, type Order, owesFills } from './order.ts';

const ENDED_KEPT = 2000;
const FILLS_KEPT = 20_000;
const MINUTE_MS = 60_000;

export interface Mark {
  readonly price: Decimal;
  readonly atMs: number;
}

/** Remembers the last `capacity` entries and forgets the oldest. */
class RecentMap<V> {
  readonly #entries = new Map<string, V>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#capacity) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }
}

/**
 * The account as committed, held in memory: positions, orders that may still do something, wallet, marks. Only committed
 * transactions write to it, and it can be rebuilt from Postgres at any time.
 */
export class AccountBook {
  readonly #positions = new Map<string, PositionRecord>();
  readonly #orders = new Map<string, Order>();
  readonly #ended = new RecentMap<Order>(ENDED_KEPT);
  readonly #fills = new RecentMap<true>(FILLS_KEPT);
  readonly instruments = new Map<string, Instrument>();
  readonly marks = new Map<string, Mark>();
  /** Symbols on which nothing may be opened, with the reason. */
  readonly holds = new Map<string, string>();
  readonly inquiries = new Map<string, UnknownInquiry>();
  /** Since when a position has been seen without a live stop. */
  readonly unprotectedSinceMs = new Map<string, number>();
  /** Positions that came of an order found late: to be left at once. */
  readonly unwanted = new Set<string>();
  /** What each approved entry said about the position it opens. */
  readonly plans = new RecentMap<PositionPlan>(ENDED_KEPT);
  #entriesSentAtMs: number[] = [];
  /** When the venue last failed to take a stop; null once it has taken one since. */
  stopFailedAtMs: number | null = null;
  walletUsdt: Decimal = ZERO;
  /** Null until the first equity was known. */
  riskState: RiskState | null = null;
  mode: TradingMode | null = null;
  leaderEpoch = 0;
  isReconciling = true;

  /** Starts anew from what Postgres has. Marks, instruments and holds stay. */
  reset(state: {
    positions: readonly PositionRecord[];
    orders: readonly Order[];
    walletUsdt: Decimal;
    riskState: RiskState | null;
  }): void {
    this.#positions.clear();
    this.#orders.clear();
    this.inquiries.clear();
    for (const position of state.positions) this.putPosition(position);
    for (const order of state.orders) this.putOrder(order);
    this.walletUsdt = state.walletUsdt;
    this.riskState = state.riskState;
  }

  position(symbol: string): PositionRecord | null {
    return this.#positions.get(symbol) ?? null;
  }

  get positions(): readonly PositionRecord[] {
    return [...this.#positions.values()];
  }

  putPosition(position: PositionRecord): void {
    if (position.status === 'open') {
      this.#positions.set(position.symbol, position);
      return;
    }
    const current = this.#positions.get(position.symbol);
    if (current?.positionId !== position.positionId) return;
    this.#positions.delete(position.symbol);
    this.unprotectedSinceMs.delete(position.symbol);
    this.unwanted.delete(position.symbol);
  }

  /** Returns an order that is live or has ended recently; older ones are in Postgres only. */
  order(orderId: string): Order | null {
    return this.#orders.get(orderId) ?? this.#ended.get(orderId) ?? null;
  }

  /** Returns the known order that the venue calls so, or that became the order which it calls so. */
  orderByVenueId(symbol: string, venueOrderId: string): Order | null {
    const key = `${symbol}:${venueOrderId}`;
    for (const order of this.#orders.values()) {
      if (order.symbol !== symbol) continue;
      if (order.actualVenueOrderId === venueOrderId) return order;
      if (order.book === 'plain' && order.venueOrderId === venueOrderId) return order;
    }
    return this.#ended.get(key) ?? null;
  }

  /** Orders that may still do something, in the order in which they were made. */
  get orders(): readonly Order[] {
    return [...this.#orders.values()];
  }

  ordersOf(symbol: string): readonly Order[] {
    return this.orders.filter((order) => order.symbol === symbol);
  }

  putOrder(order: Order): void {
    if (!isUnknown(order)) this.inquiries.delete(order.orderId);
    if (!isSettled(order)) {
      this.#orders.set(order.orderId, order);
      return;
    }
    this.#orders.delete(order.orderId);
    this.#ended.set(order.orderId, order);
    const venueId = order.book === 'plain' ? order.venueOrderId : order.actualVenueOrderId;
    if (venueId !== null) this.#ended.set(`${order.symbol}:${venueId}`, order);
  }

  isFillBooked(symbol: string, venueFillId: string): boolean {
    return this.#fills.get(`${symbol}:${venueFillId}`) === true;
  }

  noteFill(symbol: string, venueFillId: string): void {
    this.#fills.set(`${symbol}:${venueFillId}`, true);
  }

  noteEntrySent(nowMs: number): void {
    this.#entriesSentAtMs = this.#entriesSentAtMs.filter((atMs) => atMs > nowMs - MINUTE_MS);
    this.#entriesSentAtMs.push(nowMs);
  }

  entriesWithinMinute(nowMs: number): number {
    return this.#entriesSentAtMs.filter((atMs) => atMs > nowMs - MINUTE_MS).length;
  }

  /** Returns whether a position opened now can count on its stop: the venue took the last one, or failed longer ago than `pauseMs`. */
  isProtectionAvailable(nowMs: number, pauseMs: number): boolean {
    return this.stopFailedAtMs === null || nowMs - this.stopFailedAtMs >= pauseMs;
  }

  get unknownOrders(): readonly Order[] {
    return this.orders.filter(isUnknown);
  }

  /** Returns whether what is open on a symbol depends on an answer that the venue still owes. */
  hasUnknownOrder(symbol: string): boolean {
    return this.ordersOf(symbol).some((order) => isUnknown(order) || owesFills(order));
  }

  /** Entries that may still open a position; they count as positions. */
  get liveEntries(): readonly Order[] {
    return this.orders.filter((order) => order.leg === 'entry' && isLive(order.state));
  }

  markPriceOf(symbol: string): Decimal | null {
    return this.marks.get(symbol)?.price ?? null;
  }

  /** Returns the account at the last marks; a position that was never marked counts at its entry price. */
  view(): AccountView {
    const marked = this.positions.map((position) => ({
      position,
      markPrice: this.markPriceOf(position.symbol) ?? position.entryPrice,
    }));
    return viewAccount(this.walletUsdt, marked);
  }

  /** Returns the notional of a symbol, with every entry on its way or unknown as if filled. Units: USDT. */
  exposureOf(symbol: string): Decimal {
    const position = this.position(symbol);
    const price = this.markPriceOf(symbol) ?? position?.entryPrice ?? ZERO;
    const open = position === null ? ZERO : position.quantity.times(price);
    const underway = this.liveEntries
      .filter((order) => order.symbol === symbol && order.quantity !== null)
      .map((order) => (order.quantity ?? ZERO).minus(order.executedQuantity).times(order.price ?? price));
    return open.plus(sum(underway));
  }

  /** Units: USDT. */
  grossExposure(): Decimal {
    const symbols = new Set([...this.#positions.keys(), ...this.liveEntries.map((order) => order.symbol)]);
    return sum([...symbols].map((symbol) => this.exposureOf(symbol)));
  }
}
