import { describe, expect, it } from '@jest/globals';
import { createClassifier } from '../harness/entrants.ts';
import { generateMarket } from '../market/generate-market.ts';
import { RunRecord } from '../score/run-record.ts';
import { seedScoresOf } from '../score/seed-scores.ts';
import { HiddenMarkov } from './hidden-markov.ts';
import { fitModel, startModel } from './hidden-markov-fit.ts';
import { MarketRandom } from '../market/market-random.ts';

const RECIPE = { generator: 'gaussian', difficulty: 'easy', durationCandles: 300 } as const;
const market = generateMarket({ ...RECIPE, seed: 1, candles: 12_000 });
const teacher = () => generateMarket({ ...RECIPE, seed: 200_001, candles: 20_000 });

describe('baselines', () => {
  it.each([
    ['threshold rule', 0.7],
    ['jump model', 0.65],
    ['hidden markov', 0.5],
  ] as const)('the %s is no straw man: %f and more of the candles right', (classifier, floor) => {
    const rival = createClassifier({ classifier, hasHistory: false }, { market, teacher });
    const record = new RunRecord(market.regimeIds, 1_000);
    for (let index = 0; index < market.candles; index += 1) record.write(index, rival.update(market.barAt(index)));
    const { metrics } = seedScoresOf(record);
    expect(Math.max(metrics.accuracyRatio ?? 0, metrics.publishedAccuracyRatio ?? 0)).toBeGreaterThan(floor);
  });
});

describe('HiddenMarkov', () => {
  it.each([400, 1_000, 1_300])('believes after %i candles of history what it does after as many updates', (count) => {
    const history = Array.from({ length: count }, (_, index) => market.barAt(index));
    const [shown, updated] = [new HiddenMarkov(), new HiddenMarkov()];
    shown.calibrate(history);
    for (const bar of history) updated.update(bar);
    for (let index = count; index < count + 600; index += 1) {
      const one = Array.from(shown.update(market.barAt(index)).probabilities);
      expect(one).toEqual(Array.from(updated.update(market.barAt(index)).probabilities));
    }
  });
});

describe('fitModel', () => {
  it('finds the states of a chain it was not started at', () => {
    const random = new MarketRandom(3, 0);
    let state = 0;
    const rows = Float64Array.from({ length: 4_000 }, () => {
      if (random.uniform() < 0.02) state = 1 - state;
      return (state === 0 ? -1 : 2) + (state === 0 ? 1 : 0.5) * random.normal();
    });
    const { model, belief } = fitModel(startModel(2, [-0.3, 0.3], [1, 1]), rows, 30);
    expect(model.means[0]).toBeCloseTo(-1, 1);
    expect(model.means[1]).toBeCloseTo(2, 1);
    expect(Math.sqrt(model.variances[1] ?? 0)).toBeCloseTo(0.5, 1);
    expect(model.transitions[0]).toBeCloseTo(0.98, 2);
    expect(belief[state]).toBeGreaterThan(0.9);
  });
});
