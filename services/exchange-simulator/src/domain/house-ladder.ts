import { clamp, type Fixed, least } from './fixed.ts';
import type { Quote } from './liquidity.ts';
import type { BookLevel, SymbolSpec } from './venue-types.ts';

/** Levels the house shows on each side. With customers' own levels a book of a thousand is full. */
export const HOUSE_LEVELS = 960;
/** Levels beyond the candle's edge that a taker can still reach, at the edge's price: the last resort of a stop or a liquidation. */
export const EDGE_LEVELS = 20;
/** Sizes away from the market, as shares of the best level's: growing, then thinning. Band `n` begins at level 2^(n-1). */
const BAND_RATIOS: readonly number[] = [1, 1.25, 1.6, 2.2, 3.5, 5, 6, 5, 3.5, 2, 1];
const LEVEL_RATIOS: readonly number[] = Array.from(
  { length: HOUSE_LEVELS },
  (_, index) => BAND_RATIOS[32 - Math.clz32(index)] ?? 1,
);
/** A level keeps its size for that many points of the path. */
const POINTS_KEPT = 4;
const { imul } = Math;

const mixed = (left: number, right: number): number => {
  let hash = imul(left ^ right, 0x9e3779b1);
  hash = imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
};

/** Bounds of what may trade now. */
export interface PriceBounds {
  readonly last: Fixed;
  readonly high: Fixed;
  readonly low: Fixed;
}

/**
 * The house's levels of one side of a book and what takers have left of them. A level's size follows from its price, so that a move of the
 * market changes little but its ends. Levels are made when they are looked at; those that are as they were before the last move are the
 * same objects, so that a comparison of two books is cheap.
 */
export class HouseLadder {
  readonly #isAsk: boolean;
  readonly #quote: Quote;
  readonly #spec: SymbolSpec;
  readonly #bounds: PriceBounds;
  readonly #bestTick: number;
  readonly #spacingTicks: number;
  /** Multiple of the spacing that level 0 stands at or just ahead of. */
  readonly #grid: number;
  readonly #levelCount: number;
  readonly #levels: (BookLevel | undefined)[] = [];
  readonly #steps: number[] = [];
  /** The ladder before this one, whose levels are used again. */
  #previous: HouseLadder | null;
  #index = 0;
  #left: Fixed;

  /** `taken` is what takers have had of this side since the house showed its sizes. */
  constructor(options: {
    side: 'bids' | 'asks';
    quote: Quote;
    spec: SymbolSpec;
    bounds: PriceBounds;
    taken: Fixed;
    previous: HouseLadder | null;
  }) {
    const { side, quote, spec, bounds, taken, previous } = options;
    this.#isAsk = side === 'asks';
    this.#quote = quote;
    this.#spec = spec;
    this.#bounds = bounds;
    this.#previous = previous;
    if (previous !== null) previous.#previous = null;
    this.#bestTick = Number((this.#isAsk ? quote.ask : quote.bid) / spec.priceStep);
    this.#spacingTicks = Number(quote.spacing / spec.priceStep);
    const ratio = this.#bestTick / this.#spacingTicks;
    this.#grid = this.#isAsk ? Math.floor(ratio) : Math.ceil(ratio);
    const room = this.#bestTick <= 0 ? 0 : this.#isAsk ? HOUSE_LEVELS : Math.max(this.#grid, 1);
    this.#levelCount = Math.min(HOUSE_LEVELS, room);
    this.#left = this.#levelCount === 0 ? 0n : this.#levelAt(0).quantity;
    this.take(taken);
  }

  /** Number of the first level that has anything left. */
  get index(): number {
    return this.#index;
  }

