import { ReconciliationCompleted } from '@qt/contracts';
import { ReconciliationRepository, RiskStateRepository } from '@qt/database';
import type { Queryable } from '@qt/contracts';
import type { VenueFill, VenueOrder, VenuePosition } from '@qt/exchange-client';
import { type Decimal, dec, toText, ZERO } from '@qt/kernel';
import { isLive, signOf } from '@qt/risk';
import { isAtVenue, isUnknown } from './order.ts';
import type { Trading } from '../ports.ts';
import { raiseAlert } from './alerts.ts';
import type { IncomeDesk } from './income-desk.ts';
import type { OrderDesk } from './order-desk.ts';
import type { PositionKeeper } from './position-keeper.ts';
import type { StreamDesk } from './stream-desk.ts';

type Trigger = ReconciliationCompleted['trigger'];
type Difference = ReconciliationCompleted['differences'][number];

// The venue rounds its wallet to eight places per booking.
const WALLET_TOLERANCE_USDT = dec('0.00001');
const FIRST_FILL_CURSOR = '0';
const RECORD_CLEAN_EVERY_MS = 3_600_000;

export interface ReconcilerDeps {
  readonly trading: Trading;
  readonly desk: OrderDesk;
  readonly stream: StreamDesk;
  readonly income: IncomeDesk;
  readonly keeper: PositionKeeper;
  readonly db: Queryable;
}

/**
 * Compares our books with the venue's and repairs ours from the venue's evidence: missed fills, missed ends of orders, missed income.
 * It never sends an order to make a number fit; protecting or leaving a position is the keeper's, afterwards.
 */
export class Reconciler {
  readonly #deps: ReconcilerDeps;
  #lastRecordedAtMs = Number.NEGATIVE_INFINITY;
  #unexplained = new Map<string, number>();

  constructor(deps: ReconcilerDeps) {
    this.#deps = deps;
  }

