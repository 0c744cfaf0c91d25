import { seededRandom } from '@qt/kernel';
import type { Bar } from '@qt/regime';
import { type RealSeries, seriesOf } from '../src/real/real-series.ts';

const INTERVAL_MS = 3_600_000;

/** Returns draws from a standard normal law; the same seed, the same draws. */
export const normalDraws = (seed: number): (() => number) => {
  const random = seededRandom(seed);
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
};

/** Returns candles whose closes follow the returns; their range is a little more than the move. */
export const barsOfReturns = (returns: readonly number[]): Bar[] => {
  let close = 100;
  return returns.map((logReturn, index) => {
    const open = close;
    close = open * Math.exp(logReturn);
    const reach = Math.exp(0.6 * Math.abs(logReturn) + 1e-4);
    const high = Math.max(open, close) * reach;
    const low = Math.min(open, close) / reach;
    return { openTimeMs: (index + 1) * INTERVAL_MS, open, high, low, close, volume: 1 };
  });
};

export const toySeries = (returns: readonly number[]): RealSeries =>
  seriesOf({ name: 'TOY', intervalMs: INTERVAL_MS, bars: barsOfReturns(returns) });

/** Returns the series with every candle from `from` on moved: nothing before it may notice. */
export const withOtherFuture = (series: RealSeries, from: number): RealSeries => {
  const bars = series.bars.map((bar, index) => {
    if (index < from) return bar;
    const factor = 1.5 + 0.4 * Math.sin(index / 5);
    const { openTimeMs, open, high, low, close, volume } = bar;
    const prices = { open: open * factor, high: high * factor * 1.02, low: low * factor * 0.97, close: close * factor };
    return { openTimeMs, ...prices, volume };
  });
  return seriesOf({ name: series.name, intervalMs: series.intervalMs, bars });
};

/** Returns returns whose scale changes every `stretch` candles through calm, normal and wild. */
export const changingReturns = (count: number, stretch: number, seed: number): number[] => {
  const draw = normalDraws(seed);
  const scales = [0.002, 0.006, 0.018, 0.006];
  return Array.from({ length: count }, (_, index) => (scales[Math.floor(index / stretch) % 4] ?? 0.006) * draw());
};
