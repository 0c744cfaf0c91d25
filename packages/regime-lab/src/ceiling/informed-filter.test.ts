import { describe, expect, it } from '@jest/globals';
import { REGIME_COUNT } from '@qt/regime';
import type { CausalClassifier } from '../causal-classifier.ts';
import { likeliestOf } from '../held-regime.ts';
import { GENERATOR_NAMES, generateMarket } from '../market/generate-market.ts';
import type { GeneratorName } from '../market/market-settings.ts';
import type { SyntheticMarket } from '../market/synthetic-market.ts';
import { RunRecord } from '../score/run-record.ts';
import { seedScoresOf } from '../score/seed-scores.ts';
import { ceilingKindOf, informedFilter } from './informed-filter.ts';
import { LogSigmaGrid } from './log-sigma-grid.ts';
import { StochasticVolatilityFilter } from './stochastic-volatility-filter.ts';

const CANDLES = 20_000;
const SKIPPED = 1_000;

const runOf = (generator: GeneratorName, seed: number, candles: number): RunRecord => {
  const market = generateMarket({ generator, difficulty: 'easy', durationCandles: 300, seed, candles });
  const filter = informedFilter(generator, market.settings);
  const record = new RunRecord(market.regimeIds, SKIPPED);
  for (let index = 0; index < candles; index += 1) record.write(index, filter.update(market.barAt(index)));
  return record;
};

/** Returns how far apart two filters of one market are: the largest and the mean share of probability that lies elsewhere. */
const distanceOf = (left: CausalClassifier, right: CausalClassifier, market: SyntheticMarket) => {
  let largest = 0;
  let sum = 0;
  for (let index = 0; index < market.candles; index += 1) {
    const one = Array.from(left.update(market.barAt(index)).probabilities);
    const other = right.update(market.barAt(index)).probabilities;
    const distance = one.reduce((total, mass, id) => total + Math.abs(mass - (other[id] ?? 0)) / 2, 0);
    largest = Math.max(largest, distance);
    sum += distance;
  }
  return { largest, mean: sum / market.candles };
};

describe('StochasticVolatilityFilter', () => {
  const market = generateMarket({
    generator: 'stochastic-volatility',
    difficulty: 'hard',
    durationCandles: 300,
    seed: 1,
    candles: 800,
  });
  const on = (spacingDeviations: number): StochasticVolatilityFilter =>
    new StochasticVolatilityFilter(market.settings, new LogSigmaGrid(spacingDeviations));

  it('is exact: a grid more than twice as fine says the same', () => {
    expect(ceilingKindOf('stochastic-volatility')).toBe('exact');
    const { largest, mean } = distanceOf(informedFilter('stochastic-volatility', market.settings), on(0.5), market);
    expect(largest).toBeLessThan(0.002);
    expect(mean).toBeLessThan(0.0001);
  });

  it('would not be on a coarse one', () => {
    expect(distanceOf(on(2.5), on(0.5), market).mean).toBeGreaterThan(0.01);
  });

  it('is right more often than the filter that knows the level only', () => {
    const longer = generateMarket({ ...market.recipe, difficulty: 'easy', candles: 3_000 });
    const rightOf = (filter: CausalClassifier): number => {
      let right = 0;
      for (let index = 0; index < longer.candles; index += 1) {
        if (likeliestOf(filter.update(longer.barAt(index)).probabilities) === longer.regimeIds[index]) right += 1;
      }
      return right / longer.candles;
    };
    const informed = rightOf(informedFilter('stochastic-volatility', longer.settings));
    expect(informed).toBeGreaterThan(0.1 + rightOf(informedFilter('gaussian', longer.settings)));
  });
});

describe('informedFilter', () => {
  it.each(GENERATOR_NAMES)('%s: its probabilities sum to 1 and are honest', (generator) => {
    // The filter of this one takes some twenty times as long as the others.
    const record = runOf(generator, 5, generator === 'stochastic-volatility' ? 5_000 : 12_000);
    for (let index = 0; index < record.candles; index += 500) {
      const row = record.probabilities.subarray(index * REGIME_COUNT, (index + 1) * REGIME_COUNT);
      expect(row.reduce((sum, probability) => sum + probability, 0)).toBeCloseTo(1, 9);
    }
    const { metrics } = seedScoresOf(record);
    expect(metrics.accuracyRatio).toBeGreaterThan(0.8);
    expect(metrics.eceRatio).toBeLessThan(0.08);
  });

  it('semi-markov: foresees changes, and says how sure it is', () => {
    const record = runOf('semi-markov', 2, CANDLES);
    const { metrics } = seedScoresOf(record);
    expect(metrics.warning10Auc).toBeGreaterThan(0.85);
    expect(metrics.warning10LeadSkillCandles).toBeGreaterThan(2);
    const said = record.changeWithin10.slice(SKIPPED).reduce((sum, chance) => sum + chance, 0) / (CANDLES - SKIPPED);
    expect(Math.abs(said - (metrics.warning10BaseRatio ?? 0))).toBeLessThan(0.01);
  });

  it('foresees nothing where nothing can be foreseen', () => {
    const { metrics } = seedScoresOf(runOf('gaussian', 2, CANDLES));
    expect(metrics.warning10Auc).toBeCloseTo(0.5, 6);
    expect(Math.abs(metrics.warning10LeadSkillCandles ?? 1)).toBeLessThan(0.5);
  });
});
