import { describe, expect, it } from '@jest/globals';
import { explainText, factorsOf, rivalsOf } from './explain-text.ts';
import type { ExplainedMarket, RegimeExplanation } from './regime-service-pages.ts';

/** Regime 9 with 0.6, 11 with 0.3, 15 with 0.1. */
const probabilities = Array.from({ length: 18 }, (_, id) => ({ 9: 0.6, 11: 0.3, 15: 0.1 })[id] ?? 0);
const market: ExplainedMarket = {
  symbol: 'BTCUSDT',
  interval: '1m',
  state: 'ready',
  regime: { id: 9, name: 'Steady Bull Market', probability: 0.6 },
  openTimeMs: Date.UTC(2024, 0, 1),
  dwellCandles: 3,
  probabilities,
};
const whole: RegimeExplanation = {
  market: {
    ...market,
    agreementRatio: 0.75,
    changeWithin10Probability: 0.08,
    changeWithin30Probability: 0.2,
    conformalSet: [9, 11],
    decision: { kind: 'tentative', candidateId: 11, reasons: ['trend: mean-reverting leads by 0.1, 0.5 are needed'] },
    stabilityRatio: 0.66,
    stabilityBand: 'stable',
  },
  scoring: {
    factors: ['volatility', 'structure', 'trend'],
    pooled: [],
    methods: [
      { name: 'base', weights: [0.5, 0.25, 0.125], factors: [0, 0.9, 0.1, 0.7, 0.3, 0, 0, 0.1, 0.9, 0] },
      { name: 'ladder', weights: [0.5, 0.25, 0.125], factors: null },
    ],
  },
  decider: {
    levelMarginRatio: 0.5,
    slotMarginRatio: 0.4,
    upwardMarginShare: 0.5,
    neighborMarginFactor: 1.25,
    minDwellCandles: 5,
    confidenceThreshold: 0.7,
    shockProbability: 0.95,
  },
};

describe('qt regime explain', () => {
  it('adds regimes up to factors', () => {
    const factors = factorsOf(probabilities).map((share) => Number(share.toFixed(6)));
    expect(factors).toEqual([0, 0.9, 0.1, 0.7, 0.3, 0, 0, 0, 0.7, 0]);
  });

  it('names what is next in line for each factor, also when it leads already', () => {
    expect(rivalsOf(market)).toEqual([
      { factor: 'volatility', name: 'high', lackRatio: expect.closeTo(0.8, 12), marginKind: 'upward' },
      { factor: 'slot', name: 'mean-reverting', lackRatio: expect.closeTo(0.4, 12), marginKind: 'plain' },
    ]);
    const [level, slot] = rivalsOf({ ...market, regime: { ...market.regime, id: 16 } });
    expect(level).toEqual({
      factor: 'volatility',
      name: 'medium',
      lackRatio: expect.closeTo(-0.8, 12),
      marginKind: 'plain',
    });
    expect(slot).toEqual({ factor: 'slot', name: 'up', lackRatio: expect.closeTo(-0.7, 12), marginKind: 'neighbor' });
  });

  it('tells decision, votes, stability and what would change it', () => {
    const text = explainText(whole).join('\n');
    for (const part of [
      'regime 9 "Steady Bull Market", probability 60.0 %, for 3 candles',
      'among: 9 "Steady Bull Market", 11 "Normal Range"',
      'tentative\n  - trend: mean-reverting leads by 0.1, 0.5 are needed',
      'volatility: low 0.0 %, medium 90.0 %, high 10.0 %',
      'base: medium 90.0 % (weight 50.0 %), trending 70.0 % (weight 25.0 %), up 90.0 % (weight 12.5 %)',
      'ladder: known with the next candle',
      'together they agree by 75.0 %',
      'Stability: 0.66, stable',
      'volatility: high is next in line, 80.0 % behind, must lead by 25.0 % over a few candles (less, since volatility would rise)\n',
      'trend: mean-reverting is next in line, 40.0 % behind, must lead by 40.0 % over a few candles\n',
      'a new level must have 70.0 %, a new trend that much together with its neighbors',
      'must be 5 candles old, it is 3',
      'a change within 10 candles 8.0 %, within 30 20.0 %',
    ])
      expect(text).toContain(part);
  });

  it('knows that the next trend needs more, and says who leads already', () => {
    const text = explainText({ ...whole, market: { ...market, regime: { ...market.regime, id: 16 } } }).join('\n');
    expect(text).toContain('volatility: medium already leads by 80.0 %, must lead by 50.0 % over a few candles\n');
    expect(text).toContain('trend: up already leads by 70.0 %, must lead by 50.0 % over a few candles (more, since');
  });

  it('says what a service did not tell', () => {
    const text = explainText({ market, scoring: null, decider: null }).join('\n');
    expect(text.match(/not told by this service/g)).toHaveLength(2);
    expect(text).not.toMatch(/undefined|NaN/);
  });
});
