import { clamp, type Fixed, least } from './fixed.ts';
import type { Quote } from './liquidity.ts';
import type { BookLevel, SymbolSpec } from './venue-types.ts';

/** Levels the house shows on each side. With customers' own levels a book of a thousand is full. */
export const HOUSE_LEVELS = 960;
/** Levels beyond the candle's edge that a taker can still reach, at the edge's price: the last resort of a stop or a liquidation. */
const EDGE_LEVELS = 20;
/** Sizes away from the market, as shares of the best level's: growing, then thinning. Band `n` begins at level 2^(n-1). */
const BAND_RATIOS: readonly number[] = [1, 1.25, 1.6, 2.2, 3.5, 5, 6, 5, 3.5, 2, 1];
/** A level keeps its size for that many points of the path. */
const POINTS_KEPT = 4;

const bandRatio = (index: number): number => BAND_RATIOS[32 - Math.clz32(index)] ?? 1;

const mixed = (left: number, right: number): number => {
  let hash = Math.imul(left ^ right, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
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
 * market changes little but its ends; levels are made when they are looked at.
 */
export class HouseLadder {
  readonly #isAsk: boolean;
  readonly #quote: Quote;
  readonly #spec: SymbolSpec;
  readonly #bounds: PriceBounds;
  readonly #best: Fixed;
  /** Multiple of the spacing that level 0 stands at or just ahead of. */
  readonly #grid: Fixed;
  readonly #quantities: Fixed[] = [];
  #index = 0;
  #left: Fixed;

  /** `taken` is what takers have had of this side since the house showed its sizes. */
  constructor(options: { side: 'bids' | 'asks'; quote: Quote; spec: SymbolSpec; bounds: PriceBounds; taken: Fixed }) {
    const { side, quote, spec, bounds, taken } = options;
    this.#isAsk = side === 'asks';
    this.#quote = quote;
    this.#spec = spec;
    this.#bounds = bounds;
    this.#best = this.#isAsk ? quote.ask : quote.bid;
    this.#grid = this.#isAsk ? this.#best / quote.spacing : (this.#best + quote.spacing - 1n) / quote.spacing;
    this.#left = this.#best > 0n ? this.#sizeOf(0) : 0n;
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

  /** Price of a level; null beyond the last. */
  priceAt(index: number): Fixed | null {
    if (index >= HOUSE_LEVELS) return null;
    const offset = BigInt(index);
    const price =
      index === 0 ? this.#best : (this.#isAsk ? this.#grid + offset : this.#grid - offset) * this.#quote.spacing;
    return price > 0n ? price : null;
  }

  /** What a level shows now. */
  quantityAt(index: number): Fixed {
    if (index < this.#index || index >= HOUSE_LEVELS) return 0n;
    return index === this.#index ? this.#left : this.#sizeOf(index);
  }

  /** What the house shows at a price now. */
  quantityAtPrice(price: Fixed): Fixed {
    if (price <= 0n) return 0n;
    if (price === this.#best) return this.quantityAt(0);
    const { spacing } = this.#quote;
    if (price % spacing !== 0n) return 0n;
    const steps = price / spacing;
    const index = Number(this.#isAsk ? steps - this.#grid : this.#grid - steps);
    return index > 0 ? this.quantityAt(index) : 0n;
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
    const shown = this.priceAt(this.#index);
    if (shown === null || !this.#isWithin(shown, limit) || !this.isReachable(this.#index, shown)) return null;
    const price = this.priceForTaker(shown);
    if (price === shown) return { price, quantity: this.#left };
    let quantity = this.#left;
    for (let index = this.#index + 1; ; index += 1) {
      const next = this.priceAt(index);
      if (next === null || !this.#isWithin(next, limit) || !this.isReachable(index, next)) break;
      if (this.priceForTaker(next) !== price) break;
      quantity += this.#sizeOf(index);
    }
    return { price, quantity };
  }

  /** Takes from the best levels. */
  take(quantity: Fixed): void {
    let wanted = quantity;
    while (wanted > 0n && this.priceAt(this.#index) !== null) {
      const part = least(wanted, this.#left);
      wanted -= part;
      this.#left -= part;
      if (this.#left > 0n) return;
      this.#index += 1;
      this.#left = this.priceAt(this.#index) === null ? 0n : this.#sizeOf(this.#index);
    }
  }

  #isWithin(price: Fixed, limit: Fixed): boolean {
    return this.#isAsk ? price <= limit : price >= limit;
  }

  #sizeOf(index: number): Fixed {
    const known = this.#quantities[index];
    if (known !== undefined) return known;
    const { bestSteps, leastSteps, dice, point } = this.#quote;
    const tick = Number((this.priceAt(index) ?? 0n) / this.#spec.priceStep);
    const own = mixed(dice, tick);
    const age = Math.floor((point + (own % POINTS_KEPT)) / POINTS_KEPT);
    const jitter = 0.5 + mixed(own, age) / 0x1_0000_0000;
    const steps = Math.max(Math.floor(bestSteps * bandRatio(index) * jitter), leastSteps);
    const quantity = BigInt(steps) * this.#spec.quantityStep;
    this.#quantities[index] = quantity;
    return quantity;
  }
}
