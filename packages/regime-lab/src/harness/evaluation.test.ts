import { describe, expect, it } from '@jest/globals';
import { type Scenario, scenarioNameOf } from '../report.ts';
import { type ClassifierName, createClassifier, CLASSIFIER_NAMES } from './entrants.ts';
import { generateMarket } from '../market/generate-market.ts';
import { evaluate, reportOf, tasksOf } from './evaluation.ts';
import { evaluateSeed, type SeedResult } from './evaluate-seed.ts';
import { engineParts } from './engine-classifiers.ts';
import { type EvaluationPlan, GATE_PLAN, GATE_SEEDS, QUICK_PLAN } from './gate-plan.ts';
import { isGraded } from './aims.ts';
import { gatesOf } from './gates.ts';
import { summarizeScenario } from './summarize.ts';

const EASY: Scenario = { generator: 'gaussian', difficulty: 'easy', durationCandles: 300 };

const aPlan = (changes: Partial<EvaluationPlan> = {}): EvaluationPlan => ({
  ...QUICK_PLAN,
  scenarios: [EASY],
  seeds: [1, 2],
  candles: 3_000,
  historyCandles: 2_000,
  entrants: [
    { classifier: 'oracle', hasHistory: false },
    { classifier: 'never change', hasHistory: false },
    { classifier: 'flip every candle', hasHistory: false },
  ],
  ...changes,
});

/** Lets one classifier stand in the engine's place. */
const inPlaceOfEngine = (classifier: ClassifierName, results: readonly SeedResult[]): SeedResult[] =>
  results.map((result) =>
    result.entrant.classifier === classifier
      ? { ...result, entrant: { classifier: 'engine', hasHistory: false } }
      : result,
  );

describe('evaluate', () => {
  const plan = aPlan();
  const report = evaluate(plan, { isQuick: false });

  it('gives each classifier a row beside the ceiling, and the oracle more than the ceiling', () => {
    const [scenario] = report.scenarios;
    expect(scenario?.name).toBe('gaussian-easy-d300');
    expect(scenario?.rows.map(({ classifier }) => classifier)).toEqual([
      'ceiling',
      'oracle',
      'never change',
      'flip every candle',
    ]);
    expect(scenario?.rows[0]?.figures.shareOfCeilingRatio?.mean).toBe(1);
    expect(scenario?.rows[1]?.figures.shareOfCeilingRatio?.mean).toBeGreaterThan(1);
    const counted = scenario?.rows[1]?.confusion.flat().reduce((sum, count) => sum + count, 0);
    expect(counted).toBe(2 * (3_000 - 1_000));
  });

  it('is plain JSON and the same every time, in whatever order threads finish', () => {
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    const results = tasksOf(plan).toReversed().flatMap(evaluateSeed);
    expect(reportOf(plan, results, { isQuick: false })).toEqual(report);
  });

  it('lets a classifier with a history go on where the history ended', () => {
    const withHistory = evaluate(
      aPlan({
        seeds: [1],
        candles: 700,
        skippedCandles: 300,
        historyCandles: 600,
        entrants: [{ classifier: 'engine', hasHistory: true }],
      }),
      {
        isQuick: true,
      },
    );
    const engine = withHistory.scenarios[0]?.rows.find(({ classifier }) => classifier === 'engine');
    expect(engine?.hasHistory).toBe(true);
    expect(engine?.figures.accuracyRatio?.mean).toBeGreaterThan(0.3);
  });
});

