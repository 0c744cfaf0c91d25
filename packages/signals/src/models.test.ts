import { describe, expect, it } from '@jest/globals';
import { classify, readCandles } from '../test/real-market.ts';
import type { FeatureVector } from './features.ts';
import { meanReversionModel } from './mean-reversion-model.ts';
import { momentumModel } from './momentum-model.ts';

const view = classify(readCandles('BTCUSDT_um_1h_20230101-20240630', { limit: 1 }))[0]!;

const aVector = (overrides: Partial<FeatureVector> = {}): FeatureVector => ({
  openTimeMs: 0,
  close: 100,
  returnRatio: 0,
  atrRatio: 0.01,
  volatilityRatio: 0.01,
  emaSpreadAtr: 0,
  slopeT: 0,
  channelPosition: 0,
  zScore: 0,
  rsi: 50,
  volumeZ: 0,
  ...overrides,
});

describe('momentum', () => {
  it.each([
    {
      name: 'all witnesses up',
      given: { emaSpreadAtr: 2, slopeT: 25, channelPosition: 1.2 },
      direction: 'long',
      score: 1,
    },
    {
      name: 'all witnesses down',
      given: { emaSpreadAtr: -2, slopeT: -25, channelPosition: -1 },
      direction: 'short',
      score: -1,
    },
    { name: 'one witness disagrees', given: { emaSpreadAtr: 2, slopeT: 25, channelPosition: -0.1 }, direction: 'hold' },
    { name: 'all up, but faintly', given: { emaSpreadAtr: 0.2, slopeT: 2, channelPosition: 0.2 }, direction: 'hold' },
    { name: 'nothing moves', given: {}, direction: 'hold', score: 0 },
  ])('$name: $direction', ({ given, direction, score }) => {
    const opinion = momentumModel.predict(aVector(given), view);
    expect(opinion.direction).toBe(direction);
    if (score !== undefined) expect(opinion.score).toBe(score);
  });
});

describe('mean reversion', () => {
  it.each([
    { name: 'far below its mean', given: { zScore: -3, rsi: 20 }, direction: 'long', score: 1 },
    { name: 'far above its mean', given: { zScore: 3, rsi: 80 }, direction: 'short', score: -1 },
    { name: 'the index does not confirm', given: { zScore: -2, rsi: 49 }, direction: 'hold' },
    { name: 'the index says the opposite', given: { zScore: -2, rsi: 70 }, direction: 'hold' },
    { name: 'near its mean', given: { zScore: 0.5, rsi: 70 }, direction: 'hold' },
    { name: 'nothing moves', given: {}, direction: 'hold', score: 0 },
  ])('$name: $direction', ({ given, direction, score }) => {
    const opinion = meanReversionModel.predict(aVector(given), view);
    expect(opinion.direction).toBe(direction);
    if (score !== undefined) expect(opinion.score).toBe(score);
  });
});