  /** Compares everything. Returns whether nothing unexplained is left. Throws when the venue does not answer: unknown is not flat. */
  async run(trigger: Trigger): Promise<boolean> {
    const { trading, keeper } = this.#deps;
    const { exchange, book } = trading;
    const isDeep = trigger !== 'periodic';
    const differences: Difference[] = [];
    let open = await exchange.openOrders();
    let positions = await exchange.positions();
    const isSuspicious = this.#positionDifferences(positions).length > 0;
    if (isDeep || isSuspicious) {
      for (const symbol of this.#symbols(open, positions)) differences.push(...(await this.#readFills(symbol, open)));
      await this.#deps.income.readOn();
      open = await exchange.openOrders();
      positions = await exchange.positions();
    }
    differences.push(...(await this.#compareOrders(open)));
    differences.push(...this.#positionDifferences(positions));
    if (isDeep || differences.length > 0) differences.push(...(await this.#compareWallet()));
    const isClean = differences.every(({ repair }) => repair !== 'none');
    this.#holdUnexplained(differences);
    await this.#record({ trigger, isClean, differences });
    for (const symbol of new Set([
      ...book.positions.map((one) => one.symbol),
      ...book.orders.map((one) => one.symbol),
    ])) {
      await keeper.attend(symbol);
    }
    return isClean;
  }

  /** Books what a symbol's own trades show beyond what is booked. */
  async recheck(symbol: string): Promise<void> {
    const open = await this.#deps.trading.exchange.openOrders();
    await this.#readFills(symbol, open);
    await this.#compareOrders(
      open.filter((order) => order.symbol === symbol),
      symbol,
    );
  }

  #symbols(open: readonly VenueOrder[], positions: readonly VenuePosition[]): readonly string[] {
    const { book, settings } = this.#deps.trading;
    const all = [
      ...settings.symbols,
      ...open.map((order) => order.symbol),
      ...positions.map((position) => position.symbol),
      ...book.positions.map((position) => position.symbol),
      ...book.orders.map((order) => order.symbol),
    ];
    return [...new Set(all)].toSorted();
  }

  async #readFills(symbol: string, open: readonly VenueOrder[]): Promise<Difference[]> {
    const { trading, db } = this.#deps;
    const cursors = new RiskStateRepository(db);
    const cursor = (await cursors.fillCursors()).get(symbol);
    const fills = await trading.exchange.fills({ symbol, ...(cursor === undefined ? {} : { afterFillId: cursor }) });
    const newest = fills.at(-1)?.venueFillId ?? cursor ?? FIRST_FILL_CURSOR;
    const differences: Difference[] = [];
    if (cursor !== undefined) {
      for (const [venueOrderId, ofOrder] of groupByOrder(fills)) {
        const difference = await this.#bookMissed(
          ofOrder,
          open.some((order) => order.venueOrderId === venueOrderId),
        );
        if (difference !== null) differences.push(difference);
      }
    }
    // Without a cursor this account was never kept here: its past is in the opening balance.
    if (newest !== cursor) await cursors.saveFillCursor(symbol, newest);
    return differences;
  }

  async #bookMissed(fills: readonly VenueFill[], isOpen: boolean): Promise<Difference | null> {
    const { trading, desk, stream } = this.#deps;
    const missed = await desk.transact((m) => desk.unbooked(m, fills));
    const [first] = missed;
    if (first === undefined) return null;
    const { symbol, venueOrderId } = first;
    const venue = await this.#orderOf(first, fills, isOpen);
    const order = await stream.identify(venue);
    await stream.book(order, venue, missed, 'found in the list of trades');
    trading.logger.warn('fills were missing and are booked', { symbol, venueOrderId, count: missed.length });
    return {
      kind: 'fill',
      symbol,
      ours: 'missing',
      venues: missed.map((fill) => fill.venueFillId).join(','),
      repair: 'booked',
    };
  }

  /** Trades name their order by the venue's id only; what is not known of it is told as far as the trades tell it. */
  async #orderOf(first: VenueFill, fills: readonly VenueFill[], isOpen: boolean): Promise<VenueOrder> {
    const { trading } = this.#deps;
    const { symbol, venueOrderId } = first;
    for (const order of trading.book.ordersOf(symbol)) {
      // Of neither the venue's id is known: the fills may be theirs.
      const mayBeIt = isUnknown(order) || order.state === 'ABSENT' || order.venueOrderId === venueOrderId;
      if (!mayBeIt) continue;
      const lookup = await trading.exchange.order(order);
      if (lookup.kind === 'found' && lookup.order.venueOrderId === venueOrderId) return lookup.order;
    }
    const quantity = fills.reduce((total, fill) => total.plus(fill.quantity), ZERO);
    return {
      book: 'plain',
      clientOrderId: first.clientOrderId ?? `unnamed-${venueOrderId}`,
      venueOrderId,
      actualVenueOrderId: null,
      symbol,
      side: first.side,
      orderType: 'market',
      state: isOpen ? 'partially_filled' : 'filled',
      quantity,
      executedQuantity: quantity,
      averagePrice: ZERO,
      price: null,
      isReduceOnly: false,
      closesPosition: false,
      updatedAtMs: fills.at(-1)?.occurredAtMs ?? first.occurredAtMs,
    };
  }

