import { hashOn, randomOf } from './randomness.ts';
import type { CandleSeries } from './candle-series.ts';

/** Price points of a candle: the first at its open, the last one millisecond before its end. */
export const POINTS = 12;
const LAST = POINTS - 1;

/**
 * The way of the price through one candle: from open through both extremes to close. Between points the price moves in a straight line.
 *
 * Units: prices 1e-8 USDT, quantities whole steps.
 */
export interface CandlePath {
  /** Shape: `POINTS` numbers, on the tick. */
  readonly prices: Float64Array;
  /** Steps traded in the candle up to and including the point. Shape: `POINTS` numbers, never falling, the last the candle's volume. */
  readonly steps: Float64Array;
  /** 1 where the taker bought. */
  readonly isBuy: Uint8Array;
}

/** Returns room for one path, to be filled again and again. */
export const newCandlePath = (): CandlePath => ({
  prices: new Float64Array(POINTS),
  steps: new Float64Array(POINTS),
  isBuy: new Uint8Array(POINTS),
});

/**
 * Returns the times of the points within a candle; all symbols share them.
 *
 * Units: ms after the open. Shape: `POINTS` numbers, rising, first 0, last `intervalMs` - 1.
 */
export const pathOffsets = (seed: number, openTimeMs: number, intervalMs: number): readonly number[] => {
  const random = randomOf(seed, 'times', openTimeMs);
  const offsets: number[] = [];
  for (let index = 0; index < POINTS; index += 1) {
    const jitter = index === 0 || index === LAST ? 0 : (random() - 0.5) * 0.8;
    offsets.push(Math.floor(((index + jitter) / LAST) * (intervalMs - 1)));
  }
  return offsets;
};

/** Returns the trades that a candle prints: one at every point where its volume has that many steps, none where it has no volume. */
export const printsOf = (steps: number, hasVolume: boolean): number =>
  hasVolume ? Math.min(Math.max(steps, 1), POINTS) : 0;

/** What a path is drawn through. Units: 1e-8 USDT, whole quantity steps. */
export interface PathShape {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly priceStep: number;
  readonly steps: number;
}

/** Draws prices from point `from`, where they stand already, to point `to` at `price`, wavering by up to `noise` on the way. */
const drawLeg = (
  shape: PathShape,
  prices: Float64Array,
  leg: { from: number; to: number; price: number; noise: number; random: () => number },
): void => {
  const { high, low, priceStep } = shape;
  const { from, to, price, noise, random } = leg;
  const start = prices[from] ?? 0;
  for (let index = from + 1; index < to; index += 1) {
    const straight = start + Math.trunc(((price - start) * (index - from)) / (to - from));
    const wobbled = straight + Math.round((random() - 0.5) * 2 * noise);
    const onTick = wobbled - (wobbled % priceStep);
    prices[index] = onTick < low ? low : onTick > high ? high : onTick;
  }
  prices[to] = price;
};

/** Spends the candle's steps: at least one at each point, or with too few of them one each at close, open and extremes first. */
const spendSteps = (steps: number, into: Float64Array, extremes: readonly [number, number], random: () => number) => {
  let weightSum = 0;
  for (let index = 0; index < POINTS; index += 1) {
    weightSum += 0.5 + random();
    into[index] = weightSum;
  }
  if (steps >= POINTS) {
    for (let index = 0; index < LAST; index += 1) {
      into[index] = index + 1 + Math.floor((steps - POINTS) * ((into[index] ?? 0) / weightSum));
    }
    into[LAST] = steps;
    return;
  }
  const order = new Set([LAST, 0, ...extremes, ...into.keys()]);
  into.fill(0);
  let left = steps;
  for (const index of order) {
    if (left > 0) into[index] = 1;
    left -= 1;
  }
  for (let index = 1; index < POINTS; index += 1) into[index] = (into[index] ?? 0) + (into[index - 1] ?? 0);
};

/**
 * Draws the path of a candle into `path`. Open, high, low, close and volume are met exactly, and all lies inside the candle. Which extreme
 * comes first follows from the seed; a rising candle more often visits its low first.
 */
export const drawPath = (shape: PathShape, random: () => number, path: CandlePath): void => {
  const { open, high, low, close } = shape;
  const { prices, isBuy } = path;
  const isLowFirst = random() < (close >= open ? 0.65 : 0.35);
  const firstAt = 1 + Math.floor(random() * 4);
  const secondAt = firstAt + 2 + Math.floor(random() * (POINTS - 4 - firstAt));
  const noise = (high - low) * 0.12;
  prices[0] = open;
  drawLeg(shape, prices, { from: 0, to: firstAt, price: isLowFirst ? low : high, noise, random });
  drawLeg(shape, prices, { from: firstAt, to: secondAt, price: isLowFirst ? high : low, noise, random });
  drawLeg(shape, prices, { from: secondAt, to: LAST, price: close, noise, random });
  spendSteps(shape.steps, path.steps, [firstAt, secondAt], random);
  for (let index = 0; index < POINTS; index += 1) {
    const [price = 0, previous = price] = [prices[index], prices[index - 1]];
    isBuy[index] = price === previous ? Number(random() < 0.5) : Number(price > previous);
  }
};

/** Returns the hash that `drawPath`'s randomness of one candle belongs to; `base` is that of seed and symbol. */
export const pathHash = (base: number, openTimeMs: number): number => hashOn(base, openTimeMs);

/** Returns how much of a candle's volume was bought by takers: a share that leans with the candle's direction. */
export const takerBuyRatio = (series: CandleSeries, index: number): number => {
  const range = (series.highAt(index) - series.lowAt(index)) / 1e8;
  const move = (series.closeAt(index) - series.openAt(index)) / 1e8;
  return range === 0 ? 0.5 : 0.5 + (0.3 * move) / range;
};
