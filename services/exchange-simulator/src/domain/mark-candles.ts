import { POINTS } from './candle-path.ts';
import type { MarkPath, PricePaths } from './price-paths.ts';
import type { PriceKind } from './venue-types.ts';

/** Candles of a block whose extremes are kept. */
const BLOCK = 64;

/** Prices other than the last one. */
export type MarkKind = Exclude<PriceKind, 'last'>;

/** Units: 1e-8 USDT, or 1e-8 of a ratio for the premium. */
export interface MarkCandle {
  open: number;
  high: number;
  low: number;
  close: number;
}

/** Returns a price of the kind where mark and index are known. */
export const priceOfKind = (kind: MarkKind, mark: number, index: number): number => {
  if (kind === 'premium') return Math.round(((mark - index) / index) * 1e8);
  return kind === 'mark' ? mark : index;
};

const meet = (candle: MarkCandle, price: number): void => {
  candle.high = Math.max(candle.high, price);
  candle.low = Math.min(candle.low, price);
  candle.close = price;
};

/** Returns the candle of a kind over the first `points` points of a path. */
const candleOver = (kind: MarkKind, { marks, indexes }: MarkPath, points: number): MarkCandle => {
  const open = priceOfKind(kind, marks[0] ?? 0, indexes[0] ?? 0);
  const candle = { open, high: open, low: open, close: open };
  for (let point = 1; point < points; point += 1) {
    meet(candle, priceOfKind(kind, marks[point] ?? 0, indexes[point] ?? 0));
  }
  return candle;
};

/** Candles of mark, index and premium: made from the paths when they are asked for, with the extremes of whole blocks kept. */
export class MarkCandles {
  readonly #paths: PricePaths;
  readonly #blocks: Readonly<Record<MarkKind, Map<number, MarkCandle>>> = {
    mark: new Map(),
    index: new Map(),
    premium: new Map(),
  };

  constructor(paths: PricePaths) {
    this.#paths = paths;
  }

  /** A candle that has ended. */
  at(kind: MarkKind, index: number): MarkCandle {
    return candleOver(kind, this.#paths.marksAt(index), POINTS);
  }

  /** Premium at the last point of a candle. */
  closeOfPremium(index: number): number {
    const { marks, indexes } = this.#paths.marksAt(index);
    return priceOfKind('premium', marks[POINTS - 1] ?? 0, indexes[POINTS - 1] ?? 0);
  }

  /** The candle now forming, its last reached point and the prices since then. */
  forming(kind: MarkKind, at: { index: number; point: number; mark: number; indexPrice: number }): MarkCandle {
    const candle = candleOver(kind, this.#paths.marksAt(at.index), at.point + 1);
    meet(candle, priceOfKind(kind, at.mark, at.indexPrice));
    return candle;
  }

  /** The candles [from, to) as one; null when there are none. */
  between(kind: MarkKind, from: number, to: number): MarkCandle | null {
    let whole: MarkCandle | null = null;
    for (let index = from; index < to; ) {
      const isWhole = index % BLOCK === 0 && index + BLOCK <= to;
      const part = isWhole ? this.#block(kind, index) : this.at(kind, index);
      whole = joinMarks(whole, part);
      index += isWhole ? BLOCK : 1;
    }
    return whole;
  }

  #block(kind: MarkKind, from: number): MarkCandle {
    const kept = this.#blocks[kind].get(from);
    if (kept !== undefined) return kept;
    let whole = this.at(kind, from);
    for (let index = from + 1; index < from + BLOCK; index += 1) whole = joinMarks(whole, this.at(kind, index));
    this.#blocks[kind].set(from, whole);
    return whole;
  }
}

/** Returns two candles that follow each other as one. */
export const joinMarks = (left: MarkCandle | null, right: MarkCandle): MarkCandle =>
  left === null
    ? { ...right }
    : {
        open: left.open,
        high: Math.max(left.high, right.high),
        low: Math.min(left.low, right.low),
        close: right.close,
      };
