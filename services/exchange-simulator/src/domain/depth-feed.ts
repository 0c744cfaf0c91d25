import type { VenueCore } from './core.ts';
import type { Fixed } from './fixed.ts';
import { type BookSide, isBetter, type OrderBook } from './order-book.ts';
import type { BookLevel, BookTicker } from './venue-types.ts';

/** Levels of a side that the book shows at most. */
export const BOOK_LEVELS = 1_000;

/** Best levels first. */
type Shown = Readonly<Record<BookSide, BookLevel[]>>;

/** Numbers the changes of one book and tells them: absolute quantities of the levels that changed, so that a client can keep the book. */
export class DepthFeed {
  readonly #core: VenueCore;
  readonly #book: OrderBook;
  #updateId = 1;
  /** The book as listeners know it; null while nobody listens. */
  #shown: Shown | null = null;
  #hadHidden = false;
  #ticker: BookTicker | null = null;

  constructor(core: VenueCore, book: OrderBook) {
    this.#core = core;
    this.#book = book;
  }

  /** Number of the last change. */
  get updateId(): number {
    return this.#updateId;
  }

  ticker(): BookTicker {
    const book = this.#book;
    const { bid, ask } = book.market.quote();
    const [bidPrice, askPrice] = [book.bestPrice('bids') ?? bid, book.bestPrice('asks') ?? ask];
    return {
      symbol: book.market.symbol,
      timeMs: this.#core.nowMs,
      updateId: this.#updateId,
      bidPrice,
      bidQuantity: book.quantityAt('bids', bidPrice),
      askPrice,
      askQuantity: book.quantityAt('asks', askPrice),
    };
  }

  /** Notes the book as it stands: what a new listener is told counts from here. */
  start(): void {
    this.#shown ??= this.#now();
    this.#hadHidden = this.#book.hasHidden;
  }

  /** Tells what has changed since the last call. A path point always tells its best prices, the way between points never does. */
  flush(cause: 'point' | 'travel' | 'order'): void {
    const changes = this.#book.takeChanges();
    if (changes === null) return;
    this.#updateId += 1;
    if (this.#core.hears('depth')) this.#tellDepth(changes);
    else this.#shown = null;
    if (cause !== 'travel' && this.#core.hears('bookTicker')) this.#tellBest(cause === 'point');
  }

  #tellBest(always: boolean): void {
    const [now, before] = [this.ticker(), this.#ticker];
    const isSame =
      before !== null &&
      now.bidPrice === before.bidPrice &&
      now.askPrice === before.askPrice &&
      now.bidQuantity === before.bidQuantity &&
      now.askQuantity === before.askQuantity;
    if (isSame && !always) return;
    this.#ticker = now;
    this.#core.emit('bookTicker', now);
  }

  #tellDepth(changes: 'all' | Readonly<Record<BookSide, readonly Fixed[]>>): void {
    const hasHidden = this.#book.hasHidden;
    const shown = this.#shown;
    const isFew =
      changes !== 'all' &&
      shown !== null &&
      !hasHidden &&
      !this.#hadHidden &&
      shown.bids.length + changes.bids.length <= BOOK_LEVELS &&
      shown.asks.length + changes.asks.length <= BOOK_LEVELS;
    this.#hadHidden = hasHidden;
    let bids: BookLevel[];
    let asks: BookLevel[];
    if (isFew) [bids, asks] = [this.#few('bids', changes.bids, shown), this.#few('asks', changes.asks, shown)];
    else {
      const now = this.#now();
      this.#shown = now;
      bids = difference('bids', shown?.bids ?? [], now.bids);
      asks = difference('asks', shown?.asks ?? [], now.asks);
    }
    const { symbol } = this.#book.market;
    this.#core.emit('depth', { symbol, timeMs: this.#core.nowMs, updateId: this.#updateId, bids, asks });
  }

  #few(side: BookSide, prices: readonly Fixed[], shown: Shown): BookLevel[] {
    const known = shown[side];
    const changed: BookLevel[] = [];
    for (const price of new Set(prices)) {
      const quantity = this.#book.quantityAt(side, price);
      const place = placeOf(side, known, price);
      const before = known[place];
      const isKnown = before?.price === price;
      if ((isKnown ? before.quantity : 0n) === quantity) continue;
      const level = { price, quantity };
      if (quantity > 0n) known.splice(place, isKnown ? 1 : 0, level);
      else known.splice(place, 1);
      changed.push(level);
    }
    return changed.sort((left, right) => (isBetter(side, left.price, right.price) ? -1 : 1));
  }

  #now(): Shown {
    return { bids: this.#book.levels('bids', BOOK_LEVELS), asks: this.#book.levels('asks', BOOK_LEVELS) };
  }
}

/** First index whose level is not better than the price. */
const placeOf = (side: BookSide, levels: readonly BookLevel[], price: Fixed): number => {
  let low = 0;
  let high = levels.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBetter(side, levels[middle]?.price ?? 0n, price)) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Levels whose quantity is another now, best first; those that have gone have none. */
const difference = (side: BookSide, before: readonly BookLevel[], now: readonly BookLevel[]): BookLevel[] => {
  const changed: BookLevel[] = [];
  let index = 0;
  for (const level of now) {
    let old = before[index];
    while (old !== undefined && old !== level && isBetter(side, old.price, level.price)) {
      changed.push({ price: old.price, quantity: 0n });
      index += 1;
      old = before[index];
    }
    const isSame = old === level || old?.price === level.price;
    if (isSame) index += 1;
    if (!isSame || (old !== level && old?.quantity !== level.quantity)) changed.push(level);
  }
  for (; index < before.length; index += 1) {
    const gone = before[index];
    if (gone !== undefined) changed.push({ price: gone.price, quantity: 0n });
  }
  return changed;
};
