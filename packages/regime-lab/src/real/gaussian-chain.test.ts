import { describe, expect, it } from '@jest/globals';
import { normalDraws } from '../../test/toy-series.ts';
import { filterChain, fitGaussianChain } from './gaussian-chain.ts';

describe('the Gaussian chain', () => {
  const draw = normalDraws(51);
  const truth = Array.from({ length: 2_000 }, (_, row) => Math.floor(row / 100) % 2);
  const values = Float64Array.from(truth.flatMap((state) => [3 * state + draw(), -state + 0.5 * draw()]));
  const rows = { values, width: 2 };
  const chain = fitGaussianChain(rows, 2, 20);

  it('finds the means and how long its states last', () => {
    expect(chain.means[0]).toBeCloseTo(0, 0);
    expect(chain.means[2]).toBeCloseTo(3, 0);
    expect(chain.transitions[0]).toBeGreaterThan(0.97);
    expect(chain.transitions[3]).toBeGreaterThan(0.97);
  });

  it('knows the state of nearly every row from the rows up to it, and says the same whatever follows', () => {
    const filtered = filterChain(chain, rows);
    const right = truth.filter((state, row) => (filtered[2 * row + state] ?? 0) > 0.5).length;
    expect(right / truth.length).toBeGreaterThan(0.98);
    const half = filterChain(chain, { values: values.slice(0, 1_000), width: 2 });
    expect(filtered.slice(0, 1_000)).toEqual(half);
  });

  it('goes on past a row that no state explains', () => {
    const odd = values.slice();
    odd[500] = 1e6;
    const filtered = filterChain(chain, { values: odd, width: 2 });
    expect(filtered.every((share) => Number.isFinite(share))).toBe(true);
  });
});
