import { describe, expect, it } from '@jest/globals';
import { TRANSITION_GATE_DEFAULTS, TransitionGate } from './transition-gate.ts';

/** All the probability on two regimes, the rest on id 0. */
const belief = (first: [number, number], second: [number, number] = [0, 0]): Float64Array => {
  const posterior = new Float64Array(18);
  posterior[first[0]] = first[1];
  posterior[second[0]] = (posterior[second[0]] ?? 0) + second[1];
  posterior[0] = (posterior[0] ?? 0) + 1 - first[1] - second[1];
  return posterior;
};
const aSettledGate = (): TransitionGate => {
  const gate = new TransitionGate(8, TRANSITION_GATE_DEFAULTS);
  for (let candle = 0; candle < 10; candle += 1) gate.decide(belief([8, 1]));
  return gate;
};

describe('TransitionGate', () => {
  it.each([
    { name: 'keeps the regime on a small lead', posterior: belief([9, 0.6], [8, 0.4]), regimeId: 8 },
    { name: 'changes on a lead above .5', posterior: belief([9, 0.8], [8, 0.2]), regimeId: 9 },
    {
      name: 'changes to higher volatility on a lead above .25',
      posterior: belief([14, 0.65], [8, 0.35]),
      regimeId: 14,
    },
    { name: 'asks .5 again for lower volatility', posterior: belief([2, 0.65], [8, 0.35]), regimeId: 8 },
  ])('$name', ({ posterior, regimeId }) => {
    expect(aSettledGate().decide(posterior).regimeId).toBe(regimeId);
  });

  it('holds a new regime for five candles, unless volatility jumps for sure', () => {
    const gate = aSettledGate();
    expect(gate.decide(belief([9, 0.9]))).toEqual({ regimeId: 9, dwellCandles: 1, leftRegimeId: 8 });
    for (const dwellCandles of [2, 3, 4, 5])
      expect(gate.decide(belief([10, 0.9]))).toEqual({ regimeId: 9, dwellCandles, leftRegimeId: null });
    expect(gate.decide(belief([10, 0.9]))).toEqual({ regimeId: 10, dwellCandles: 1, leftRegimeId: 9 });
    expect(gate.decide(belief([12, 0.97])).regimeId).toBe(12);
  });

  it('continues from a saved state', () => {
    const gate = new TransitionGate(8, TRANSITION_GATE_DEFAULTS);
    gate.restore(aSettledGate().save());
    expect(gate.decide(belief([8, 1]))).toEqual({ regimeId: 8, dwellCandles: 11, leftRegimeId: null });
  });
});
