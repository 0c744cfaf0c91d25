import type { Candle } from '@qt/contracts';
import { invariant } from '@qt/kernel';

/** A closed candle as statistics read it: numbers, because no money is counted with it. */
export interface MarketCandle {
  readonly openTimeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Base units. */
  readonly volume: number;
}

/**
 * Returns the numbers of a candle.
 *
 * Throws: InvariantError when a price is not positive or the range does not contain open and close.
 */
export const marketCandleOf = (
  candle: Pick<Candle, 'openTimeMs' | 'open' | 'high' | 'low' | 'close' | 'volume'>,
): MarketCandle => {
  const [open, high, low, close] = [Number(candle.open), Number(candle.high), Number(candle.low), Number(candle.close)];
  const volume = Number(candle.volume);
  invariant(
    low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close) && Number.isFinite(high) && volume >= 0,
    `a candle with 0 < low <= open, close <= high and volume >= 0, was ${open} ${high} ${low} ${close} ${volume}`,
  );
  return { openTimeMs: candle.openTimeMs, open, high, low, close, volume };
};
