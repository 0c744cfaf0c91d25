import { MEAN_REVERTING_SLOT, REGIME_COUNT, SLOT_COUNT } from '@qt/regime';
import { type FactorLabels, quantileOf, UNLABELED, unlabeled } from './factor-labels.ts';
import { likeliestPath, type LogDensities, smooth } from './hindsight-chain.ts';
import type { RealSeries } from './real-series.ts';

const RETURN_DEGREES = 6;
const RANGE_DEGREES = 7;
/** How much of the range's evidence counts beside the return's: the two are not independent. */
const RANGE_WEIGHT = 0.5;
/** How far a large return widens the range; between what Gaussian and fat-tailed markets show. */
const RANGE_ON_RETURN = 0.45;
const LONGEST_MEAN_CANDLES = 600;
/** Without this floor the chain would take bursts of noise for regimes. */
const SHORTEST_MEAN_CANDLES = 48;
/**
 * Left alone, the fit to real candles takes all drift and autoregression out of the trending regimes, and their labels say nothing. What
 * is smaller than this is not called a trend; the report shows the fitted values, so that it can be seen when they stand at a bound.
 */
const DRIFT_MILD_BOUNDS = [0.1, 0.5] as const;
const DRIFT_STRONG_BOUNDS = [0.25, 1.2] as const;
const AR_TRENDING_BOUNDS = [0, 0.6] as const;
const AR_REVERTING_BOUNDS = [-0.8, -0.1] as const;
const ROUNDS = 25;
const SMALL_GAIN_PER_CANDLE = 1e-5;
const DRIFT_SIGN = [-1, -1, 0, 1, 1, 0] as const;
const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** The law of one candle in each regime. */
export interface ChainModel {
  /** Log range of the three volatility levels, given a typical return. */
  readonly levels: Float64Array;
  /** Return scales of the three levels. */
  readonly scales: Float64Array;
  readonly rangeSpread: number;
  /** Drifts in units of the return scale; the down side mirrors the up side. */
  readonly driftMild: number;
  readonly driftStrong: number;
  readonly arTrending: number;
  readonly arReverting: number;
  readonly hazard: number;
}

const logRangeOf = (range: number): number => (range > 0 ? Math.log(range) : Number.NaN);

const startModel = (series: RealSeries): ChainModel => {
  const logRanges = series.ranges.map(logRangeOf);
  const levels = Float64Array.of(quantileOf(logRanges, 0.2), quantileOf(logRanges, 0.5), quantileOf(logRanges, 0.8));
  const scale = Math.exp(quantileOf(series.logReturns.map(Math.abs).map(Math.log), 0.5)) / 0.7;
  const middle = levels[1] ?? 0;
  return {
    levels,
    scales: levels.map((level) => scale * Math.exp(level - middle)),
    rangeSpread: 0.35,
    driftMild: 0.15,
    driftStrong: 0.4,
    arTrending: 0.1,
    arReverting: -0.2,
    hazard: 1 / 200,
  };
};

const driftOf = (model: ChainModel, slot: number): number => {
  const size = slot === 0 || slot === 4 ? model.driftStrong : model.driftMild;
  return size * (DRIFT_SIGN[slot] ?? 0);
};
const arOf = (model: ChainModel, slot: number): number =>
  slot === MEAN_REVERTING_SLOT ? model.arReverting : model.arTrending;

const widening = (logReturn: number, scale: number): number =>
  RANGE_ON_RETURN * Math.log(0.5 + 0.5 * (logReturn / scale) ** 2);

