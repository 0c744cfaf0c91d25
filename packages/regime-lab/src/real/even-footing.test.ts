import { describe, expect, it } from '@jest/globals';
import { changingReturns, toySeries, withOtherFuture } from '../../test/toy-series.ts';
import { trailingStatistics } from './baseline-calls.ts';
import { engineForecast, engineLevelForecast } from './engine-forecasts.ts';
import { expectedClasses, runEngine, withColdStart } from './engine-run.ts';
import { FACTOR_CLASSES, FACTORS, UNLABELED, windowLabels } from './factor-labels.ts';
import { enlargedHarForecasts } from './har-forecasts.ts';
import type { RealSeries } from './real-series.ts';
import { type Readouts, readoutCalls, readoutsOf } from './readout-calls.ts';
import { engineFeatures, windowFeatures } from './readout-features.ts';
import { averageScores, UNSUPERVISED_NAMES, unsupervisedCalls } from './unsupervised-calls.ts';
import { foldsOf, TRAIN_CANDLES } from './walk-forward.ts';

const COUNT = 2_300;
/** Inside the first fold. */
const CUT = TRAIN_CANDLES + 150;
const series = toySeries(changingReturns(COUNT, 150, 61));
const labels = windowLabels(series);

// The cold run counts up to the first fold only, and the bent future comes after it.
const cold = runEngine(series, 0);
const runOf = (own: RealSeries) => withColdStart(runEngine(own, TRAIN_CANDLES), cold, TRAIN_CANDLES);
const run = runOf(series);
const bent = withOtherFuture(series, CUT);
const bentRun = runOf(bent);

/** Index of the first difference before `to`; null when there is none. */
const firstDifference = (one: ArrayLike<number>, other: ArrayLike<number>, to: number): number | null => {
  for (let index = 0; index < to; index += 1) if (!Object.is(one[index], other[index])) return index;
  return null;
};

const accuracyOf = (calls: Int8Array, truth: Int8Array): number => {
  const judged = [...truth.keys()].filter((index) => index >= TRAIN_CANDLES && truth[index] !== UNLABELED);
  return judged.filter((index) => calls[index] === truth[index]).length / judged.length;
};

const readoutsFor = (own: RealSeries, ownRun: typeof run, factor: (typeof FACTORS)[number]): Readouts =>
  readoutsOf(engineFeatures(ownRun, factor), windowFeatures(own, trailingStatistics(own), factor));

describe('a run with its cold start', () => {
  it('has something said of every candle', () => {
    for (let index = 0; index < COUNT; index += 1) {
      const shares = run.marginals.subarray(10 * index, 10 * index + 3);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
    }
    expect(Math.min(...run.published.volatility)).toBeGreaterThanOrEqual(0);
    expect(Math.min(...run.prospects)).toBeGreaterThanOrEqual(0);
  });

  it('expects a class between the lowest and the highest', () => {
    for (const factor of FACTORS) {
      const expected = expectedClasses(run)[factor];
      expect(Math.min(...expected)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...expected)).toBeLessThanOrEqual(FACTOR_CLASSES[factor].length - 1 + 1e-9);
    }
  });
});

describe('what is read out', () => {
  it.each(FACTORS)('never lets the future reach back: %s', (factor) => {
    const classes = FACTOR_CLASSES[factor].length;
    const [own, other] = [readoutsFor(series, run, factor), readoutsFor(bent, bentRun, factor)];
    for (const part of ['engine', 'windows', 'both'] as const) {
      const calls = readoutCalls(own[part], labels[factor], classes);
      expect(firstDifference(readoutCalls(other[part], labels[factor], classes), calls, CUT)).toBeNull();
    }
  });

  it('sees no label that purge and embargo hold back', () => {
    const readouts = readoutsFor(series, run, 'volatility');
    const { to, labelsKnownTo } = foldsOf(COUNT)[0] ?? { to: 0, labelsKnownTo: 0 };
    const forged = labels.volatility.slice();
    forged.fill(0, labelsKnownTo);
    for (const part of ['engine', 'windows', 'both'] as const) {
      const honest = readoutCalls(readouts[part], labels.volatility, 3);
      expect(firstDifference(readoutCalls(readouts[part], forged, 3), honest, to)).toBeNull();
    }
  });

  it('mends what only differs in its lines: a published level that means another is read as that other', () => {
    const shifted = {
      ...run,
      published: { ...run.published, volatility: labels.volatility.map((label) => 2 - label) },
    };
    const { engine } = readoutsFor(series, shifted, 'volatility');
    expect(accuracyOf(shifted.published.volatility, labels.volatility)).toBeLessThan(0.5);
    expect(accuracyOf(readoutCalls(engine, labels.volatility, 3), labels.volatility)).toBeGreaterThan(0.9);
  });
});

describe('averages without labels', () => {
  it('call thirds right far more often than chance where volatility changes', () => {
    for (const name of UNSUPERVISED_NAMES) {
      const calls = unsupervisedCalls(averageScores(series), name);
      expect(accuracyOf(calls.volatility, labels.volatility)).toBeGreaterThan(0.5);
    }
  });

  it.each(UNSUPERVISED_NAMES)('never let the future reach back: %s', (name) => {
    const [own, other] = [series, bent].map((one) => unsupervisedCalls(averageScores(one), name));
    for (const factor of FACTORS) {
      expect(firstDifference(other?.[factor] ?? [], own?.[factor] ?? [], CUT)).toBeNull();
      expect(firstDifference(other?.[factor] ?? [], own?.[factor] ?? [], COUNT)).not.toBeNull();
    }
  });
});

describe('forecasts made with the engine', () => {
  const all = (own: RealSeries, ownRun: typeof run) => [
    engineForecast(own, ownRun.probabilities),
    engineLevelForecast(own, ownRun),
    ...enlargedHarForecasts(own, ownRun),
  ];
  const [forecasts, bentForecasts] = [all(series, run), all(bent, bentRun)];

  it('foretell from what was, not from what comes', () => {
    for (const [at, { ofReturn, ofRange }] of forecasts.entries()) {
      const other = bentForecasts[at];
      expect(firstDifference(other?.ofReturn ?? [], ofReturn, CUT)).toBeNull();
      expect(firstDifference(other?.ofRange ?? [], ofRange, CUT)).toBeNull();
      expect(firstDifference(other?.ofReturn ?? [], ofReturn, COUNT)).not.toBeNull();
    }
  });

  it('foretell more after the candles that the engine finds wilder', () => {
    const levels = expectedClasses(run).volatility;
    const { ofReturn } = forecasts[1] ?? { ofReturn: new Float64Array() };
    const meanWhere = (isWild: boolean): number => {
      const judged = [...ofReturn.keys()].filter(
        (index) => index > TRAIN_CANDLES && (levels[index - 1] ?? 0) > 1.5 === isWild,
      );
      return judged.reduce((sum, index) => sum + (ofReturn[index] ?? 0), 0) / judged.length;
    };
    expect(meanWhere(true)).toBeGreaterThan(1.5 * meanWhere(false));
  });
});
