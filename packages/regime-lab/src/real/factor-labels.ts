import type { RealSeries } from './real-series.ts';
import { WindowStatistics } from './window-statistics.ts';

export const FACTORS = ['volatility', 'trend', 'structure'] as const;
export type Factor = (typeof FACTORS)[number];

/** Classes of each factor, in the order of their numbers. */
export const FACTOR_CLASSES: Readonly<Record<Factor, readonly string[]>> = {
  volatility: ['low', 'medium', 'high'],
  trend: ['strong_down', 'down', 'neutral', 'up', 'strong_up'],
  structure: ['trending', 'mean_reverting'],
};

/** A candle without a label: at the ends, where the window does not fit, and where the statistic says neither. */
export const UNLABELED = -1;

/** One class number per candle and factor. Shape: as the series. */
export type FactorLabels = Readonly<Record<Factor, Int8Array>>;

/** Candles on each side of the one that is labeled. */
export const LABEL_HALF_WINDOW_CANDLES = 24;
/** Quantiles of |t| that part neutral from mild and mild from strong: five classes of a fifth each. */
const TREND_QUANTILES = [0.2, 0.6] as const;
const VARIANCE_RATIO_SPAN = 4;
/** Half the standard deviation of VR(4) over 49 candles of a random walk: nearer to 1 than this says neither. */
const STRUCTURE_DEAD_BAND = 0.13;

/** Returns the value below which `share` of the values lie. Shape: `values[n]`, n >= 1, in any order; NaN are left out. */
export const quantileOf = (values: ArrayLike<number>, share: number): number => {
  const sorted = Float64Array.from(values)
    .filter((value) => !Number.isNaN(value))
    .sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
};

/** Cuts that turn the three statistics of a window into classes. */
export interface FactorCuts {
  readonly volatility: readonly [number, number];
  /** Of the size of the t-value. */
  readonly trend: readonly [number, number];
  readonly structureDeadBand: number;
}

/** The three statistics of one window per candle. Shape: as the series; NaN where the window does not fit. */
export interface FactorStatistics {
  readonly logVariance: Float64Array;
  readonly slopeTValue: Float64Array;
  readonly varianceRatio: Float64Array;
}

/** Returns the statistics of the windows that reach `before` candles back from each candle and `after` candles on. */
export const factorStatistics = (
  statistics: WindowStatistics,
  { before, after }: { readonly before: number; readonly after: number },
): FactorStatistics => {
  const of = (measure: (first: number, last: number) => number): Float64Array =>
    Float64Array.from({ length: statistics.length }, (_, index) =>
      index - before < 1 || index + after >= statistics.length ? Number.NaN : measure(index - before, index + after),
    );
  return {
    logVariance: of((first, last) => statistics.logVariance(first, last)),
    slopeTValue: of((first, last) => statistics.slopeTValue(first, last)),
    varianceRatio: of((first, last) => statistics.varianceRatio(first, last, VARIANCE_RATIO_SPAN)),
  };
};

/** Returns cuts that make thirds of the volatility and fifths of the trend. `upTo`: only candles before this one are looked at. */
export const cutsOf = (
  { logVariance, slopeTValue }: FactorStatistics,
  { upTo, structureDeadBand }: { readonly upTo: number; readonly structureDeadBand: number },
): FactorCuts => {
  const sizes = slopeTValue.subarray(0, upTo).map(Math.abs);
  const variances = logVariance.subarray(0, upTo);
  return {
    volatility: [quantileOf(variances, 1 / 3), quantileOf(variances, 2 / 3)],
    trend: [quantileOf(sizes, TREND_QUANTILES[0]), quantileOf(sizes, TREND_QUANTILES[1])],
    structureDeadBand,
  };
};

const trendClass = (tValue: number, [mild, strong]: readonly [number, number]): number => {
  const size = Math.abs(tValue);
  if (size < mild) return 2;
  const steps = size < strong ? 1 : 2;
  return tValue > 0 ? 2 + steps : 2 - steps;
};

/** Returns the classes of one candle's statistics; UNLABELED where there are none. */
export const classesOf = (
  at: { readonly logVariance: number; readonly slopeTValue: number; readonly varianceRatio: number },
  cuts: FactorCuts,
): Readonly<Record<Factor, number>> => {
  if (Number.isNaN(at.logVariance)) return { volatility: UNLABELED, trend: UNLABELED, structure: UNLABELED };
  const isUnclear = Math.abs(at.varianceRatio - 1) < cuts.structureDeadBand;
  return {
    volatility: at.logVariance < cuts.volatility[0] ? 0 : at.logVariance < cuts.volatility[1] ? 1 : 2,
    trend: trendClass(at.slopeTValue, cuts.trend),
    structure: isUnclear ? UNLABELED : at.varianceRatio >= 1 ? 0 : 1,
  };
};

/** Returns labels without a single class in them. */
export const unlabeled = (length: number): Record<Factor, Int8Array> => ({
  volatility: new Int8Array(length).fill(UNLABELED),
  trend: new Int8Array(length).fill(UNLABELED),
  structure: new Int8Array(length).fill(UNLABELED),
});

/**
 * Labels every candle from the window around it: terciles of log realized variance, fifths by the size and sign of the t-value of a
 * regression of log price on time, and the side of 1 on which VR(4) lies. Hindsight: half of each window is future.
 */
export const windowLabels = (series: RealSeries): FactorLabels => {
  const half = LABEL_HALF_WINDOW_CANDLES;
  const statistics = factorStatistics(new WindowStatistics(series), { before: half, after: half });
  const length = series.bars.length;
  const cuts = cutsOf(statistics, { upTo: length, structureDeadBand: STRUCTURE_DEAD_BAND });
  const labels = unlabeled(length);
  for (let index = 0; index < length; index += 1) {
    const at = {
      logVariance: statistics.logVariance[index] ?? Number.NaN,
      slopeTValue: statistics.slopeTValue[index] ?? Number.NaN,
      varianceRatio: statistics.varianceRatio[index] ?? Number.NaN,
    };
    const classes = classesOf(at, cuts);
    for (const factor of FACTORS) labels[factor][index] = classes[factor];
  }
  return labels;
};
