import { describe, expect, it } from '@jest/globals';
import { InvariantError, seededRandom } from '@qt/kernel';
import { REGIME_COUNT } from '../regime-fold.ts';
import { KNOB_DEFAULTS, PerformanceFeedback, type PerformanceFeedbackState } from './performance-feedback.ts';

interface Day {
  readonly publishedId: number;
  readonly confidence: number;
  readonly trueId: number;
}

const LAG_CANDLES = 40;
const spread = (regimeId: number, probability: number): Float64Array => {
  const probabilities = new Float64Array(REGIME_COUNT).fill((1 - probability) / (REGIME_COUNT - 1));
  probabilities[regimeId] = probability;
  return probabilities;
};
const feed = (
  feedback: PerformanceFeedback,
  days: readonly Day[],
  { from = 0, to = days.length, driftScore = 0 }: { from?: number; to?: number; driftScore?: number } = {},
): void => {
  for (let candle = from; candle < to; candle += 1) {
    const { publishedId, confidence } = days[candle]!;
    const known = days[candle - LAG_CANDLES];
    feedback.update({
      publishedId,
      probabilities: spread(publishedId, confidence),
      smoothedLabel: known === undefined ? null : spread(known.trueId, 0.98),
      driftScore,
    });
  }
};
/** Regimes of 60 candles each unless told; what is published is right as often as asked, in whole stretches. */
const someDays = (
  seed: number,
  candles: number,
  { hitRate, confidence, lifeCandles = 60 }: { hitRate: number; confidence: number; lifeCandles?: number },
): readonly Day[] => {
  const random = seededRandom(seed);
  const days: Day[] = [];
  while (days.length < candles) {
    const trueId = Math.floor(random() * REGIME_COUNT);
    const publishedId = random() < hitRate ? trueId : Math.floor(random() * REGIME_COUNT);
    for (let index = 0; index < lifeCandles; index += 1) days.push({ publishedId, confidence, trueId });
  }
  return days.slice(0, candles);
};
const metricsOf = (feedback: PerformanceFeedback): Readonly<Record<string, number | string | null>> =>
  feedback.view().metrics;

describe('PerformanceFeedback', () => {
  it('compares a candle with its own label, 40 candles later', () => {
    const days = someDays(1, 1_500, { hitRate: 1, confidence: 0.9 });
    const feedback = new PerformanceFeedback();
    feed(feedback, days);
    const metrics = metricsOf(feedback);
    expect(metrics.labels).toBe(1_460);
    for (const name of ['agreement', 'precision', 'recall', 'volatilityAgreement', 'trendAgreement', 'structureRecall'])
      expect(metrics[name]).toBeCloseTo(1, 9);
    expect(metrics.constantRegimeAgreement).toBeLessThan(0.4);
  });

  it('finds random answers no better than a constant regime', () => {
    const random = seededRandom(2);
    const days = Array.from({ length: 4_000 }, () => ({
      publishedId: Math.floor(random() * REGIME_COUNT),
      confidence: 0.5,
      trueId: random() < 0.5 ? 8 : Math.floor(random() * REGIME_COUNT),
    }));
    const feedback = new PerformanceFeedback();
    feed(feedback, days);
    const { agreement, constantRegimeAgreement, keptChangeRatio } = metricsOf(feedback);
    expect(agreement).toBeLessThan(0.1);
    expect(constantRegimeAgreement).toBeGreaterThan(0.4);
    expect(keptChangeRatio).toBeLessThan(0.9);
    const kinds = feedback.takeTasks().map(({ kind }) => kind);
    expect(kinds).toEqual(
      expect.arrayContaining(['optimize_boundaries', 'update_transition_matrix', 'refit_learners']),
    );
    expect(feedback.takeTasks()).toEqual([]);
  });

  it('asks for nothing but the routine audit while all is well, and for a refit when the market drifts', () => {
    const days = someDays(3, 4_000, { hitRate: 1, confidence: 0.98, lifeCandles: 200 });
    const calm = new PerformanceFeedback();
    feed(calm, days);
    expect(calm.takeTasks().map(({ kind }) => kind)).toEqual(['audit']);
    const drifting = new PerformanceFeedback();
    feed(drifting, days, { driftScore: 0.9 });
    const [first] = drifting.takeTasks();
    expect(first).toMatchObject({ kind: 'refit_learners', priority: 9 });
    expect(first?.reason).toContain('0.900');
  });

  it('cools probabilities that promise too much, after a trial in the shadow', () => {
    const days = someDays(4, 9_000, { hitRate: 0.6, confidence: 0.97 });
    const feedback = new PerformanceFeedback();
    feed(feedback, days);
    expect(feedback.knobs.temperature).toBeGreaterThan(1);
    expect(feedback.knobs.temperature).toBeLessThanOrEqual(2);
  });

  it('turns no knob on probabilities that keep what they promise, with changes as wanted', () => {
    const days = someDays(5, 6_000, { hitRate: 0.95, confidence: 0.95 });
    const feedback = new PerformanceFeedback({ knobs: { transitionMarginRatio: 0.3 } });
    feed(feedback, days);
    const { temperature, shareRatio, learnerCapRatio } = feedback.knobs;
    expect({ temperature, shareRatio, learnerCapRatio }).toEqual({
      temperature: KNOB_DEFAULTS.temperature,
      shareRatio: KNOB_DEFAULTS.shareRatio,
      learnerCapRatio: KNOB_DEFAULTS.learnerCapRatio,
    });
  });

  it('shows latency and lets it decide nothing', () => {
    const days = someDays(6, 3_000, { hitRate: 0.4, confidence: 0.9 });
    const slow = new PerformanceFeedback();
    const fast = new PerformanceFeedback();
    feed(fast, days);
    days.forEach((_, candle) => {
      slow.observeLatencyMs(1_000 * (candle % 7));
      feed(slow, days, { from: candle, to: candle + 1 });
    });
    expect(slow.save()).toEqual(fast.save());
    expect(slow.takeTasks()).toEqual(fast.takeTasks());
    expect(metricsOf(slow).latencyMs).toBeGreaterThan(0);
    expect(metricsOf(fast).latencyMs).toBeNull();
  });

  it.each([25, 1_777])('continues bit for bit from a state saved as text after %i candles', (cut) => {
    const days = someDays(7, 3_500, { hitRate: 0.5, confidence: 0.9 });
    const whole = new PerformanceFeedback();
    feed(whole, days);
    const first = new PerformanceFeedback();
    feed(first, days, { to: cut });
    const second = new PerformanceFeedback();
    second.restore(JSON.parse(JSON.stringify(first.save())) as PerformanceFeedbackState);
    feed(second, days, { from: cut });
    expect(second.save()).toEqual(whole.save());
    expect(second.view()).toEqual(whole.view());
    expect(JSON.stringify(whole.save()).length).toBeLessThan(20_000);
  });

  it('refuses a lag of nothing, a knob out of bounds, and a state of another lag', () => {
    expect(() => new PerformanceFeedback({ labelLagCandles: 0 })).toThrow(InvariantError);
    expect(() => new PerformanceFeedback({ knobs: { learnerCapRatio: 0.9 } })).toThrow(InvariantError);
    const state = new PerformanceFeedback({ labelLagCandles: 10 }).save();
    expect(() => new PerformanceFeedback().restore(state)).toThrow(InvariantError);
  });
});
