import type { Calls } from './baseline-calls.ts';
import { type Factor, quantileOf, UNLABELED } from './factor-labels.ts';
import type { RealSeries } from './real-series.ts';
import { EWMA_DECAY, LEAST_VARIANCE } from './volatility-forecasts.ts';
import { type Fold, foldsOf, TRAIN_CANDLES } from './walk-forward.ts';

const SPAN_CANDLES = 4;
/** Shares of the sizes that part neutral from mild and mild from strong: five classes of a fifth each. */
const TREND_SHARES = [0.2, 0.6] as const;

/** A number per candle and factor, higher where the class is: what a plain average knows. Shape: as the series. */
export type FactorScores = Readonly<Record<Factor, Float64Array>>;

/** Returns exponential averages: log variance, net drift against volatility, and how much moves over four candles fall short of a walk's. */
export const averageScores = ({ logReturns, logCloses }: RealSeries): FactorScores => {
  const length = logReturns.length;
  const scores = {
    volatility: new Float64Array(length),
    trend: new Float64Array(length),
    structure: new Float64Array(length),
  };
  let drift = 0;
  let variance = (logReturns[0] ?? 0) ** 2;
  let spanVariance = SPAN_CANDLES * variance;
  for (let index = 0; index < length; index += 1) {
    const move = logReturns[index] ?? 0;
    const spanMove = (logCloses[index] ?? 0) - (logCloses[Math.max(0, index - SPAN_CANDLES)] ?? 0);
    drift = EWMA_DECAY * drift + (1 - EWMA_DECAY) * move;
    variance = EWMA_DECAY * variance + (1 - EWMA_DECAY) * move * move;
    if (index >= SPAN_CANDLES) spanVariance = EWMA_DECAY * spanVariance + (1 - EWMA_DECAY) * spanMove * spanMove;
    const bounded = Math.max(LEAST_VARIANCE, variance);
    scores.volatility[index] = Math.log(bounded);
    scores.trend[index] = drift / Math.sqrt(bounded);
    scores.structure[index] = -spanVariance / (SPAN_CANDLES * bounded);
  }
  return scores;
};

/** Returns the cuts of a factor's score by the candles before a fold; those of the structure lie where a random walk's does. */
const cutsOf = (scores: Float64Array, factor: Factor): number[] => {
  if (factor === 'structure') return [-1];
  if (factor === 'volatility') return [quantileOf(scores, 1 / 3), quantileOf(scores, 2 / 3)];
  const sizes = scores.map(Math.abs);
  const [mild, strong] = [quantileOf(sizes, TREND_SHARES[0]), quantileOf(sizes, TREND_SHARES[1])];
  return [-strong, -mild, mild, strong];
};

export const UNSUPERVISED_NAMES = ['average, cut by all past', 'average, cut by the last 2000'] as const;
export type UnsupervisedName = (typeof UNSUPERVISED_NAMES)[number];

const FIRST_OF_PAST: Readonly<Record<UnsupervisedName, (fold: Fold) => number>> = {
  'average, cut by all past': () => 1,
  'average, cut by the last 2000': ({ from }) => from - TRAIN_CANDLES,
};

/**
 * Returns classes of averages cut where their own past parts in thirds (volatility) and fifths (trend), the cuts renewed at each fold. As
 * the engine, they see no label.
 */
export const unsupervisedCalls = (scores: FactorScores, name: UnsupervisedName): Readonly<Record<Factor, Calls>> => {
  const callsOf = (factor: Factor): Calls => {
    const own = scores[factor];
    const calls = new Int8Array(own.length).fill(UNLABELED);
    for (const fold of foldsOf(own.length)) {
      const cuts = cutsOf(own.subarray(FIRST_OF_PAST[name](fold), fold.from), factor);
      for (let index = fold.from; index < fold.to; index += 1) {
        calls[index] = cuts.filter((cut) => (own[index] ?? 0) >= cut).length;
      }
    }
    return calls;
  };
  return { volatility: callsOf('volatility'), trend: callsOf('trend'), structure: callsOf('structure') };
};
