import { causalFeatures } from './causal-features.ts';
import { type EngineRun, MARGINAL_COLUMNS, PROSPECT_COLUMNS } from './engine-run.ts';
import { type FactorStatistics, FACTORS } from './factor-labels.ts';
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
 * Returns all that the engine says of each candle: its levels, trends and structures in logarithms, the published ones, how long the
 * regime has lasted and how likely it is to change. Nothing of the price goes in.
 */
export const engineFeatures = (run: EngineRun): FeatureRows =>
  rowsOf(run.ids.length, (index) => {
    const marginals = run.marginals.subarray(index * MARGINAL_COLUMNS, (index + 1) * MARGINAL_COLUMNS);
    const [dwell = 0, within10 = 0, within30 = 0] = run.prospects.subarray(
      index * PROSPECT_COLUMNS,
      (index + 1) * PROSPECT_COLUMNS,
    );
    return [
      ...Array.from(marginals, logShare),
      ...FACTORS.map((factor) => run.published[factor][index] ?? 0),
      Math.log1p(dwell),
      logOdds(within10),
      logOdds(within30),
    ];
  });

/** Returns what the baselines read: the statistics of their trailing windows, and the rows of the models with states. */
export const baselineFeatures = (series: RealSeries, trailing: ReadonlyMap<number, FactorStatistics>): FeatureRows => {
  const ofModels = causalFeatures(series);
  const known = (value: number | undefined, otherwise: number): number =>
    value === undefined || Number.isNaN(value) ? otherwise : value;
  return rowsOf(series.bars.length, (index) => [
    ...ofModels.values.subarray(index * ofModels.width, (index + 1) * ofModels.width),
    ...[...trailing.values()].flatMap(({ logVariance, slopeTValue, varianceRatio }) => {
      const tValue = known(slopeTValue[index], 0);
      const volatility = known(logVariance[index], 2 * (ofModels.values[index * ofModels.width] ?? 0));
      return [volatility, tValue, Math.abs(tValue), known(varianceRatio[index], 1)];
    }),
  ]);
};

/** Returns both side by side. Shape: the same number of rows. */
export const besideEachOther = (one: FeatureRows, other: FeatureRows): FeatureRows =>
  rowsOf(one.values.length / one.width, (index) => [
    ...one.values.subarray(index * one.width, (index + 1) * one.width),
    ...other.values.subarray(index * other.width, (index + 1) * other.width),
  ]);
