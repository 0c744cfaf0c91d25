import { describe, expect, it } from '@jest/globals';
import type { RegimeClassified, SignalGenerated } from '@qt/contracts';
import { aCandle } from '@qt/testing';
import { decisionRowOf, type MadeDecision } from './decision-row.ts';

const classified: RegimeClassified = {
  candle: aCandle(),
  state: 'ready',
  regime: { id: 9, name: 'of the test', volatility: 'medium', trend: 'up', structure: 'trending', probability: 0.8 },
  dwellCandles: 1,
  probabilities: Array.from({ length: 18 }, () => 1 / 18),
};
const considered = { candleClosedAtMs: 7_200_000, isAfterGap: false, settlement: null, votes: [] };
const head = {
  symbol: 'BTCUSDT',
  interval: '1h',
  candleClosedAtMs: 7_200_000,
  regimeId: 9,
  isAfterGap: false,
};

describe('decisionRowOf', () => {
  it.each<{ name: string; decision: MadeDecision; row: object }>([
    {
      name: 'warming has a reason and no opinion',
      decision: { ...considered, kind: 'warming', reason: 'FEATURES' },
      row: { ...head, kind: 'warming', reason: 'FEATURES', direction: null, confidence: null },
    },
    {
      name: 'a hold keeps the opinion that was too weak',
      decision: {
        ...considered,
        kind: 'hold',
        reason: 'CONFIDENCE_BELOW_MINIMUM',
        direction: 'short',
        confidence: 0.51,
      },
      row: { ...head, kind: 'hold', reason: 'CONFIDENCE_BELOW_MINIMUM', direction: 'short', confidence: 0.51 },
    },
    {
      name: 'a signal needs no reason',
      decision: { ...considered, kind: 'signal', signal: { direction: 'long', confidence: 0.56 } as SignalGenerated },
      row: { ...head, kind: 'signal', reason: null, direction: 'long', confidence: 0.56 },
    },
  ])('$name', ({ decision, row }) => {
    expect(decisionRowOf(classified, decision)).toEqual(row);
  });
});