  async #compareOrders(open: readonly VenueOrder[], only?: string): Promise<Difference[]> {
    const { trading, desk, stream } = this.#deps;
    const { book, exchange, nowMs } = trading;
    const differences: Difference[] = [];
    const isListed = new Set(open.map((order) => `${order.book}:${order.clientOrderId}`));
    for (const order of book.orders) {
      if (only !== undefined && order.symbol !== only) continue;
      if (!isAtVenue(order) || isListed.has(`${order.book}:${order.clientOrderId}`)) continue;
      const lookup = await exchange.order(order);
      if (lookup.kind === 'not_found') await desk.bookGone(order, 'the venue no longer has it', nowMs());
      else {
        const evidence = await desk.gather(order, lookup.order);
        await desk.transact((m) => desk.bookEvidence(m, order.orderId, evidence));
        if (book.order(order.orderId)?.state === order.state) await this.#endTriggered(order.orderId);
      }
      const after = book.order(order.orderId)?.state ?? 'ended';
      if (after === order.state) continue;
      differences.push({ kind: 'order', symbol: order.symbol, ours: order.state, venues: after, repair: 'booked' });
    }
    for (const venue of open) {
      const order = await stream.identify(venue);
      if (order !== null && (isAtVenue(order) || !isLive(order.state)) && order.state !== 'ABSENT') continue;
      await stream.book(order, venue, [], 'found in the list of open orders');
      differences.push({
        kind: 'order',
        symbol: venue.symbol,
        ours: order?.state ?? 'missing',
        venues: venue.state,
        repair: 'booked',
      });
    }
    return differences;
  }

  /** A triggered order that the venue lists no more, on a symbol that is flat: its second life has ended, and its fills are booked. */
  async #endTriggered(orderId: string): Promise<void> {
    const { trading, desk } = this.#deps;
    const order = trading.book.order(orderId);
    if (order === null || order.state !== 'TRIGGERED' || trading.book.position(order.symbol) !== null) return;
    await desk.bookGone(order, 'triggered, and its position is closed', trading.nowMs());
  }

  #positionDifferences(positions: readonly VenuePosition[]): Difference[] {
    const { book } = this.#deps.trading;
    const theirs = new Map(positions.map((position) => [position.symbol, position.signedQuantity]));
    const ours = new Map(
      book.positions.map((position) => [position.symbol, position.quantity.times(signOf(position.direction))]),
    );
    return [...new Set([...theirs.keys(), ...ours.keys()])].flatMap((symbol) => {
      const own: Decimal = ours.get(symbol) ?? ZERO;
      const venue: Decimal = theirs.get(symbol) ?? ZERO;
      if (own.eq(venue)) return [];
      return [{ kind: 'position', symbol, ours: toText(own), venues: toText(venue), repair: 'none' }];
    });
  }

  async #compareWallet(): Promise<Difference[]> {
    const { exchange, book } = this.#deps.trading;
    const { walletUsdt } = await exchange.account();
    if (walletUsdt.minus(book.walletUsdt).abs().lte(WALLET_TOLERANCE_USDT)) return [];
    const ours = toText(book.walletUsdt);
    return [{ kind: 'wallet', symbol: null, ours, venues: toText(walletUsdt), repair: 'none' }];
  }

  /** A difference that stays for two rounds holds its symbol until it is gone. */
  #holdUnexplained(differences: readonly Difference[]): void {
    const { book } = this.#deps.trading;
    const rounds = new Map<string, number>();
    for (const { kind, symbol, repair } of differences) {
      if (repair !== 'none' || symbol === null) continue;
      const count = (this.#unexplained.get(symbol) ?? 0) + 1;
      rounds.set(symbol, count);
      if (count >= 2) book.holds.set(symbol, `${kind} differs from the venue's`);
    }
    for (const symbol of this.#unexplained.keys()) if (!rounds.has(symbol)) book.holds.delete(symbol);
    this.#unexplained = rounds;
  }

  async #record(result: ReconciliationCompleted): Promise<void> {
    const { trading, desk } = this.#deps;
    const nowMs = trading.nowMs();
    // A clean periodic round is no news; one an hour shows that it runs.
    const isDue = nowMs - this.#lastRecordedAtMs >= RECORD_CLEAN_EVERY_MS;
    if (result.trigger === 'periodic' && result.differences.length === 0 && !isDue) return;
    this.#lastRecordedAtMs = nowMs;
    await desk.transact(async (m) => {
      await new ReconciliationRepository(m.work.tx).record(result, nowMs);
      m.publish(ReconciliationCompleted, {
        occurredAtMs: nowMs,
        correlationId: `reconciliation-${nowMs}`,
        causationId: null,
        key: 'account',
        payload: result,
      });
      if (result.isClean) return;
      const open = result.differences.filter(({ repair }) => repair === 'none');
      raiseAlert(m, trading, {
        code: 'RECONCILIATION_DIFFERENCE',
        severity: 'critical',
        message: open
          .map(({ kind, symbol, ours, venues }) => `${kind} ${symbol ?? ''} ours ${ours}, venue's ${venues}`)
          .join('; '),
        symbol: null,
      });
    });
  }
}

const groupByOrder = (fills: readonly VenueFill[]): ReadonlyMap<string, readonly VenueFill[]> => {
  const groups = new Map<string, VenueFill[]>();
  for (const fill of fills) {
    const group = groups.get(fill.venueOrderId);
    if (group === undefined) groups.set(fill.venueOrderId, [fill]);
    else group.push(fill);
  }
  return groups;
};
