import { CandleBlocks } from './candle-blocks.ts';
import { POINTS } from './candle-path.ts';
import type { MarkPath, PricePaths } from './price-paths.ts';
import type { PriceKind } from './venue-types.ts';

/** Prices other than the last one. */
export type MarkKind = Exclude<PriceKind, 'last'>;

/** Units: 1e-8 USDT, or 1e-8 of a ratio for the premium. */
export interface MarkCandle {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** Returns a price of the kind where mark and index are known. */
export const priceOfKind = (kind: MarkKind, mark: number, index: number): number => {
  if (kind === 'premium') return Math.round(((mark - index) / index) * 1e8);
  return kind === 'mark' ? mark : index;
};

/** Returns the candle of a kind over the first `points` points of a path. */
const candleOver = (kind: MarkKind, { marks, indexes }: MarkPath, points: number): MarkCandle => {
  const open = priceOfKind(kind, marks[0] ?? 0, indexes[0] ?? 0);
  let [high, low, close] = [open, open, open];
  for (let point = 1; point < points; point += 1) {
    close = priceOfKind(kind, marks[point] ?? 0, indexes[point] ?? 0);
    high = Math.max(high, close);
    low = Math.min(low, close);
  }
  return { open, high, low, close };
};

/** Candles of mark, index and premium: made from the paths when they are asked for, with the extremes of whole blocks kept. */
export class MarkCandles {
  readonly #paths: PricePaths;
  readonly #blocks: Readonly<Record<MarkKind, CandleBlocks<MarkCandle>>> = {
    mark: this.#blocksOf('mark'),
    index: this.#blocksOf('index'),
    premium: this.#blocksOf('premium'),
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
    const reached = candleOver(kind, this.#paths.marksAt(at.index), at.point + 1);
    const now = priceOfKind(kind, at.mark, at.indexPrice);
    return joinMarks(reached, { open: now, high: now, low: now, close: now });
  }

  /** The candles [from, to) as one; null when there are none. */
  between(kind: MarkKind, from: number, to: number): MarkCandle | null {
    return this.#blocks[kind].between(from, to);
  }

  #blocksOf(kind: MarkKind): CandleBlocks<MarkCandle> {
    return new CandleBlocks((index) => this.at(kind, index), joinMarks);
  }
}

/** Returns two candles that follow each other as one. */
export const joinMarks = (left: MarkCandle, right: MarkCandle): MarkCandle => ({
  open: left.open,
  high: Math.max(left.high, right.high),
  low: Math.min(left.low, right.low),
  close: right.close,
});
