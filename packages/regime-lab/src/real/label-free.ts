import { blockBootstrap, type Interval95 } from './block-bootstrap.ts';
import { engineForecast, engineLevelForecast } from './engine-forecasts.ts';
import { type EngineRun, withColdStart } from './engine-run.ts';
import { enlargedHarForecasts, harRangeForecast } from './har-forecasts.ts';
import type { RealSeries } from './real-series.ts';
import { ewmaForecast, garchForecast, rangeVariance, type VarianceForecast } from './volatility-forecasts.ts';
import { TRAIN_CANDLES } from './walk-forward.ts';

const AHEAD_CANDLES = 20;
const MOVE_CANDLES = 4;
const BLOCK_CANDLES = 240;
/** Of the density that all forecasts are given: fat-tailed, so that one shock does not decide. */
const DEGREES = 5;

/** How a forecast did. Lower losses and higher densities are better. */
export interface ForecastScore {
  readonly name: string;
  /** ln v + r^2 / v, in the mean. */
  readonly qlikeOfReturn: number;
  /** ln v + (Parkinson's variance) / v, in the mean. */
  readonly qlikeOfRange: number;
  /** Mean log density of the return under a t with 5 degrees of that variance. */
  readonly logDensity: number;
  /** This forecast's loss less GARCH's; below 0 it is better. Null for GARCH itself. */
  readonly qlikeOfReturnLessGarch: Interval95 | null;
  readonly qlikeOfRangeLessGarch: Interval95 | null;
  /** The same against HAR, and of the widened HAR against HAR with a longer average. */
  readonly qlikeOfReturnLessHar: Interval95 | null;
  readonly qlikeOfRangeLessHar: Interval95 | null;
  readonly qlikeOfRangeLessLongHar: Interval95 | null;
}

/** What came after candles that were published as one volatility level. */
export interface LevelOutcome {
  readonly level: 'low' | 'medium' | 'high';
  readonly candles: number;
  /** Root of the mean squared return of the next 20 candles, in the mean over the level's candles; null without any. */
  readonly nextVolatility: number | null;
}

/** How moves after a structure label went on or turned back. */
export interface StructureOutcome {
  readonly structure: 'trending' | 'mean_reverting';
  readonly candles: number;
  /** VR(4) of the four returns after the candle; null without any. */
  readonly varianceRatio: number | null;
  readonly interval: Interval95 | null;
}

export interface LabelFreeReport {
  readonly forecasts: readonly ForecastScore[];
  readonly levels: readonly LevelOutcome[];
  /** Whether higher levels were followed by higher volatility; levels without candles are passed over. */
  readonly isMonotone: boolean;
  readonly structures: readonly StructureOutcome[];
  /** VR(4) after "trending" less VR(4) after "mean_reverting"; above 0 the labels say something. */
  readonly structureGap: Interval95 | null;
}

const logGamma = (value: number): number => {
  // Stirling's series after moving the argument up, where it is exact to 1e-10.
  let shift = 0;
  let at = value;
  for (; at < 10; at += 1) shift += Math.log(at);
  return (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * at) - 1 / (360 * at ** 3) - shift;
};
const T_CONSTANT = logGamma((DEGREES + 1) / 2) - logGamma(DEGREES / 2) - 0.5 * Math.log((DEGREES - 2) * Math.PI);

/** Log density of a t with 5 degrees whose variance is `variance`. */
const logTDensity = (value: number, variance: number): number =>
  T_CONSTANT -
  0.5 * Math.log(variance) -
  ((DEGREES + 1) / 2) * Math.log(1 + (value * value) / ((DEGREES - 2) * variance));

interface Losses {
  readonly name: string;
  readonly ofReturn: Float64Array;
  readonly ofRange: Float64Array;
  readonly logDensities: Float64Array;
}

const lossesOf = (series: RealSeries, forecast: VarianceForecast): Losses => {
  const length = series.bars.length - TRAIN_CANDLES;
  const over = (loss: (index: number) => number): Float64Array =>
    Float64Array.from({ length }, (_, row) => loss(row + TRAIN_CANDLES));
  const returnAt = (index: number): number => series.logReturns[index] ?? 0;
  const qlike = (variance: number, outcome: number): number => Math.log(variance) + outcome / variance;
  return {
    name: forecast.name,
    ofReturn: over((index) => qlike(forecast.ofReturn[index] ?? 1, returnAt(index) ** 2)),
    ofRange: over((index) => qlike(forecast.ofRange[index] ?? 1, rangeVariance(series.ranges[index] ?? 0))),
    logDensities: over((index) => logTDensity(returnAt(index), forecast.ofReturn[index] ?? 1)),
  };
};

const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const lessThan = (losses: Float64Array, others: Float64Array): Interval95 | null =>
  blockBootstrap(
    [losses.map((loss, index) => loss - (others[index] ?? 0)), new Float64Array(losses.length).fill(1)],
    ([sum = 0, count = 0]) => sum / count,
    { blockCandles: BLOCK_CANDLES },
  );