const logDensitiesOf = (series: RealSeries, model: ChainModel): LogDensities => {
  const { logReturns, ranges } = series;
  const count = logReturns.length;
  const densities = new Float64Array(count * REGIME_COUNT);
  for (let index = 0; index < count; index += 1) {
    const logReturn = logReturns[index] ?? 0;
    const previous = index > 0 ? (logReturns[index - 1] ?? 0) : 0;
    const logRange = logRangeOf(ranges[index] ?? 0);
    for (let level = 0; level < 3; level += 1) {
      const scale = model.scales[level] ?? 1;
      let ofRange = 0;
      if (!Number.isNaN(logRange)) {
        const residual = (logRange - (model.levels[level] ?? 0) - widening(logReturn, scale)) / model.rangeSpread;
        ofRange =
          -((RANGE_DEGREES + 1) / 2) * Math.log(1 + (residual * residual) / RANGE_DEGREES) -
          Math.log(model.rangeSpread);
      }
      for (let slot = 0; slot < SLOT_COUNT; slot += 1) {
        const residual = (logReturn - arOf(model, slot) * previous) / scale - driftOf(model, slot);
        densities[index * REGIME_COUNT + level * SLOT_COUNT + slot] =
          -((RETURN_DEGREES + 1) / 2) * Math.log(1 + (residual * residual) / RETURN_DEGREES) -
          Math.log(scale) +
          RANGE_WEIGHT * ofRange;
      }
    }
  }
  return densities;
};

/** Returns x of the symmetric 3 x 3 system `a x = b` (a by rows); zeros where it has no single answer. */
const solveThree = (a: readonly number[], b: readonly number[]): readonly [number, number, number] => {
  const [a0 = 0, a1 = 0, a2 = 0, , a4 = 0, a5 = 0, , , a8 = 0] = a;
  const [b0 = 0, b1 = 0, b2 = 0] = b;
  const determinant = a0 * (a4 * a8 - a5 * a5) - a1 * (a1 * a8 - a5 * a2) + a2 * (a1 * a5 - a4 * a2);
  if (Math.abs(determinant) < 1e-12) return [0, 0, 0];
  return [
    (b0 * (a4 * a8 - a5 * a5) - a1 * (b1 * a8 - a5 * b2) + a2 * (b1 * a5 - a4 * b2)) / determinant,
    (a0 * (b1 * a8 - b2 * a5) - b0 * (a1 * a8 - a5 * a2) + a2 * (a1 * b2 - b1 * a2)) / determinant,
    (a0 * (a4 * b2 - a5 * b1) - a1 * (a1 * b2 - b1 * a2) + b0 * (a1 * a5 - a4 * a2)) / determinant,
  ];
};

