import { describe, expect, it } from '@jest/globals';
import { FlipEveryCandle, NeverChange, Oracle, RandomLabels } from '../baseline/dummies.ts';
import type { CausalClassifier } from '../causal-classifier.ts';
import { generateMarket } from '../market/generate-market.ts';
import { MarketRandom } from '../market/market-random.ts';
import { bootstrapInterval } from './bootstrap.ts';
import { calibrationError, calibrationScoresOf } from './calibration-scores.ts';
import { factorScoresOf } from './factor-scores.ts';
import { changesIn, RunRecord } from './run-record.ts';
import { seedScoresOf } from './seed-scores.ts';
import { transitionScoresOf } from './transition-scores.ts';
import { areaUnderCurve, warningScoresOf } from './warning-scores.ts';

const market = generateMarket({
  generator: 'gaussian',
  difficulty: 'easy',
  durationCandles: 300,
  seed: 1,
  candles: 20_000,
});

const scoresOf = (classifier: CausalClassifier) => {
  const record = new RunRecord(market.regimeIds, 1_000);
  for (let index = 0; index < market.candles; index += 1) record.write(index, classifier.update(market.barAt(index)));
  return seedScoresOf(record).metrics;
};

/** A record of 300 candles in which only the published path matters; runs of `[regime, candles]`. */
const pathRecord = (truth: readonly [number, number][], published: readonly [number, number][]): RunRecord => {
  const spread = (runs: readonly [number, number][]): Uint8Array =>
    Uint8Array.from(runs.flatMap(([id, candles]) => Array.from({ length: candles }, () => id)));
  const record = new RunRecord(spread(truth), 0);
  record.publishedIds.set(spread(published));
  return record;
};

describe('scores', () => {
  it('give the oracle everything', () => {
    expect(scoresOf(new Oracle(market.regimeIds))).toMatchObject({
      accuracyRatio: 1,
      publishedAccuracyRatio: 1,
      balancedAccuracyRatio: 1,
      macroF1Ratio: 1,
      nearAccuracyRatio: 1,
      trendSignAccuracyRatio: 1,
      oppositeSignRatio: 0,
      logLoss: 0,
      brier: 0,
      eceRatio: 0,
      conformalCoverageRatio: 1,
      conformalMeanSize: 1,
      volatilityChangeF1Ratio: 1,
      changeRecallRatio: 1,
      falseChangesPer1000: 0,
      delayMedianCandles: 0,
      volatilityDelayMedianCandles: 0,
      slotEceRatio: 0,
    });
  });

  it('put random labels at chance', () => {
    const scores = scoresOf(new RandomLabels(7));
    expect(scores.accuracyRatio).toBeCloseTo(1 / 18, 2);
    expect(scores.volatilityAccuracyRatio).toBeCloseTo(1 / 3, 1);
    expect(scores.eceRatio).toBeGreaterThan(0.9);
  });

  it('do not reward a detector that flips at every candle, or one that never moves', () => {
    const flipping = scoresOf(new FlipEveryCandle());
    expect(flipping.falseChangesPer1000).toBeGreaterThan(900);
    const still = scoresOf(new NeverChange());
    expect(still.transitionKeptRatio).toBe(1);
    expect(still.changeRecallRatio).toBe(0);
  });

  it('say nothing of what a classifier does not say', () => {
    expect(scoresOf(new NeverChange())).not.toHaveProperty('conformalCoverageRatio');
    expect(scoresOf(new NeverChange())).not.toHaveProperty('warning10Auc');
  });
});

describe('calibrationScoresOf', () => {
  it('counts an empty set as one that misses, and no set not at all', () => {
    const record = new RunRecord(Uint8Array.of(0, 0, 0, 0, 0), 0);
    const probabilities = Float64Array.from({ length: 18 }, (_, id) => (id === 0 ? 1 : 0));
    const sets = [[0], [0, 1], [], [7]];
    sets.forEach((conformalSet, index) => {
      record.write(index, { probabilities, publishedId: 0, conformalSet });
    });
    record.write(4, { probabilities, publishedId: 0 });
    const { conformalCoverageRatio, conformalMeanSize } = calibrationScoresOf(record).scores;
    expect(conformalCoverageRatio).toBe(0.5);
    expect(conformalMeanSize).toBe(1);
  });
});

describe('warningScoresOf', () => {
  it('sees no skill beside age in a warning that knows nothing else, whichever ages end', () => {
    // Every second regime lives 12 candles: the young ones end.
    const runs = Array.from({ length: 60 }, (_, run): [number, number][] => [
      [0, run % 2 === 0 ? 100 : 300],
      [6, 12],
    ]).flat();
    const record = pathRecord(runs, runs);
    let age = 0;
    for (let index = 0; index < record.candles; index += 1) {
      age = index > 0 && record.publishedIds[index] === record.publishedIds[index - 1] ? age + 1 : 1;
      record.changeWithin10[index] = 1 / age;
      record.changeWithin30[index] = 1 / age;
    }
    const scores = warningScoresOf(record, 10);
    expect(scores?.auc).toBeGreaterThan(0.6);
    expect(scores?.aucOverDuration).toBeCloseTo(0, 9);
  });
});

