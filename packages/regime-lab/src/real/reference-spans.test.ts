import { describe, expect, it } from '@jest/globals';
import { changingReturns, normalDraws, toySeries } from '../../test/toy-series.ts';
import { runEngine } from './engine-run.ts';
import { UNLABELED } from './factor-labels.ts';
import { referenceSpans, thirdsBySpan } from './reference-spans.ts';
import { averageScores } from './unsupervised-calls.ts';
import { TRAIN_CANDLES } from './walk-forward.ts';

describe('thirdsBySpan', () => {
  it('calls a level high against what was low lately, and low against what was higher before', () => {
    // A wild thousand, a calm thousand, then a middle.
    const draw = normalDraws(91);
    const values = Float64Array.from(
      { length: 2_400 },
      (_, index) => (index < 1_000 ? 9 : index < 2_000 ? 1 : 5) + draw(),
    );
    const share = (span: number | null, id: number): number => {
      const judged = thirdsBySpan(values, span).subarray(TRAIN_CANDLES);
      return judged.filter((third) => third === id).length / judged.length;
    };
    expect(share(1_000, 2)).toBeGreaterThan(0.9);
    expect(share(null, 1)).toBeGreaterThan(0.9);
  });

  it('gives no class before the first fold, nor to what is not known', () => {
    const thirds = thirdsBySpan(new Float64Array(2_100).fill(1).fill(Number.NaN, 2_050), 1_000);
    expect([...new Set(thirds.subarray(0, TRAIN_CANDLES))]).toEqual([UNLABELED]);
    expect([...new Set(thirds.subarray(2_000, 2_050))]).toEqual([2]);
    expect([...new Set(thirds.subarray(2_050))]).toEqual([UNLABELED]);
  });
});

describe('referenceSpans', () => {
  it('finds an average far above chance, whatever high is meant against, where volatility changes', () => {
    const series = toySeries(changingReturns(2_300, 150, 92));
    const spans = referenceSpans(series, runEngine(series, TRAIN_CANDLES), averageScores(series).volatility);
    expect(spans.map(({ spanCandles }) => spanCandles)).toEqual([1_000, 2_000, 4_000, null]);
    for (const { averageRatio, leadInterval } of spans) {
      expect(averageRatio).toBeGreaterThan(0.5);
      expect(leadInterval?.low).toBeLessThanOrEqual(leadInterval?.high ?? Number.NaN);
    }
    // Fewer candles came before than the longest span.
    expect(spans[2]).toEqual({ ...spans[3], spanCandles: 4_000 });
  });
});
