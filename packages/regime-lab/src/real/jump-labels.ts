import { type FactorLabels, LABEL_HALF_WINDOW_CANDLES, unlabeled } from './factor-labels.ts';
import { fitJumpModel, standardized } from './jump-model.ts';
import type { RealSeries } from './real-series.ts';
import { WindowStatistics } from './window-statistics.ts';

/** Labels every candle by one jump model per factor, on features of windows around it. Hindsight. */
export const jumpLabels = (series: RealSeries): FactorLabels => {
  const statistics = new WindowStatistics(series);
  const first = LABEL_HALF_WINDOW_CANDLES + 1;
  const count = statistics.length - 2 * LABEL_HALF_WINDOW_CANDLES - 1;
  const labels = unlabeled(statistics.length);
  if (count < 1) return labels;
  const around = (half: number, measure: (from: number, to: number) => number): Float64Array =>
    Float64Array.from({ length: count }, (_, row) => measure(first + row - half, first + row + half));
  const half = LABEL_HALF_WINDOW_CANDLES;
  const logRatio = (from: number, to: number, span: number): number =>
    Math.log(Math.max(0.05, statistics.varianceRatio(from, to, span)));
  const volatility = standardized([
    around(half, (from, to) => statistics.logVariance(from, to)),
    around(half / 2, (from, to) => statistics.logVariance(from, to)),
  ]);
  const trend = standardized([
    around(half, (from, to) => statistics.netMove(from, to)),
    around(half / 2, (from, to) => statistics.netMove(from, to)),
  ]);
  const structure = standardized([
    around(half, (from, to) => logRatio(from, to, 4)),
    around(half, (from, to) => logRatio(from, to, 2)),
  ]);
  labels.volatility.set(fitJumpModel(volatility, 3).path, first);
  labels.trend.set(fitJumpModel(trend, 5).path, first);
  // The lower variance ratio is state 0 there and the mean-reverting class, which is number 1.
  labels.structure.set(
    fitJumpModel(structure, 2).path.map((state) => 1 - state),
    first,
  );
  return labels;
};
