import { beforeAll, describe, expect, it } from '@jest/globals';
import type { AblationPeriod, AblationVerdict } from '../report.ts';
import type { PeriodScores } from '../score/period-scores.ts';
import { type AblationResult, ablateSeed } from './ablate-seed.ts';
import { ablationOf, ablationReportOf } from './ablation.ts';
import { type AblatedPart, type AblationPlan, ablatedParts, ablationPlan, ablationTasksOf } from './ablation-plan.ts';
import { evaluateSeed } from './evaluate-seed.ts';
import { engineParts } from './engine-classifiers.ts';
import { GATE_SEEDS } from './gate-plan.ts';

const EASY = { generator: 'gaussian', difficulty: 'easy', durationCandles: 300 } as const;
const A_METHOD: AblatedPart = { name: 'jump_model', kind: 'method', disabled: ['jump_model'] };
const ALL_LEARNERS: AblatedPart = { name: 'all learners', kind: 'learners', disabled: engineParts().learners };
const SEEDS = Array.from({ length: 16 }, (_, index) => index + 1);

const aPlan = (changes: Partial<AblationPlan> = {}): AblationPlan => ({
  ...ablationPlan(),
  scenarios: [EASY],
  seeds: SEEDS,
  parts: [A_METHOD],
  ...changes,
});

/** Results in which a part adds what `gainOf` says to a seed, in the young part alone and without history alone. */
const resultsOf = (
  part: AblatedPart,
  gainOf: (seed: number) => PeriodScores,
  seeds: readonly number[] = SEEDS,
): AblationResult[] =>
  seeds.flatMap((seed) => {
    const gain = gainOf(seed);
    const base: PeriodScores = { accuracyRatio: 0.5 + seed / 100, logLoss: 1 + seed / 100 };
    const whole: PeriodScores = {
      accuracyRatio: base.accuracyRatio + gain.accuracyRatio,
      logLoss: base.logLoss + gain.logLoss,
    };
    return [false, true].flatMap((hasHistory) => [
      { scenario: EASY, seed, part: null, hasHistory, periods: { whole: base, young: hasHistory ? base : whole } },
      { scenario: EASY, seed, part, hasHistory, periods: { whole: base, young: base } },
    ]);
  });

const verdictFor = (
  gainOf: (seed: number) => PeriodScores,
  { part = A_METHOD, seeds = SEEDS }: { readonly part?: AblatedPart; readonly seeds?: readonly number[] } = {},
): AblationVerdict | undefined =>
  ablationOf(aPlan({ parts: [part], seeds }), resultsOf(part, gainOf, seeds)).verdicts[0];

/** A mean of so much, and seeds that differ by a tenth of it. */
const steady = (mean: number, seed: number): number => mean * (0.9 + (0.2 * ((seed * 7) % 16)) / 15);

describe('ablationOf', () => {
  it('gives each part a row by market, history and period, paired by seed', () => {
    const { rows } = ablationOf(
      aPlan(),
      resultsOf(A_METHOD, (seed) => ({ accuracyRatio: steady(0.01, seed), logLoss: 0 })).toReversed(),
    );
    expect(rows.map(({ hasHistory, period }) => [hasHistory, period])).toEqual([
      [false, 'whole'],
      [false, 'young'],
      [true, 'whole'],
      [true, 'young'],
    ]);
    const means = rows.map(({ accuracyGain }) => accuracyGain.mean);
    expect(means[1]).toBeCloseTo(0.01, 3);
    expect([means[0], means[2], means[3]]).toEqual([0, 0, 0]);
    expect(rows[1]?.accuracyGain.interval[0]).toBeGreaterThan(0.009);
    expect(rows[1]?.accuracyGain.worstSeed).toBe(16);
  });

  it.each([
    { name: '.5 points in every seed', gain: { accuracyRatio: 0.005, logLoss: 0 }, outcome: 'earned' },
    {
      name: 'a slightly better log loss in every seed',
      gain: { accuracyRatio: 0, logLoss: -0.001 },
      outcome: 'earned',
    },
    { name: '.2 points: fewer than it has to add', gain: { accuracyRatio: 0.002, logLoss: 0 }, outcome: 'nowhere' },
    { name: 'nothing', gain: { accuracyRatio: 0, logLoss: 0 }, outcome: 'nowhere' },
    { name: 'harm', gain: { accuracyRatio: -0.01, logLoss: 0.01 }, outcome: 'nowhere' },
  ])('a part that adds $name: $outcome', ({ gain, outcome }) => {
    const verdict = verdictFor((seed) => ({
      accuracyRatio: steady(gain.accuracyRatio, seed),
      logLoss: steady(gain.logLoss, seed),
    }));
    expect(verdict?.outcome).toBe(outcome);
  });

  it('says where a part earns its place, and where it harms', () => {
    const helping = verdictFor((seed) => ({ accuracyRatio: 0, logLoss: steady(-0.01, seed) }));
    expect(helping?.text).toMatch(
      /^earns its place on gaussian-easy-d300, young: log loss -0\.0100 \(-0\.010\d to -0\.009\d\)\.$/,
    );
    expect(helping?.helps).toHaveLength(1);
    const harming = verdictFor((seed) => ({ accuracyRatio: steady(-0.01, seed), logLoss: steady(-0.01, seed) }));
    expect(harming?.outcome).toBe('earned');
    expect(harming?.text).toContain('Harms on gaussian-easy-d300, young: accuracy -1.00 points');
    expect(harming?.harms).toHaveLength(1);
  });

  it('calls doubtful what chance shows too, and what too few seeds show', () => {
    // Eleven seeds gain and five lose: off zero by itself, not among eight looks.
    const uneven = verdictFor((seed) => ({ accuracyRatio: 0, logLoss: seed <= 11 ? -0.01 : 0.006 }));
    expect(uneven?.outcome).toBe('doubtful');
    expect(uneven?.text).toContain('1 of 8 gains are off zero on the good side, as 0.2 would be by chance');
    expect(uneven?.text).not.toContain('nothing can be certain');
    const few = verdictFor(() => ({ accuracyRatio: 0.05, logLoss: -0.5 }), { seeds: [1, 2, 3] });
    expect(few?.outcome).toBe('doubtful');
    expect(few?.text).toContain('With 3 seeds nothing can be certain.');
    expect(few?.text).not.toContain('by chance');
  });

  it('does not call a gain that is too small none at all', () => {
    const small = verdictFor((seed) => ({ accuracyRatio: steady(0.002, seed), logLoss: 0 }));
    expect(small?.text).toMatch(/^earns it nowhere: 1 of 8 gains are off zero on the good side, none by 0\.3 points/);
    const none = verdictFor(() => ({ accuracyRatio: 0, logLoss: 0 }));
    expect(none?.text).toBe('earns it nowhere: none of 8 gains is off zero on the good side.');
  });

  it('says of the base what could not be switched off, and of a learner that the others were heard', () => {
    const nothing = (): PeriodScores => ({ accuracyRatio: 0, logLoss: 0 });
    const [base] = ablatedParts();
    const learner = ablatedParts().find(({ kind }) => kind === 'learner');
    expect(base).toMatchObject({ kind: 'base', name: 'likelihood_filter' });
    if (base === undefined || learner === undefined) throw new RangeError('the engine has a base and learners');
    expect(verdictFor(nothing, { part: base })?.text).toContain('cannot be switched off altogether');
    expect(verdictFor(nothing, { part: learner })?.text).toContain('other four learners were still heard');
  });
});

