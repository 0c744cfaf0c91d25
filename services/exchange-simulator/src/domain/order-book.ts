import type { Account, Order } from './account.ts';
import { type Fixed, least } from './fixed.ts';
import { HouseLadder } from './house-ladder.ts';
import type { Quote } from './liquidity.ts';
import { type Resting, type RestingLevel, RestingSide, resize } from './resting-orders.ts';
import type { SymbolMarket } from './symbol-market.ts';
import type { BookLevel, OrderSide, SavedBook } from './venue-types.ts';

/** Bids are what buyers show, asks what sellers do. */
export type BookSide = 'bids' | 'asks';

/** The side on which an order of that side rests, and the one from which it takes. */
export const restingSideOf = (side: OrderSide): BookSide => (side === 'BUY' ? 'bids' : 'asks');
/** The side from which an order of that side takes. */
export const takenSideOf = (side: OrderSide): BookSide => (side === 'BUY' ? 'asks' : 'bids');

/** What a taker meets next; `resting` is null where it is the house. */
export interface Offer {
  readonly price: Fixed;
  readonly quantity: Fixed;
  readonly resting: Resting | null;
}

/** What the book of a symbol needs to know of its market. */
export type BookMarket = Pick<
  SymbolMarket,
  'symbol' | 'spec' | 'lastPrice' | 'high' | 'low' | 'seen' | 'quote' | 'taken' | 'makerVolume'
>;

/**
 * The book of one symbol: the house's levels and customers' orders, at one price in the order in which they came.
 *
 * A customer's order that the house has quoted through (a bid at or above the house's ask), or that the last price lies beyond, has been
 * traded through by the market. It waits for the market's volume to fill it, and is neither shown nor met by takers: nobody gets a price that the market has left behind.
 */
export class OrderBook {
  readonly market: BookMarket;
  readonly #sides = { bids: new RestingSide('bids'), asks: new RestingSide('asks') };
  readonly #resting = new Map<number, Resting>();
  #quote: Quote | null = null;
  #houses: { bids: HouseLadder; asks: HouseLadder } | null = null;
  /** Prices whose quantity may have changed since they were looked at last; null: any may have. */
  #touched: { readonly bids: Fixed[]; readonly asks: Fixed[] } | null = null;
  #isChanged = false;

  constructor(market: BookMarket) {
    this.market = market;
  }

  house(side: BookSide): HouseLadder {
    const quote = this.market.quote();
    if (this.#houses === null || quote !== this.#quote) {
      const { spec, lastPrice: last, high, low, taken } = this.market;
      const bounds = { last, high, low };
      const [bids, asks] = [this.#houses?.bids ?? null, this.#houses?.asks ?? null];
      this.#quote = quote;
      this.#houses = {
        bids: new HouseLadder({ side: 'bids', quote, spec, bounds, taken: taken.SELL, previous: bids }),
        asks: new HouseLadder({ side: 'asks', quote, spec, bounds, taken: taken.BUY, previous: asks }),
      };
    }
    return this.#houses[side];
  }

  orders(side: BookSide): RestingSide {
    return this.#sides[side];
  }

  /** Whether any customer's order rests here. */
  get hasOrders(): boolean {
    return this.#resting.size > 0;
  }

  find(orderId: number): Resting | null {
    return this.#resting.get(orderId) ?? null;
  }