const scoresOf = (series: RealSeries, forecasts: readonly VarianceForecast[]): ForecastScore[] => {
  const losses = forecasts.map((forecast) => lossesOf(series, forecast));
  const less = (own: Losses, rival: string, of: 'ofReturn' | 'ofRange'): Interval95 | null => {
    const other = losses.find(({ name }) => name === rival);
    return other === undefined || own === other ? null : lessThan(own[of], other[of]);
  };
  return losses.map((own) => ({
    name: own.name,
    qlikeOfReturn: meanOf(own.ofReturn),
    qlikeOfRange: meanOf(own.ofRange),
    logDensity: meanOf(own.logDensities),
    qlikeOfReturnLessGarch: less(own, 'GARCH(1,1)', 'ofReturn'),
    qlikeOfRangeLessGarch: less(own, 'GARCH(1,1)', 'ofRange'),
    qlikeOfReturnLessHar: less(own, 'HAR of log range', 'ofReturn'),
    qlikeOfRangeLessHar: less(own, 'HAR of log range', 'ofRange'),
    qlikeOfRangeLessLongHar: less(own, 'HAR, 100', 'ofRange'),
  }));
};

const levelOutcomes = (series: RealSeries, run: EngineRun): LevelOutcome[] => {
  const sums = new Float64Array(3);
  const counts = new Float64Array(3);
  for (let index = TRAIN_CANDLES; index + AHEAD_CANDLES < series.bars.length; index += 1) {
    let squares = 0;
    for (let ahead = 1; ahead <= AHEAD_CANDLES; ahead += 1) squares += (series.logReturns[index + ahead] ?? 0) ** 2;
    const level = run.published.volatility[index] ?? 0;
    sums[level] = (sums[level] ?? 0) + Math.sqrt(squares / AHEAD_CANDLES);
    counts[level] = (counts[level] ?? 0) + 1;
  }
  return (['low', 'medium', 'high'] as const).map((level, index) => {
    const candles = counts[index] ?? 0;
    return { level, candles, nextVolatility: candles > 0 ? (sums[index] ?? 0) / candles : null };
  });
};

const structureOutcomes = (series: RealSeries, run: EngineRun, scale: Float64Array) => {
  const length = Math.max(0, series.bars.length - TRAIN_CANDLES - MOVE_CANDLES);
  const columns = Array.from({ length: 4 }, () => new Float64Array(length));
  const counts = [0, 0];
  for (let row = 0; row < length; row += 1) {
    const index = row + TRAIN_CANDLES;
    const structure = run.published.structure[index] ?? 0;
    if (structure < 0) continue;
    let move = 0;
    let squares = 0;
    for (let ahead = 1; ahead <= MOVE_CANDLES; ahead += 1) {
      move += series.logReturns[index + ahead] ?? 0;
      squares += (series.logReturns[index + ahead] ?? 0) ** 2;
    }
    // In units of what was foretold then: wild weeks must not decide alone.
    const variance = scale[index] ?? 1;
    (columns[2 * structure] ?? columns[0] ?? new Float64Array())[row] = (move * move) / variance;
    (columns[2 * structure + 1] ?? columns[0] ?? new Float64Array())[row] = squares / variance;
    counts[structure] = (counts[structure] ?? 0) + 1;
  }
  const options = { blockCandles: BLOCK_CANDLES };
  const structures = (['trending', 'mean_reverting'] as const).map((structure, at): StructureOutcome => {
    const own = columns.slice(2 * at, 2 * at + 2);
    const [moves = 0, squares = 0] = own.map((column) => column.reduce((sum, value) => sum + value, 0));
    return {
      structure,
      candles: counts[at] ?? 0,
      varianceRatio: squares > 0 ? moves / squares : null,
      interval: squares > 0 ? blockBootstrap(own, ([moved = 0, squared = 0]) => moved / squared, options) : null,
    };
  });
  const structureGap = structures.every(({ candles }) => candles > 0)
    ? blockBootstrap(columns, ([m0 = 0, s0 = 0, m1 = 0, s1 = 0]) => m0 / s0 - m1 / s1, options)
    : null;
  return { structures, structureGap };
};

/**
 * Checks what the engine says against what came, without any label. `cold`: what it said of the candles that it was calibrated on when it
 * saw them first; regimes' variances are learned from there.
 */
export const labelFreeReport = (series: RealSeries, run: EngineRun, cold: EngineRun): LabelFreeReport => {
  const whole = withColdStart(run, cold, TRAIN_CANDLES);
  const garch = garchForecast(series);
  const forecasts = [
    engineForecast(series, whole.probabilities),
    garch,
    harRangeForecast(series),
    ewmaForecast(series),
    engineLevelForecast(series, whole),
    ...enlargedHarForecasts(series, whole),
  ];
  const levels = levelOutcomes(series, run);
  const known = levels.flatMap(({ nextVolatility }) => (nextVolatility === null ? [] : [nextVolatility]));
  return {
    forecasts: scoresOf(series, forecasts),
    levels,
    isMonotone: known.every((value, index) => index === 0 || value > (known[index - 1] ?? 0)),
    ...structureOutcomes(series, run, garch.ofReturn),
  };
};