describe('ablationPlan', () => {
  it('switches off each method and learner by itself, and all learners together', () => {
    const { methods, learners } = engineParts();
    const { parts, scenarios, seeds } = ablationPlan();
    expect(parts.map(({ disabled }) => disabled)).toEqual([
      ...[...methods, ...learners].map((name) => [name]),
      learners,
    ]);
    expect(seeds).toEqual(GATE_SEEDS);
    expect(new Set(scenarios.map(({ generator }) => generator)).size).toBe(5);
  });
});

describe('ablateSeed', () => {
  const plan = aPlan({
    seeds: [3],
    candles: 500,
    skippedCandles: 150,
    youngCandles: 300,
    historyCandles: 250,
    parts: [ALL_LEARNERS],
  });
  let results: readonly AblationResult[] = [];
  beforeAll(() => {
    results = ablationTasksOf(plan).flatMap(ablateSeed);
  });
  const periodOf = (result: AblationResult | undefined, period: AblationPeriod): PeriodScores =>
    result?.periods[period] ?? { accuracyRatio: Number.NaN, logLoss: Number.NaN };

  it('runs the whole engine and each lesser one, without history and with, and nothing else', () => {
    expect(results.map(({ part, hasHistory }) => `${part?.name ?? 'whole'} ${hasHistory}`)).toEqual([
      'whole false',
      'all learners false',
      'whole true',
      'all learners true',
    ]);
    expect(periodOf(results[0], 'young')).not.toEqual(periodOf(results[0], 'whole'));
    expect(periodOf(results[2], 'whole')).not.toEqual(periodOf(results[0], 'whole'));
  });

  it('finds of the whole engine what an evaluation finds', () => {
    const evaluated = evaluateSeed({
      kind: 'evaluate',
      scenario: EASY,
      seed: 3,
      candles: 500,
      skippedCandles: 150,
      historyCandles: 250,
      hasTimeline: false,
      entrants: [
        { classifier: 'engine', hasHistory: false },
        { classifier: 'engine', hasHistory: true },
      ],
    });
    for (const hasHistory of [false, true]) {
      const one = results.find((result) => result.part === null && result.hasHistory === hasHistory);
      const other = evaluated.find(
        ({ entrant }) => entrant.classifier === 'engine' && entrant.hasHistory === hasHistory,
      );
      expect(periodOf(one, 'whole').accuracyRatio).toBeCloseTo(other?.scores.metrics.accuracyRatio ?? -1, 12);
      expect(periodOf(one, 'whole').logLoss).toBeCloseTo(other?.scores.metrics.logLoss ?? -1, 12);
    }
  });

  it('leaves the young part out of a run that is no longer, and its report is plain JSON', () => {
    const short = { ...plan, candles: 250, historyCandles: 120 };
    const report = ablationReportOf(short, ablationTasksOf(short).flatMap(ablateSeed));
    expect(report.ablation?.rows.map(({ period }) => period)).toEqual(['whole', 'whole']);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });
});
