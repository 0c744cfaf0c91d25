import { causalFeatures } from './causal-features.ts';
import { type EngineRun, MARGINAL_COLUMNS, MARGINALS_OF_FACTOR, PROSPECT_COLUMNS } from './engine-run.ts';
import type { Factor, FactorStatistics } from './factor-labels.ts';
import type { FeatureRows } from './jump-model.ts';
import type { RealSeries } from './real-series.ts';

/** A probability below this, or as near to 1, says no more. */
const LEAST_SHARE = 1e-4;

const logShare = (share: number): number => Math.log(Math.max(LEAST_SHARE, share));
const logOdds = (share: number): number => logShare(share) - logShare(1 - share);

/** Returns rows of as many columns as `fill` says, each filled by its candle. */
const rowsOf = (length: number, columnsAt: (index: number) => readonly number[]): FeatureRows => {
  const width = columnsAt(0).length;
  const values = new Float64Array(length * width);
  for (let index = 0; index < length; index += 1) values.set(columnsAt(index), index * width);
  return { values, width };
};

/**
 * Returns what the engine says of one factor at each candle: the probabilities of its classes in logarithms, the published class, how long
 * the regime has lasted and how likely it is to change. Nothing of the price goes in.
 */
export const engineFeatures = (run: EngineRun, factor: Factor): FeatureRows => {
  const [first, last] = MARGINALS_OF_FACTOR[factor];
  return rowsOf(run.ids.length, (index) => {
    const shares = run.marginals.subarray(index * MARGINAL_COLUMNS + first, index * MARGINAL_COLUMNS + last);
    const [dwell = 0, within10 = 0, within30 = 0] = run.prospects.subarray(
      index * PROSPECT_COLUMNS,
      (index + 1) * PROSPECT_COLUMNS,
    );
    const published = run.published[factor][index] ?? 0;
    return [...Array.from(shares, logShare), published, Math.log1p(dwell), logOdds(within10), logOdds(within30)];
  });
};

/** Returns what the baselines read of one factor: the statistic of each trailing window, and the columns of the models with states. */
export const windowFeatures = (
  series: RealSeries,
  trailing: ReadonlyMap<number, FactorStatistics>,
  factor: Factor,
): FeatureRows => {
  const ofModels = causalFeatures(series);
  const known = (value: number | undefined): number => (value === undefined || Number.isNaN(value) ? 0 : value);
  return rowsOf(series.bars.length, (index) => {
    const [volatility = 0, logRange = 0, netMove = 0, ratio = 0] = ofModels.values.subarray(index * ofModels.width);
    const windows = [...trailing.values()];
    if (factor === 'volatility') {
      const ofWindows = windows.map(({ logVariance }) => known(logVariance[index]) || 2 * volatility);
      return [volatility, logRange, ...ofWindows];
    }
    if (factor === 'structure') return [ratio, ...windows.map(({ varianceRatio }) => known(varianceRatio[index]) || 1)];
    const tValues = windows.map(({ slopeTValue }) => known(slopeTValue[index]));
    // Sizes too: neutral lies between, and a plain weight cannot say so.
    return [netMove, ...tValues, ...tValues.map(Math.abs)];
  });
};

/** Returns both side by side. Shape: the same number of rows. */
export const besideEachOther = (one: FeatureRows, other: FeatureRows): FeatureRows =>
  rowsOf(one.values.length / one.width, (index) => [
    ...one.values.subarray(index * one.width, (index + 1) * one.width),
    ...other.values.subarray(index * other.width, (index + 1) * other.width),
  ]);
