import { clamp, type Fixed, fixedOfNumber, numberOf } from './fixed.ts';
import { hashOf, randomOf } from './randomness.ts';
import type { VenueCandle } from './venue-types.ts';

/** Price points of a candle: the first at its open, the last one millisecond before its end. */
export const POINTS = 12;

/** One price of a path. Between points the price moves in a straight line. */
export interface PathPoint {
  readonly price: Fixed;
  /** Volume traded in the candle up to here. */
  readonly volume: Fixed;
  readonly isBuy: boolean;
}

/**
 * Returns the times of the points within a candle; all symbols share them.
 *
 * Units: ms after the open. Shape: `POINTS` numbers, rising, first 0, last `intervalMs` - 1.
 */
export const pathOffsets = (seed: number, openTimeMs: number, intervalMs: number): readonly number[] => {
  const random = randomOf(seed, 'times', openTimeMs);
  const offsets: number[] = [];
  for (let index = 0; index < POINTS; index += 1) {
    const jitter = index === 0 || index === POINTS - 1 ? 0 : (random() - 0.5) * 0.8;
    offsets.push(Math.floor(((index + jitter) / (POINTS - 1)) * (intervalMs - 1)));
  }
  return offsets;
};

/**
 * Returns the path of a candle: from open through both extremes to close, inside the candle everywhere.
 * Which extreme comes first follows from the seed; a rising candle more often visits its low first.
 *
 * Shape: `POINTS` points; open, high, low and close are met exactly.
 */
export const candlePath = (
  candle: VenueCandle,
  options: { seed: number; symbol: string; priceStep: Fixed },
): PathPoint[] => {
  const { open, high, low, close, volume, openTimeMs } = candle;
  const { priceStep } = options;
  const random = randomOf(options.seed, hashOf(options.symbol), openTimeMs);
  const isLowFirst = random() < (close >= open ? 0.65 : 0.35);
  const firstAt = 1 + Math.floor(random() * 4);
  const secondAt = firstAt + 2 + Math.floor(random() * (POINTS - 4 - firstAt));
  const anchors: readonly (readonly [number, Fixed])[] = [
    [0, open],
    [firstAt, isLowFirst ? low : high],
    [secondAt, isLowFirst ? high : low],
    [POINTS - 1, close],
  ];
  const prices: Fixed[] = [open];
  const noise = numberOf(high - low) * 0.12;
  for (let leg = 1; leg < anchors.length; leg += 1) {
    const [from = 0, fromPrice = open] = anchors[leg - 1] ?? [];
    const [to = 0, toPrice = close] = anchors[leg] ?? [];
    for (let index = from + 1; index < to; index += 1) {
      const straight = fromPrice + ((toPrice - fromPrice) * BigInt(index - from)) / BigInt(to - from);
      const wobbled = straight + fixedOfNumber((random() - 0.5) * 2 * noise);
      prices.push(clamp((wobbled / priceStep) * priceStep, low, high));
    }
    prices.push(toPrice);
  }
  let weightSum = 0;
  const weights = prices.map(() => {
    const weight = 0.5 + random();
    weightSum += weight;
    return weight;
  });
  let weightSoFar = 0;
  return prices.map((price, index) => {
    weightSoFar += weights[index] ?? 0;
    const share = BigInt(Math.floor((weightSoFar / weightSum) * 1_000_000));
    const previous = prices[index - 1] ?? price;
    return {
      price,
      volume: index === POINTS - 1 ? volume : (volume * share) / 1_000_000n,
      isBuy: price === previous ? random() < 0.5 : price > previous,
    };
  });
};

/** Returns how much of a candle's volume was bought by takers: a share that leans with the candle's direction. */
export const takerBuyRatio = (candle: VenueCandle): number => {
  const range = numberOf(candle.high - candle.low);
  return range === 0 ? 0.5 : 0.5 + (0.3 * numberOf(candle.close - candle.open)) / range;
};