describe('transitionScoresOf', () => {
  it.each<{ name: string; truth: [number, number][]; published: [number, number][]; scores: object }>([
    {
      name: 'a change found 60 candles late counts, and none is false',
      truth: [
        [0, 100],
        [6, 200],
      ],
      published: [
        [0, 160],
        [6, 140],
      ],
      scores: { transitionKeptRatio: 1, volatilityChangeF1Ratio: 1, changeRecallRatio: 1, falseChangesPer1000: 0 },
    },
    {
      name: 'one found 61 candles late is missed and false',
      truth: [
        [0, 100],
        [6, 200],
      ],
      published: [
        [0, 161],
        [6, 139],
      ],
      scores: { volatilityChangeF1Ratio: 0, changeRecallRatio: 0, falseChangesPer1000: 1_000 / 300 },
    },
    {
      name: 'one published before it happened is false: windows are causal',
      truth: [
        [0, 100],
        [6, 200],
      ],
      published: [
        [0, 99],
        [6, 201],
      ],
      scores: { changeRecallRatio: 0, falseChangesPer1000: 1_000 / 300 },
    },
    {
      name: 'a second publication of one change is false: matching is one to one',
      truth: [
        [0, 100],
        [6, 200],
      ],
      published: [
        [0, 105],
        [6, 20],
        [0, 20],
        [6, 155],
      ],
      scores: { changeRecallRatio: 1, falseChangesPer1000: 2_000 / 300 },
    },
    {
      name: 'a change undone within 10 candles is not kept',
      truth: [[0, 300]],
      published: [
        [0, 100],
        [1, 10],
        [0, 190],
      ],
      scores: { transitionKeptRatio: 0.5 },
    },
    {
      name: 'one undone after 11 candles is kept',
      truth: [[0, 300]],
      published: [
        [0, 100],
        [1, 11],
        [0, 189],
      ],
      scores: { transitionKeptRatio: 1 },
    },
    {
      name: 'a change to a life under 20 candles need not be found, and may be',
      truth: [
        [0, 100],
        [6, 19],
        [0, 181],
      ],
      published: [
        [0, 105],
        [6, 20],
        [0, 175],
      ],
      scores: { changeRecallRatio: 1, falseChangesPer1000: 0 },
    },
  ])('$name', ({ truth, published, scores }) => {
    const found = transitionScoresOf(pathRecord(truth, published));
    for (const [name, value] of Object.entries(scores)) {
      expect(found[name as keyof typeof found]).toBeCloseTo(value as number, 9);
    }
  });
});

describe('factorScoresOf', () => {
  it('tells how late each factor alone is', () => {
    // Volatility and slot change together; the volatility is published after 10 candles, the slot after 40.
    const truth: [number, number][] = [
      [0, 100],
      [9, 200],
    ];
    const published: [number, number][] = [
      [0, 110],
      [6, 30],
      [9, 160],
    ];
    expect(factorScoresOf(pathRecord(truth, published))).toMatchObject({
      volatilityDelayMedianCandles: 10,
      slotDelayMedianCandles: 40,
      structureDelayMedianCandles: Number.NaN,
    });
  });
});

describe('changesIn', () => {
  it('reads changes and lives from a path', () => {
    expect(changesIn(Uint8Array.from([3, 3, 4, 4, 4, 5]), 0)).toEqual([
      { at: 2, from: 3, to: 4, lifeCandles: 3 },
      { at: 5, from: 4, to: 5, lifeCandles: 1 },
    ]);
  });
});

describe('calibrationError', () => {
  const random = new MarketRandom(5, 0);
  const probabilities = Float64Array.from({ length: 50_000 }, () => random.uniform());

  it('is small where promises are kept', () => {
    const outcomes = probabilities.map((probability) => (random.uniform() < probability ? 1 : 0));
    expect(calibrationError(probabilities, outcomes)).toBeLessThan(0.01);
  });

  it('is what is promised too much', () => {
    const outcomes = probabilities.map((probability) => (random.uniform() < 0.5 * probability ? 1 : 0));
    expect(calibrationError(probabilities, outcomes)).toBeCloseTo(0.25, 1);
  });
});

describe('areaUnderCurve', () => {
  it.each([
    { name: 'perfect', scores: [1, 2, 3, 4], positives: [0, 0, 1, 1], area: 1 },
    { name: 'reversed', scores: [4, 3, 2, 1], positives: [0, 0, 1, 1], area: 0 },
    { name: 'constant', scores: [1, 1, 1, 1], positives: [0, 1, 0, 1], area: 0.5 },
    { name: 'one tie', scores: [1, 2, 2, 3], positives: [0, 0, 1, 1], area: 0.875 },
  ])('$name', ({ scores, positives, area }) => {
    expect(areaUnderCurve(scores, Uint8Array.from(positives))).toBeCloseTo(area, 12);
  });
});

describe('bootstrapInterval', () => {
  it('holds the mean, shrinks with more seeds and is the same every time', () => {
    const random = new MarketRandom(9, 0);
    const few = Array.from({ length: 8 }, () => 0.9 + 0.05 * random.normal());
    const many = Array.from({ length: 200 }, () => 0.9 + 0.05 * random.normal());
    const [low, high] = bootstrapInterval(few);
    const mean = few.reduce((sum, value) => sum + value, 0) / few.length;
    expect(low).toBeLessThan(mean);
    expect(high).toBeGreaterThan(mean);
    const [manyLow, manyHigh] = bootstrapInterval(many);
    expect(manyHigh - manyLow).toBeLessThan(high - low);
    expect(bootstrapInterval(few)).toEqual([low, high]);
  });

  it('holds the true mean about 95 times in 100', () => {
    const random = new MarketRandom(10, 0);
    let held = 0;
    for (let trial = 0; trial < 100; trial += 1) {
      const [low, high] = bootstrapInterval(Array.from({ length: 16 }, () => random.normal()));
      if (low < 0 && high > 0) held += 1;
    }
    expect(held).toBeGreaterThan(85);
  });
});