  /** Price of the first level that has anything left; null when all is taken. */
  get bestPrice(): Fixed | null {
    return this.priceAt(this.#index);
  }

  /** What is left of the first level. */
  get bestLeft(): Fixed {
    return this.#left;
  }

  /** A level as it shows now; null where there is none or nothing left. */
  shownAt(index: number): BookLevel | null {
    if (index < this.#index || index >= this.#levelCount) return null;
    const level = this.#levelAt(index);
    return index === this.#index && this.#left !== level.quantity
      ? { price: level.price, quantity: this.#left }
      : level;
  }

  /** Price of a level; null beyond the last. */
  priceAt(index: number): Fixed | null {
    return index < this.#levelCount ? this.#levelAt(index).price : null;
  }

  /** What a level shows now. */
  quantityAt(index: number): Fixed {
    return this.shownAt(index)?.quantity ?? 0n;
  }

  /** What the house shows at a price now. */
  quantityAtPrice(price: Fixed): Fixed {
    const index = this.#indexOf(Number(price / this.#spec.priceStep));
    return index === null ? 0n : this.quantityAt(index);
  }

  /** Price at which a taker gets a level: its own, held to the candle and never better than the last price. */
  priceForTaker(price: Fixed): Fixed {
    const { last, high, low } = this.#bounds;
    return this.#isAsk ? clamp(price, last, high > last ? high : last) : clamp(price, low < last ? low : last, last);
  }

  /** Whether a taker can have a level: those inside the candle, and a few beyond its edge. */
  isReachable(index: number, price: Fixed): boolean {
    return index < EDGE_LEVELS || (this.#isAsk ? price <= this.#bounds.high : price >= this.#bounds.low);
  }

  /**
   * What a taker with that limit gets at the best price now, null when nothing. Levels beyond the edge of the candle come as one.
   *
   * Units: base units; `price` is what the taker pays.
   */
  offer(limit: Fixed): BookLevel | null {
    const shown = this.bestPrice;
    if (shown === null || !this.#isWithin(shown, limit) || !this.isReachable(this.#index, shown)) return null;
    const price = this.priceForTaker(shown);
    if (price === shown) return { price, quantity: this.#left };
    let quantity = this.#left;
    for (let index = this.#index + 1; index < this.#levelCount; index += 1) {
      const next = this.#levelAt(index);
      const isSame = this.isReachable(index, next.price) && this.priceForTaker(next.price) === price;
      if (!isSame || !this.#isWithin(next.price, limit)) break;
      quantity += next.quantity;
    }
    return { price, quantity };
  }

  /** Takes from the best levels. */
  take(quantity: Fixed): void {
    let wanted = quantity;
    while (wanted > 0n && this.#index < this.#levelCount) {
      const part = least(wanted, this.#left);
      wanted -= part;
      this.#left -= part;
      if (this.#left > 0n) return;
      this.#index += 1;
      this.#left = this.#index < this.#levelCount ? this.#levelAt(this.#index).quantity : 0n;
    }
  }

  #isWithin(price: Fixed, limit: Fixed): boolean {
    return this.#isAsk ? price <= limit : price >= limit;
  }

  #tickAt(index: number): number {
    if (index === 0) return this.#bestTick;
    return (this.#isAsk ? this.#grid + index : this.#grid - index) * this.#spacingTicks;
  }

  #indexOf(tick: number): number | null {
    if (tick === this.#bestTick) return 0;
    const steps = tick / this.#spacingTicks;
    if (!Number.isInteger(steps)) return null;
    const index = this.#isAsk ? steps - this.#grid : this.#grid - steps;
    return index > 0 && index < this.#levelCount ? index : null;
  }

  /** A level before anything was taken. */
  #levelAt(index: number): BookLevel {
    const known = this.#levels[index];
    if (known !== undefined) return known;
    const tick = this.#tickAt(index);
    const steps = this.#stepsOf(index, tick);
    const before = this.#previous === null ? null : this.#previous.#made(tick, steps);
    const { priceStep, quantityStep } = this.#spec;
    const level = before ?? { price: BigInt(tick) * priceStep, quantity: BigInt(steps) * quantityStep };
    this.#levels[index] = level;
    this.#steps[index] = steps;
    return level;
  }

  /** The level of that price and size, if it was made. */
  #made(tick: number, steps: number): BookLevel | null {
    const index = this.#indexOf(tick);
    return index !== null && this.#steps[index] === steps ? (this.#levels[index] ?? null) : null;
  }

  #stepsOf(index: number, tick: number): number {
    const { bestSteps, leastSteps, dice, point } = this.#quote;
    const own = mixed(dice, tick);
    const age = Math.trunc((point + (own % POINTS_KEPT)) / POINTS_KEPT);
    const jitter = 0.5 + mixed(own, age) / 0x1_0000_0000;
    return Math.max(Math.floor(bestSteps * (LEVEL_RATIOS[index] ?? 1) * jitter), leastSteps);
  }
}