  /** Lets an order rest behind what is at its price already. */
  rest(account: Account, order: Order, shown: Fixed, place: 'newest' | 'byAge' = 'newest'): void {
    this.#add(
      { account, order, shown, house: this.house(restingSideOf(order.side)).quantityAtPrice(order.price) },
      place,
    );
  }

  /** Lets an order rest behind the customers at its price, with so much of the house's quantity between. */
  restAt(account: Account, order: Order, shown: Fixed, houseAhead: Fixed): void {
    const level = this.#sides[restingSideOf(order.side)].levelOf(order.price);
    this.#add({ account, order, shown, house: (level?.houseAhead ?? 0n) + houseAhead }, 'newest');
  }

  /** Returns what customers have left here. */
  save(): SavedBook {
    const places: [number, Fixed][] = [];
    for (const side of Object.values(this.#sides)) {
      for (let nth = 0; nth < side.levelCount; nth += 1) {
        for (let one = side.levelAt(nth)?.first ?? null; one !== null; one = one.behind) {
          places.push([one.order.orderId, one.houseAhead]);
        }
      }
    }
    return { symbol: this.market.symbol, taken: { ...this.market.taken }, places };
  }

  /** Returns whether it was there. */
  remove(order: Order): boolean {
    const resting = this.#resting.get(order.orderId);
    if (resting === undefined) return false;
    const side = restingSideOf(order.side);
    this.#resting.delete(order.orderId);
    this.#sides[side].remove(resting);
    this.#touch(side, resting.level.price);
    return true;
  }

  resize(resting: Resting, shown: Fixed): void {
    if (shown === resting.shown) return;
    resize(resting, shown);
    this.#touch(restingSideOf(resting.order.side), resting.level.price);
  }

  /** Takes from the house's best levels; customers who stand behind it there move up. */
  takeHouse(side: BookSide, quantity: Fixed): void {
    const house = this.house(side);
    this.market.taken[side === 'asks' ? 'BUY' : 'SELL'] += quantity;
    for (let left = quantity; left > 0n; ) {
      const price = house.bestPrice;
      if (price === null) return;
      const part = least(left, house.bestLeft);
      left -= part;
      house.take(part);
      this.#sides[side].levelOf(price)?.serveHouse(part);
      this.#touch(side, price);
    }
  }

  /** The house shows other levels from now on. */
  requote(): void {
    this.#touched = null;
    this.#isChanged = true;
  }

  /** Whether a customer's level is seen: not where the house has quoted through it, or the last price lies beyond it. */
  isShown(side: BookSide, price: Fixed): boolean {
    const across = this.house(side === 'asks' ? 'bids' : 'asks').bestPrice;
    return !isBetter(side, price, this.market.lastPrice) && (across === null || isBetter(side, across, price));
  }

  /** The best level of customers that is shown. */
  shownLevel(side: BookSide): RestingLevel | null {
    const orders = this.#sides[side];
    for (let nth = 0; ; nth += 1) {
      const level = orders.levelAt(nth);
      if (level === null || this.isShown(side, level.price)) return level;
    }
  }

  /** Best price shown; null when the side is empty. */
  bestPrice(side: BookSide): Fixed | null {
    const house = this.house(side).bestPrice;
    const level = this.shownLevel(side);
    if (level === null) return house;
    return house === null || isBetter(side, level.price, house) ? level.price : house;
  }

  /** What a taker with that limit meets next on that side; null when nothing. */
  offer(side: BookSide, limit: Fixed): Offer | null {
    const house = this.house(side);
    const level = this.takeableLevel(side);
    if (level === null || isBetter(side, limit, level.price)) return this.#houseOffer(house, limit);
    const housePrice = house.bestPrice;
    const { first } = level;
    if (first === null || (housePrice !== null && isBetter(side, housePrice, level.price))) {
      return this.#houseOffer(house, limit);
    }
    if (housePrice === level.price && first.houseAhead > 0n && house.isReachable(house.index, housePrice)) {
      const ahead = first.houseAhead < house.bestLeft ? first.houseAhead : house.bestLeft;
      return { price: house.priceForTaker(housePrice), quantity: ahead, resting: null };
    }
    return { price: level.price, quantity: first.shown, resting: first };
  }

  /** What is shown at a price. */
  quantityAt(side: BookSide, price: Fixed): Fixed {
    const house = this.house(side).quantityAtPrice(price);
    const level = this.#sides[side].levelOf(price);
    return level === null || !this.isShown(side, price) ? house : house + level.shown;
  }

  /** The best `count` levels, house and customers together. */
  levels(side: BookSide, count: number): BookLevel[] {
    const house = this.house(side);
    const orders = this.#sides[side];
    const levels: BookLevel[] = [];
    let index = house.index;
    let nth = 0;
    let level = orders.levelAt(0);
    while (levels.length < count) {
      if (level !== null && !this.isShown(side, level.price)) {
        level = orders.levelAt(++nth);
        continue;
      }
      const own = house.shownAt(index);
      if (level === null || (own !== null && isBetter(side, own.price, level.price))) {
        if (own === null) break;
        levels.push(own);
        index += 1;
        continue;
      }
      const isShared = own !== null && own.price === level.price;
      const quantity = level.shown + (isShared ? own.quantity : 0n);
      if (quantity > 0n) levels.push({ price: level.price, quantity });
      if (isShared) index += 1;
      level = orders.levelAt(++nth);
    }
    return levels;
  }

  /**
   * Returns what may have changed since it was asked last; null when nothing did, `all` when any level may have. Single levels are noted from
   * now on only for those who care (`isHeard`).
   */
  takeChanges(isHeard: boolean): 'all' | { readonly bids: readonly Fixed[]; readonly asks: readonly Fixed[] } | null {
    if (!this.#isChanged) return null;
    const touched = this.#touched;
    this.#isChanged = false;
    this.#touched = isHeard ? { bids: [], asks: [] } : null;
    return touched ?? 'all';
  }

  /** Whether a customer's order stands where the house has quoted through it. */
  get hasHidden(): boolean {
    const [bid, ask] = [this.#sides.bids.levelAt(0), this.#sides.asks.levelAt(0)];
    return (bid !== null && !this.isShown('bids', bid.price)) || (ask !== null && !this.isShown('asks', ask.price));
  }

  /** Whether anything may trade at a price: only inside the candle. */
  #isInside(price: Fixed): boolean {
    return price >= this.market.low && price <= this.market.high;
  }

  /** The best customers' level that may trade. */
  takeableLevel(side: BookSide): RestingLevel | null {
    const orders = this.#sides[side];
    for (let nth = 0; ; nth += 1) {
      const level = orders.levelAt(nth);
      if (level === null || (this.#isInside(level.price) && this.isShown(side, level.price))) return level;
    }
  }

  #houseOffer(house: HouseLadder, limit: Fixed): Offer | null {
    const offer = house.offer(limit);
    return offer === null ? null : { ...offer, resting: null };
  }

  #add(entry: { account: Account; order: Order; shown: Fixed; house: Fixed }, place: 'newest' | 'byAge'): void {
    const { order } = entry;
    const side = restingSideOf(order.side);
    this.#resting.set(order.orderId, this.#sides[side].add(entry, place));
    this.#touch(side, order.price);
  }

  #touch(side: BookSide, price: Fixed): void {
    this.#isChanged = true;
    this.#touched?.[side].push(price);
  }
}

/** Whether the first price stands ahead of the second on that side. */
export const isBetter = (side: BookSide, price: Fixed, than: Fixed): boolean =>
  side === 'asks' ? price < than : price > than;
