import { describe, expect, it } from '@jest/globals';
import { changingReturns, toySeries, withOtherFuture } from '../../test/toy-series.ts';
import { BASELINE_NAMES, baselineCalls, baselineInputs } from './baseline-calls.ts';
import { runEngine } from './engine-run.ts';
import { FACTORS, UNLABELED, windowLabels } from './factor-labels.ts';
import { harRangeForecast } from './har-forecasts.ts';
import { ewmaForecast, garchForecast } from './volatility-forecasts.ts';
import { foldsOf, namesOfStates, PURGED_CANDLES, renamed, TRAIN_CANDLES } from './walk-forward.ts';

const COUNT = 2_600;
/** Inside the first fold. */
const CUT = TRAIN_CANDLES + 300;
const series = toySeries(changingReturns(COUNT, 150, 61));
const bent = withOtherFuture(series, CUT);
const inputs = baselineInputs(series);
const labels = windowLabels(series);

/** Index of the first difference before `to`; null when there is none. */
const firstDifference = (one: ArrayLike<number>, other: ArrayLike<number>, to: number): number | null => {
  for (let index = 0; index < to; index += 1) if (!Object.is(one[index], other[index])) return index;
  return null;
};

describe('what walks forward', () => {
  it('judges folds that touch, and knows labels only up to purge and embargo before each', () => {
    const folds = foldsOf(3_200);
    expect(folds[0]).toEqual({ from: 2_000, to: 2_500, labelsKnownTo: 2_000 - PURGED_CANDLES });
    expect(folds[1]?.from).toBe(2_500);
    expect(folds.at(-1)?.to).toBe(3_200);
  });

  it('names states by their commonest label, and those never seen by the commonest of all', () => {
    const states = Int8Array.of(0, 0, 0, 1, 1, 1);
    const found = namesOfStates(states, Int8Array.of(2, 2, 1, 0, -1, 0), { from: 0, to: 6, states: 3, classes: 3 });
    expect([...found.names]).toEqual([2, 0, 0]);
    expect(found.hitRatio).toBeCloseTo(4 / 5, 12);
  });

  it('calls a fold without the labels that purge and embargo hold back', () => {
    const { to, labelsKnownTo } = foldsOf(COUNT)[0] ?? { to: 0, labelsKnownTo: 0 };
    const forged = labels.volatility.slice();
    forged.fill(0, labelsKnownTo);
    const honest = baselineCalls(inputs, 'volatility', labels.volatility);
    const misled = baselineCalls(inputs, 'volatility', forged);
    for (const name of BASELINE_NAMES) expect(firstDifference(misled[name], honest[name], to)).toBeNull();
    const states = Int8Array.from({ length: COUNT }, (_, index) => index % 4);
    const counts = { states: 4, classes: 3 };
    expect(firstDifference(renamed(states, forged, counts), renamed(states, labels.volatility, counts), to)).toBeNull();
  });

  it('never lets the future reach back, while hindsight labels do', () => {
    const bentInputs = baselineInputs(bent);
    for (const factor of FACTORS) {
      const calls = baselineCalls(inputs, factor, labels[factor]);
      const bentCalls = baselineCalls(bentInputs, factor, labels[factor]);
      for (const name of BASELINE_NAMES) expect(firstDifference(bentCalls[name], calls[name], CUT)).toBeNull();
    }
    expect(firstDifference(windowLabels(bent).trend, labels.trend, CUT)).not.toBeNull();
  });

  it.each([garchForecast, harRangeForecast, ewmaForecast])(
    'foretells from what was, not from what comes: %p',
    (forecast) => {
      const [own, other] = [forecast(series), forecast(bent)];
      expect(firstDifference(other.ofReturn, own.ofReturn, CUT)).toBeNull();
      expect(firstDifference(other.ofRange, own.ofRange, CUT)).toBeNull();
      expect(firstDifference(other.ofReturn, own.ofReturn, COUNT)).not.toBeNull();
    },
  );

  it('calls thirds right far more often than chance where volatility changes', () => {
    const calls = baselineCalls(inputs, 'volatility', labels.volatility);
    const judged = [...labels.volatility.keys()].filter(
      (index) => index >= TRAIN_CANDLES && labels.volatility[index] !== UNLABELED,
    );
    for (const name of ['persistence', 'threshold rule', 'Gaussian HMM', 'online jump model'] as const) {
      const right = judged.filter((index) => calls[name][index] === labels.volatility[index]).length;
      expect(right / judged.length).toBeGreaterThan(0.5);
    }
  });
});

describe('runEngine', () => {
  it('says the same of a candle whatever comes after it', () => {
    const short = toySeries(changingReturns(700, 150, 62));
    const [run, bentRun] = [runEngine(short, 200), runEngine(withOtherFuture(short, 500), 200)];
    expect(firstDifference(bentRun.ids, run.ids, 500)).toBeNull();
    expect(firstDifference(bentRun.probabilities, run.probabilities, 18 * 500)).toBeNull();
    for (const factor of FACTORS) {
      expect(firstDifference(bentRun.likeliest[factor], run.likeliest[factor], 500)).toBeNull();
      expect(firstDifference(bentRun.published[factor], run.published[factor], 500)).toBeNull();
    }
    expect(firstDifference(bentRun.probabilities, run.probabilities, 18 * 700)).not.toBeNull();
  });
});
