import type { Account, Order } from './account.ts';
import { type Fixed, least } from './fixed.ts';

/** A customer's order in the book, linked to those before and behind it at its price. */
export interface Resting {
  readonly account: Account;
  readonly order: Order;
  readonly level: RestingLevel;
  /** What it shows and may still fill: what is open, for a reduce-only order no more than the position bears. */
  shown: Fixed;
  /** House quantity between it and the order before it, which came earlier and so is served earlier. */
  houseAhead: Fixed;
  before: Resting | null;
  behind: Resting | null;
}

/** Customers' orders at one price, oldest first. */
export class RestingLevel {
  readonly price: Fixed;
  first: Resting | null = null;
  last: Resting | null = null;
  /** Sum of what the orders show. */
  shown: Fixed = 0n;
  /** House quantity that stands ahead of the newest order: what has joined since stands behind all. */
  houseAhead: Fixed = 0n;

  constructor(price: Fixed) {
    this.price = price;
  }

  /** Lets house quantity that was served go out of the queue, from its head on. */
  serveHouse(quantity: Fixed): void {
    let left = quantity;
    for (let one = this.first; one !== null && left > 0n; one = one.behind) {
      const part = least(one.houseAhead, left);
      one.houseAhead -= part;
      left -= part;
    }
    this.houseAhead -= quantity - left;
  }
}

/** Customers' resting orders of one side: levels in an array with the best at its end, where most of the coming and going is. */
export class RestingSide {
  readonly #isAsk: boolean;
  readonly #levels: RestingLevel[] = [];

  constructor(side: 'bids' | 'asks') {
    this.#isAsk = side === 'asks';
  }

  get levelCount(): number {
    return this.#levels.length;
  }

  /** The `nth` best level, 0 being the best; null beyond the last. */
  levelAt(nth: number): RestingLevel | null {
    return this.#levels[this.#levels.length - 1 - nth] ?? null;
  }

  levelOf(price: Fixed): RestingLevel | null {
    const level = this.#levels[this.#placeOf(price)];
    return level?.price === price ? level : null;
  }

  /** Adds an order behind those of its price; `byAge` puts it where its number belongs instead. */
  add(
    entry: { account: Account; order: Order; shown: Fixed; house: Fixed },
    order: 'newest' | 'byAge' = 'newest',
  ): Resting {
    const { price } = entry.order;
    const place = this.#placeOf(price);
    let level = this.#levels[place];
    if (level?.price !== price) {
      level = new RestingLevel(price);
      this.#levels.splice(place, 0, level);
    }
    let before = level.last;
    if (order === 'byAge') {
      while (before !== null && before.order.orderId > entry.order.orderId) before = before.before;
    }
    const behind = before === null ? level.first : before.behind;
    const houseAhead = behind === null && entry.house > level.houseAhead ? entry.house - level.houseAhead : 0n;
    level.houseAhead += houseAhead;
    const { account, shown } = entry;
    const resting: Resting = { account, order: entry.order, level, shown, houseAhead, before, behind };
    if (before === null) level.first = resting;
    else before.behind = resting;
    if (behind === null) level.last = resting;
    else behind.before = resting;
    level.shown += shown;
    return resting;
  }

  /** Takes an order out; the house quantity ahead of it stays ahead of the next. */
  remove(resting: Resting): void {
    const { level, before, behind } = resting;
    if (before === null) level.first = behind;
    else before.behind = behind;
    if (behind === null) {
      level.last = before;
      level.houseAhead -= resting.houseAhead;
    } else {
      behind.before = before;
      behind.houseAhead += resting.houseAhead;
    }
    level.shown -= resting.shown;
    if (level.first === null) this.#levels.splice(this.#placeOf(level.price), 1);
  }

  /** First index whose level is as good as the price, or better. */
  #placeOf(price: Fixed): number {
    const levels = this.#levels;
    const isAsk = this.#isAsk;
    let low = 0;
    let high = levels.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const found = levels[middle]?.price ?? 0n;
      if (isAsk ? found > price : found < price) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Changes what an order shows. */
export const resize = (resting: Resting, shown: Fixed): void => {
  resting.level.shown += shown - resting.shown;
  resting.shown = shown;
};
