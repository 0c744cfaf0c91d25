import type { Bar } from '@qt/regime';

// Taken once: this is the hot path.
const { log, max } = Math;

/** One candle over its open, as logarithms, and the return before it. */
export interface CandleMove {
  readonly move: number;
  readonly previousMove: number;
  /** `2 h (h - x) + 2 l (l - x)`: with the variance of the path below it, the exponent of the law of both extremes. */
  readonly extremeSquare: number;
  readonly high: number;
  readonly low: number;
}

/** Returns what the true laws need to know of a candle. */
export const candleMoveOf = (bar: Bar, previousMove: number): CandleMove => {
  const move = log(bar.close / bar.open);
  const high = log(bar.high / bar.open);
  const low = log(bar.low / bar.open);
  const extremeSquare = 2 * max(0, high * (high - move)) + 2 * max(0, low * (low - move));
  return { move, previousMove, extremeSquare, high, low };
};
