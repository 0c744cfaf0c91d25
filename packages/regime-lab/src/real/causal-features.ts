import type { FeatureRows } from './jump-model.ts';
import type { RealSeries } from './real-series.ts';
import { WindowStatistics } from './window-statistics.ts';

const SHORT_CANDLES = 24;
const LONG_CANDLES = 49;

/** Readings of the candles up to each one, as those see them who know nothing of later ones. Shape: rows x 4 by rows. */
export const causalFeatures = (series: RealSeries): FeatureRows => {
  const statistics = new WindowStatistics(series);
  const width = 4;
  const values = new Float64Array(statistics.length * width);
  let logRange = Math.log(1e-6);
  for (let index = 0; index < statistics.length; index += 1) {
    const range = series.ranges[index] ?? 0;
    if (range > 0) logRange = Math.log(range);
    const short = Math.max(1, index - SHORT_CANDLES + 1);
    const long = Math.max(1, index - LONG_CANDLES + 1);
    const isFull = index >= LONG_CANDLES;
    values[index * width] = isFull ? statistics.logVariance(short, index) / 2 : logRange;
    values[index * width + 1] = logRange;
    values[index * width + 2] = isFull ? statistics.netMove(short, index) : 0;
    values[index * width + 3] = isFull ? Math.log(Math.max(0.05, statistics.varianceRatio(long, index, 4))) : 0;
  }
  return { values, width };
};

/** Returns rows `from` to `to` (excluded) with mean 0 and variance 1 over rows `from` to `fittedTo`: nothing of later rows goes in. */
export const scaledRows = (
  rows: FeatureRows,
  { from, fittedTo, to }: { readonly from: number; readonly fittedTo: number; readonly to: number },
): FeatureRows => {
  const { values, width } = rows;
  const scaled = values.slice(from * width, to * width);
  for (let column = 0; column < width; column += 1) {
    let sum = 0;
    let squares = 0;
    for (let row = from; row < fittedTo; row += 1) sum += values[row * width + column] ?? 0;
    const mean = sum / (fittedTo - from);
    for (let row = from; row < fittedTo; row += 1) squares += ((values[row * width + column] ?? 0) - mean) ** 2;
    const deviation = Math.sqrt(squares / (fittedTo - from)) || 1;
    for (let row = 0; row < to - from; row += 1) {
      scaled[row * width + column] = ((scaled[row * width + column] ?? 0) - mean) / deviation;
    }
  }
  return { values: scaled, width };
};
