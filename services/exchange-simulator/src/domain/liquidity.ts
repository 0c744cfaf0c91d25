import { clamp, divideRounded, type Fixed, fixedOfNumber, greatest, least, numberOf, ONE } from './fixed.ts';
import type { SymbolSpec } from './venue-types.ts';

const MINUTE_MS = 60_000;
/** The best level holds about 2 % of a minute's volume, deeper ones more. */
const BEST_LEVEL_RATIO = 0.02;
const SPREAD_OF_MINUTE_RANGE = 50n;
const SPACING_OF_MINUTE_RANGE = 40n;

/** What liquidity is made from. */
export interface Turnover {
  /** Range and volume of the last candle that has ended: what the present one comes to is not known yet. */
  readonly range: Fixed;
  /** Units: base units. */
  readonly volume: Fixed;
  readonly intervalMs: number;
  /** Seed of the level sizes of a candle. */
  readonly dice: number;
  /** Point of the candle's path. */
  readonly point: number;
}

/** The house's best prices at one moment, and what its levels are made from. */
export interface Quote {
  readonly bid: Fixed;
  readonly ask: Fixed;
  /** Distance between levels, a multiple of the tick. */
  readonly spacing: Fixed;
  /** Usual size of a best level, and the smallest of any. Units: quantity steps. */
  readonly bestSteps: number;
  readonly leastSteps: number;
  readonly dice: number;
  readonly point: number;
}

const floorTo = (value: Fixed, step: Fixed): Fixed => (value / step) * step;
const ceilTo = (value: Fixed, step: Fixed): Fixed => ((value + step - 1n) / step) * step;

/**
 * Returns the displayed bid and ask around the last price: at least a tick apart, wider in wild times, on the tick grid. They know nothing
 * of how far the present candle will go.
 */
export const quoteOf = (market: { last: Fixed; spec: SymbolSpec; turnover: Turnover }): Quote => {
  const { last, spec, turnover } = market;
  const { priceStep, quantityStep } = spec;
  const { range, intervalMs } = turnover;
  const minuteRange = fixedOfNumber(numberOf(range) / Math.sqrt(Math.max(intervalMs / MINUTE_MS, 1)));
  const widest = greatest(floorTo(last / 2_000n, priceStep), priceStep);
  const spread = clamp(floorTo(minuteRange / SPREAD_OF_MINUTE_RANGE, priceStep), priceStep, widest);
  const half = floorTo(spread / 2n, priceStep);
  const ask = ceilTo(last, priceStep) + greatest(half, priceStep);
  const bid = least(ask - spread, floorTo(last, priceStep));
  const minuteVolume = (numberOf(turnover.volume) * MINUTE_MS) / turnover.intervalMs;
  const tradable = last > 0n ? divideRounded(spec.minNotional * 2n * ONE, last) : 0n;
  return {
    bid,
    ask,
    spacing: greatest(floorTo(minuteRange / SPACING_OF_MINUTE_RANGE, priceStep), priceStep),
    bestSteps: (minuteVolume * BEST_LEVEL_RATIO) / numberOf(quantityStep),
    leastSteps: Number(greatest(tradable / quantityStep + 1n, ceilTo(spec.minQuantity, quantityStep) / quantityStep)),
    dice: turnover.dice,
    point: turnover.point,
  };
};