describe('gatesOf', () => {
  const results = tasksOf(aPlan()).flatMap(evaluateSeed);

  const gatesFor = (classifier: ClassifierName) => {
    const swapped = inPlaceOfEngine(classifier, results);
    const report = summarizeScenario(swapped);
    return report === null ? [] : gatesOf(report, swapped, { isQuick: false });
  };
  const outcomes = (classifier: ClassifierName): Record<string, boolean> =>
    Object.fromEntries(
      gatesFor(classifier)
        .filter((gate) => gate.classifier === 'engine')
        .map(({ gate, passed }) => [gate, passed]),
    );

  it('are passed by the truth', () => {
    expect(outcomes('oracle')).toMatchObject({
      'share of ceiling': true,
      accuracy: true,
      'T1 changes kept': true,
      'T2 volatility change F1': true,
      'T3 change recall': true,
      'T4 false changes per 1000': true,
      'calibration error': true,
    });
  });

  it('are missed by a detector that never changes, by as much as it lacks', () => {
    expect(outcomes('never change')).toMatchObject({ 'T3 change recall': false, accuracy: false });
    const recall = gatesFor('never change').find(({ gate }) => gate === 'T3 change recall');
    expect(recall?.missedBy).toBeCloseTo(0.75, 9);
    expect(recall?.note).toContain('told all parameters');
  });

  it('are missed by a detector that flips at every candle', () => {
    expect(outcomes('flip every candle')).toMatchObject({ 'T4 false changes per 1000': false });
  });

  it('hold both dummies to failing', () => {
    const dummies = gatesFor('oracle').filter(({ gate }) => gate === 'dummy fails T1 to T4');
    expect(dummies.map(({ passed }) => passed)).toEqual([true, true]);
    // Misses are counted over all seeds: none of them is the worst.
    expect(dummies.map(({ worstSeed }) => worstSeed)).toEqual([null, null]);
  });

  it('hold them to failing where changes are hard to find, by the gates of that market', () => {
    const hard = aPlan({ scenarios: [{ generator: 'gaussian', difficulty: 'hard', durationCandles: 300 }] });
    const found = tasksOf(hard).flatMap(evaluateSeed);
    const report = summarizeScenario(found);
    const gates = report === null ? [] : gatesOf(report, found, { isQuick: false });
    const dummies = gates.filter(({ gate }) => gate === 'dummy fails T1 to T4');
    expect(dummies.map(({ passed, note }) => [passed, note.split(',')[0]])).toEqual([
      [true, 'T3 change recall'],
      [true, expect.stringMatching(/^T/)],
    ]);
    const asEngine = inPlaceOfEngine('never change', found);
    const swapped = summarizeScenario(asEngine);
    const own = swapped === null ? [] : gatesOf(swapped, asEngine, { isQuick: false });
    expect(own.filter(({ gate, passed }) => gate.startsWith('T') && !passed)).not.toEqual([]);
  });

  it('compare an engine that has seen history with a rival that has', () => {
    const rival = (hasHistory: boolean): SeedResult[] =>
      results
        .filter(({ entrant }) => entrant.classifier === (hasHistory ? 'oracle' : 'never change'))
        .map((result) => ({ ...result, entrant: { classifier: 'hidden markov', hasHistory } }));
    const engines = [false, true].flatMap((hasHistory) =>
      results
        .filter(({ entrant }) => entrant.classifier === 'oracle')
        .map((result): SeedResult => ({ ...result, entrant: { classifier: 'engine', hasHistory } })),
    );
    const all = [...engines, ...rival(false), ...rival(true)];
    const report = summarizeScenario(all);
    const gates = report === null ? [] : gatesOf(report, all, { isQuick: false });
    const leads = gates.filter(({ gate }) => gate === 'accuracy over hidden markov').map(({ mean }) => mean);
    expect(leads[0]).toBeGreaterThan(0.5);
    expect(leads[1]).toBe(0);
  });

  it('compare with a rival on the same seeds', () => {
    const plan = aPlan({
      entrants: [
        { classifier: 'oracle', hasHistory: false },
        { classifier: 'threshold rule', hasHistory: false },
      ],
    });
    const rivals = inPlaceOfEngine('oracle', tasksOf(plan).flatMap(evaluateSeed));
    const report = summarizeScenario(rivals);
    const gate =
      report && gatesOf(report, rivals, { isQuick: false }).find((one) => one.gate.includes('threshold rule'));
    expect(gate).toMatchObject({ passed: true, missedBy: 0 });
    expect(gate?.note).toContain('paired by seed');
  });
});

describe('plans', () => {
  it('never tune on the seeds of the gates', () => {
    expect(GATE_SEEDS).toHaveLength(16);
    expect(QUICK_PLAN.seeds.some((seed) => GATE_SEEDS.includes(seed))).toBe(false);
    expect(new Set(tasksOf(GATE_PLAN).map(({ seed }) => seed))).toEqual(new Set(GATE_SEEDS));
  });

  it('keep a piece to draw of the first seed only', () => {
    const tasks = tasksOf(aPlan({ seeds: [4, 2, 3] }));
    expect(tasks.filter(({ hasTimeline }) => hasTimeline).map(({ seed }) => seed)).toEqual([2]);
  });

  it('grade the foreign generators like the others, with every difficulty and mean life', () => {
    const foreign = GATE_PLAN.scenarios.filter(({ generator }) => generator === 'stochastic-volatility');
    expect(foreign).toHaveLength(6);
    expect(foreign.every(isGraded)).toBe(true);
    expect(new Set(GATE_PLAN.scenarios.map(scenarioNameOf)).size).toBe(33);
  });
});

describe('engineParts', () => {
  it('are seven methods and five learners, the base first, no name twice', () => {
    const { methods, learners } = engineParts();
    expect(methods).toHaveLength(7);
    expect(learners).toHaveLength(5);
    expect(methods).toContain('jump_model');
    expect(new Set([...methods, ...learners]).size).toBe(12);
  });
});

describe('every classifier', () => {
  it.each(CLASSIFIER_NAMES.filter((name) => name !== 'oracle'))(
    '%s: says the same whatever comes later',
    (classifier) => {
      const short = generateMarket({ ...EASY, seed: 3, candles: 400 });
      const long = generateMarket({ ...EASY, seed: 3, candles: 500 });
      const teacher = () => generateMarket({ ...EASY, seed: 200_003, candles: 3_000 });
      const [first, second] = [short, long].map((market) =>
        createClassifier({ classifier, hasHistory: false }, { market, teacher }),
      );
      for (let index = 0; index < short.candles; index += 1) {
        const one = first?.update(short.barAt(index));
        const other = second?.update(long.barAt(index));
        expect(Array.from(one?.probabilities ?? [])).toEqual(Array.from(other?.probabilities ?? [1]));
        expect(one?.publishedId).toBe(other?.publishedId);
      }
    },
  );
});
