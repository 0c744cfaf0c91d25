import { describe, expect, it } from '@jest/globals';
import { evaluateReal, generateMarket, SYNTHETIC_INTERVAL_MS, seriesOf } from '../../src/index.ts';
import { normalDraws, toySeries } from '../toy-series.ts';

describe('the protocol of real candles', () => {
  it('leaves nobody above chance on the trend of a random walk by much', () => {
    const draw = normalDraws(72);
    const walk = evaluateReal(toySeries(Array.from({ length: 2_600 }, () => 0.01 * draw())));
    const trend = walk.skills.find(({ family, factor }) => family === 'window' && factor === 'trend');
    for (const { accuracyRatio } of trend?.engine ?? []) expect(accuracyRatio).toBeLessThan(0.45);
    expect(walk.doubts).toEqual([]);
  });

  it('finds the skill of an engine where there are regimes: the protocol is no wall', () => {
    const recipe = {
      generator: 'gaussian',
      difficulty: 'easy',
      durationCandles: 150,
      seed: 23,
      candles: 3_200,
    } as const;
    const known = generateMarket(recipe);
    const bars = Array.from({ length: known.candles }, (_, index) => known.barAt(index));
    const found = evaluateReal(seriesOf({ name: 'known', intervalMs: SYNTHETIC_INTERVAL_MS, bars }));
    for (const factor of ['volatility', 'structure'] as const) {
      const row = found.skills.find((one) => one.family === 'chain' && one.factor === factor);
      expect(row?.lead).toBeGreaterThan(0);
      expect(row?.engine[0]?.accuracyRatio).toBeGreaterThan(0.93);
    }
    const [trending, reverting] = found.labelFree.structures.map(({ varianceRatio }) => varianceRatio ?? 1);
    expect(trending).toBeGreaterThan(1);
    expect(reverting).toBeLessThan(1);
    const [engine, garch] = found.labelFree.forecasts;
    expect(engine?.qlikeOfRange).toBeLessThan(garch?.qlikeOfRange ?? Number.NEGATIVE_INFINITY);
    expect(found.labelFree.isMonotone).toBe(true);
  });
});
