import { fitGarch, type GarchModel, garchVariances } from './garch.ts';
import type { RealSeries } from './real-series.ts';
import { foldsOf } from './walk-forward.ts';

/** Candles GARCH is fitted on at each refit; HAR takes all that came before. */
const GARCH_TRAIN_CANDLES = 4_000;
/** RiskMetrics (1996); not chosen on any series. */
export const EWMA_DECAY = 0.94;
/** Of a market that does not move. */
export const LEAST_VARIANCE = 1e-16;

/** Variance of a candle as its high and low tell it. Source: Parkinson (1980). */
export const rangeVariance = (range: number): number => (range * range) / (4 * Math.LN2);

/**
 * Variances foretold for each candle from those before it: of its squared return, and of its squared range. Shape: as the series; 0
 * where nothing was foretold.
 */
export interface VarianceForecast {
  readonly name: string;
  readonly ofReturn: Float64Array;
  readonly ofRange: Float64Array;
}

/** Candles before a forecast from trailing stretches means anything. */
export const WARM_CANDLES = 100;

/** Brings a forecast to the level of what it is held against: the ratio of the sums over the candles before each fold. */
export const leveled = (
  forecast: Float64Array,
  outcome: (index: number) => number,
  from = WARM_CANDLES,
): Float64Array => {
  const result = new Float64Array(forecast.length);
  for (const fold of foldsOf(forecast.length)) {
    let foretold = 0;
    let came = 0;
    for (let index = from; index < fold.from; index += 1) {
      foretold += forecast[index] ?? 0;
      came += outcome(index);
    }
    const ratio = foretold > 0 ? came / foretold : 1;
    for (let index = fold.from; index < fold.to; index += 1) {
      result[index] = Math.max(LEAST_VARIANCE, ratio * (forecast[index] ?? 0));
    }
  }
  return result;
};

/** Returns what gives the squared return of a candle. */
export const squareAt =
  ({ logReturns }: RealSeries) =>
  (index: number): number =>
    (logReturns[index] ?? 0) ** 2;
/** Returns what gives the variance of a candle by its range. */
export const rangeAt =
  ({ ranges }: RealSeries) =>
  (index: number): number =>
    rangeVariance(ranges[index] ?? 0);

/** GARCH(1,1), fitted anew at each fold on the candles before it. */
export const garchForecast = (series: RealSeries): VarianceForecast => {
  const { logReturns } = series;
  const raw = new Float64Array(logReturns.length);
  let model: GarchModel | null = null;
  for (const { from, to } of foldsOf(logReturns.length)) {
    const first = Math.max(1, from - GARCH_TRAIN_CANDLES);
    const train = logReturns.subarray(first, from);
    model = fitGarch(train, model);
    const mean = train.reduce((sum, value) => sum + value * value, 0) / train.length;
    const variances = garchVariances(logReturns.subarray(first, to), model, mean);
    // Candles of the first training stretch too: the range's level is learned there.
    const start = from === foldsOf(logReturns.length)[0]?.from ? first : from;
    for (let index = start; index < to; index += 1)
      raw[index] = Math.max(LEAST_VARIANCE, variances[index - first] ?? 0);
  }
  return { name: 'GARCH(1,1)', ofReturn: raw, ofRange: leveled(raw, rangeAt(series)) };
};

/** An exponential average of squared returns. */
export const ewmaForecast = (series: RealSeries): VarianceForecast => {
  const raw = new Float64Array(series.logReturns.length);
  let variance = 0;
  for (let index = 1; index < raw.length; index += 1) {
    raw[index] = Math.max(LEAST_VARIANCE, variance);
    variance = EWMA_DECAY * variance + (1 - EWMA_DECAY) * squareAt(series)(index);
  }
  return { name: 'EWMA .94', ofReturn: raw, ofRange: leveled(raw, rangeAt(series)) };
};
