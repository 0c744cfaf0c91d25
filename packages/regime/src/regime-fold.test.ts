import { describe, expect, it } from '@jest/globals';
import { Regime } from '@qt/contracts';
import { REGIME_COUNT, regimeIdOf, regimeNameOf, regimeOf, tripletOf } from './regime-fold.ts';

const TRENDS = ['strong_down', 'down', 'neutral', 'up', 'strong_up'] as const;

describe('the fold of 30 cells into 18 regimes', () => {
  it.each([
    { id: 0, name: 'Calm Bear Market', triplet: { volatility: 'low', trend: 'strong_down', structure: 'trending' } },
    { id: 9, name: 'Steady Bull Market', triplet: { volatility: 'medium', trend: 'up', structure: 'trending' } },
    {
      id: 17,
      name: 'Volatile Rally',
      triplet: { volatility: 'high', trend: 'strong_up', structure: 'mean_reverting' },
    },
  ] as const)('regime $id is the guide\'s "$name"', ({ id, name, triplet }) => {
    expect(regimeIdOf(triplet)).toBe(id);
    expect(regimeNameOf(triplet)).toBe(name);
  });

  it('comes back from every id with every lean', () => {
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      for (const lean of TRENDS) {
        expect(regimeIdOf(tripletOf(id, lean))).toBe(id);
        expect(Regime.parse(regimeOf(id, lean, 0.5))).toMatchObject({ id, probability: 0.5 });
      }
    }
  });

  it('gives each trending regime its own name', () => {
    const names = Array.from({ length: REGIME_COUNT }, (_, id) => regimeNameOf(tripletOf(id, 'neutral')));
    expect(new Set(names).size).toBe(REGIME_COUNT);
  });
});