/** Sums over candles, weighted by what each regime has to do with them. */
const maximized = (series: RealSeries, model: ChainModel, posteriors: Float64Array): Omit<ChainModel, 'hazard'> => {
  const { logReturns, ranges } = series;
  const weights = new Float64Array(3);
  const squares = new Float64Array(3);
  const rangeWeights = new Float64Array(3);
  const rangeSums = new Float64Array(3);
  let spreadWeight = 0;
  let spreadSum = 0;
  const normal = Array.from({ length: 9 }, () => 0);
  const right = Array.from({ length: 3 }, () => 0);
  let laggedSquares = 0;
  let laggedCross = 0;
  for (let index = 1; index < logReturns.length; index += 1) {
    const logReturn = logReturns[index] ?? 0;
    const previous = logReturns[index - 1] ?? 0;
    const logRange = logRangeOf(ranges[index] ?? 0);
    for (let level = 0; level < 3; level += 1) {
      const scale = model.scales[level] ?? 1;
      let ofLevel = 0;
      for (let slot = 0; slot < SLOT_COUNT; slot += 1) {
        const share = posteriors[index * REGIME_COUNT + level * SLOT_COUNT + slot] ?? 0;
        ofLevel += share;
        if (share < 1e-9) continue;
        const value = logReturn / scale;
        const lagged = previous / scale;
        const residual = value - arOf(model, slot) * lagged - driftOf(model, slot);
        const weight = (share * (RETURN_DEGREES + 1)) / (RETURN_DEGREES + residual * residual);
        squares[level] = (squares[level] ?? 0) + weight * (residual * scale) ** 2;
        if (slot === MEAN_REVERTING_SLOT) {
          laggedSquares += weight * lagged * lagged;
          laggedCross += weight * lagged * value;
          continue;
        }
        const sign = DRIFT_SIGN[slot] ?? 0;
        const regressors = [slot === 1 || slot === 3 ? sign : 0, slot === 0 || slot === 4 ? sign : 0, lagged];
        for (let row = 0; row < 3; row += 1) {
          right[row] = (right[row] ?? 0) + weight * (regressors[row] ?? 0) * value;
          for (let column = 0; column < 3; column += 1) {
            normal[row * 3 + column] =
              (normal[row * 3 + column] ?? 0) + weight * (regressors[row] ?? 0) * (regressors[column] ?? 0);
          }
        }
      }
      weights[level] = (weights[level] ?? 0) + ofLevel;
      if (Number.isNaN(logRange)) continue;
      const reading = logRange - widening(logReturn, scale);
      const residual = (reading - (model.levels[level] ?? 0)) / model.rangeSpread;
      const weight = (ofLevel * (RANGE_DEGREES + 1)) / (RANGE_DEGREES + residual * residual);
      rangeWeights[level] = (rangeWeights[level] ?? 0) + weight;
      rangeSums[level] = (rangeSums[level] ?? 0) + weight * reading;
      spreadWeight += ofLevel;
      spreadSum += weight * (residual * model.rangeSpread) ** 2;
    }
  }
  const [mild, strong, arTrending] = solveThree(normal, right);
  return {
    levels: rangeSums.map((sum, level) => sum / Math.max(1e-9, rangeWeights[level] ?? 0)).sort(),
    scales: squares.map((sum, level) => Math.sqrt(sum / Math.max(1e-9, weights[level] ?? 0))).sort(),
    rangeSpread: Math.max(0.05, Math.sqrt(spreadSum / Math.max(1e-9, spreadWeight))),
    driftMild: clamp(mild, ...DRIFT_MILD_BOUNDS),
    driftStrong: clamp(strong, ...DRIFT_STRONG_BOUNDS),
    arTrending: clamp(arTrending, ...AR_TRENDING_BOUNDS),
    arReverting: clamp(laggedCross / Math.max(1e-9, laggedSquares), ...AR_REVERTING_BOUNDS),
  };
};

/**
 * Fits the 18-regime model to a whole series by expectation maximization: t returns with drift and autoregression, t log ranges, levels
 * in order, drifts mirrored, one probability of change between 1/600 and 1/48. Hindsight.
 */
export const fitChainModel = (series: RealSeries): ChainModel => {
  let model = startModel(series);
  let logLikelihood = Number.NEGATIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) {
    const smoothed = smooth(logDensitiesOf(series, model), model.hazard);
    const gain = smoothed.logLikelihood - logLikelihood;
    if (gain < SMALL_GAIN_PER_CANDLE * series.bars.length) break;
    logLikelihood = smoothed.logLikelihood;
    const hazard = clamp(smoothed.changeRatio, 1 / LONGEST_MEAN_CANDLES, 1 / SHORTEST_MEAN_CANDLES);
    model = { ...maximized(series, model, smoothed.posteriors), hazard };
  }
  return model;
};

/** Labels every candle by the likeliest path of a fitted model; a mean-reverting regime says nothing of the trend. Hindsight. */
export const chainLabels = (series: RealSeries, model: ChainModel): FactorLabels => {
  const path = likeliestPath(logDensitiesOf(series, model), model.hazard);
  const labels = unlabeled(path.length);
  for (let index = 0; index < path.length; index += 1) {
    const id = path[index] ?? 0;
    const isReverting = id % SLOT_COUNT === MEAN_REVERTING_SLOT;
    labels.volatility[index] = Math.floor(id / SLOT_COUNT);
    labels.trend[index] = isReverting ? UNLABELED : id % SLOT_COUNT;
    labels.structure[index] = isReverting ? 1 : 0;
  }
  return labels;
};
