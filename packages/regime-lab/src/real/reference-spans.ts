import { agreementOf, confusionOf } from './agreement.ts';
import type { Calls } from './baseline-calls.ts';
import type { Interval95 } from './block-bootstrap.ts';
import type { EngineRun } from './engine-run.ts';
import { factorStatistics, LABEL_HALF_WINDOW_CANDLES, quantileOf, UNLABELED } from './factor-labels.ts';
import { leadIntervalOf } from './lead-interval.ts';
import type { RealSeries } from './real-series.ts';
import { foldsOf, TRAIN_CANDLES } from './walk-forward.ts';
import { WindowStatistics } from './window-statistics.ts';

/** How far back may be looked to say what is high, in candles; null: as far as there are any. */
const SPANS = [1_000, 2_000, 4_000, null] as const;

/** Volatility when its thirds are those of the candles that came before, as many as the span says. */
export interface ReferenceSpan {
  readonly spanCandles: number | null;
  readonly publishedRatio: number;
  readonly likeliestRatio: number;
  /** An exponential average cut by the thirds of its own last candles, as many. */
  readonly averageRatio: number;
  /** Likeliest less average. */
  readonly leadInterval: Interval95 | null;
}

/** Returns thirds of a value, their cuts renewed at each fold by the candles before it. NaN stays without a class. */
export const thirdsBySpan = (values: Float64Array, spanCandles: number | null): Calls => {
  const thirds = new Int8Array(values.length).fill(UNLABELED);
  for (const { from, to } of foldsOf(values.length)) {
    const past = values.subarray(spanCandles === null ? 0 : Math.max(0, from - spanCandles), from);
    const [low, high] = [quantileOf(past, 1 / 3), quantileOf(past, 2 / 3)];
    for (let index = from; index < to; index += 1) {
      const value = values[index] ?? Number.NaN;
      if (!Number.isNaN(value)) thirds[index] = value < low ? 0 : value < high ? 1 : 2;
    }
  }
  return thirds;
};

/**
 * Returns how the engine's level does against the volatility around each candle, for every span that "high" may be meant against: whether
 * there is one that the engine means. Hindsight: half of each window is future. `average`: log variance.
 */
export const referenceSpans = (series: RealSeries, run: EngineRun, average: Float64Array): ReferenceSpan[] => {
  const half = LABEL_HALF_WINDOW_CANDLES;
  const { logVariance } = factorStatistics(new WindowStatistics(series), { before: half, after: half });
  return SPANS.map((spanCandles) => {
    const labels = thirdsBySpan(logVariance, spanCandles);
    const calls = thirdsBySpan(average, spanCandles);
    const ratioOf = (own: Calls): number =>
      agreementOf(confusionOf(labels, own, { classes: 3, from: TRAIN_CANDLES })).accuracyRatio;
    return {
      spanCandles,
      publishedRatio: ratioOf(run.published.volatility),
      likeliestRatio: ratioOf(run.likeliest.volatility),
      averageRatio: ratioOf(calls),
      leadInterval: leadIntervalOf(labels, run.likeliest.volatility, calls),
    };
  });
};
