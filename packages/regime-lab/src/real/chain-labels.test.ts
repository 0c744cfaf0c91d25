import { describe, expect, it } from '@jest/globals';
import { generateMarket } from '../market/generate-market.ts';
import { SYNTHETIC_INTERVAL_MS } from '../market/synthetic-market.ts';
import { chainLabels, fitChainModel } from './chain-labels.ts';
import { UNLABELED } from './factor-labels.ts';
import { seriesOf } from './real-series.ts';

describe('chainLabels', () => {
  const market = generateMarket({
    generator: 'gaussian',
    difficulty: 'easy',
    durationCandles: 300,
    seed: 21,
    candles: 6_000,
  });
  const bars = Array.from({ length: market.candles }, (_, index) => market.barAt(index));
  const series = seriesOf({ name: 'known', intervalMs: SYNTHETIC_INTERVAL_MS, bars });
  const model = fitChainModel(series);

  it('finds the levels, drifts and life of a market that was made of them', () => {
    const [low = 0, medium = 0, high = 0] = model.scales;
    expect(medium / low).toBeGreaterThan(1.6);
    expect(medium / low).toBeLessThan(2.5);
    expect(high / medium).toBeGreaterThan(1.6);
    expect(high / medium).toBeLessThan(2.5);
    expect(Math.abs(model.driftMild - 0.35)).toBeLessThan(0.12);
    expect(Math.abs(model.driftStrong - 0.9)).toBeLessThan(0.2);
    expect(Math.abs(model.arReverting + 0.5)).toBeLessThan(0.12);
    expect(1 / model.hazard).toBeGreaterThan(150);
    expect(1 / model.hazard).toBeLessThan(600);
  });

  it('labels nearly every candle as it was made, all three factors', () => {
    const labels = chainLabels(series, model);
    const right = { volatility: 0, trend: 0, structure: 0 };
    let trending = 0;
    for (let index = 0; index < market.candles; index += 1) {
      const id = market.regimeIds[index] ?? 0;
      const isReverting = id % 6 === 5;
      if (labels.volatility[index] === Math.floor(id / 6)) right.volatility += 1;
      if (labels.structure[index] === (isReverting ? 1 : 0)) right.structure += 1;
      if (isReverting || labels.trend[index] === UNLABELED) continue;
      trending += 1;
      if (labels.trend[index] === id % 6) right.trend += 1;
    }
    expect(right.volatility / market.candles).toBeGreaterThan(0.97);
    expect(right.structure / market.candles).toBeGreaterThan(0.95);
    expect(right.trend / trending).toBeGreaterThan(0.85);
  });
});
