import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Drawdown, drawdownsOf, maxDrawdownRatioOf } from './drawdown.ts';
import { Performance, type PerformanceState, performanceOf, sharpeOf } from './performance.ts';

const profitLists = fc.array(fc.integer({ min: -400, max: 400 }), { maxLength: 60 });

describe('performanceOf', () => {
  it('counts a short list by hand', () => {
    expect(performanceOf([100, -50, 0, 150, -100], 1_000)).toMatchObject({
      trades: 5,
      wins: 2,
      winRatio: 0.4,
      netProfit: 100,
      grossProfit: 250,
      grossLoss: 150,
      profitFactor: 250 / 150,
      expectancy: 20,
      averageWin: 125,
      averageLoss: 75,
      maxDrawdownRatio: 100 / 1_200,
    });
  });

  it.each([
    {
      name: 'no trade',
      profits: [],
      nulls: ['winRatio', 'profitFactor', 'expectancy', 'averageWin', 'averageLoss', 'sharpePerTrade'],
    },
    { name: 'one win', profits: [10], nulls: ['profitFactor', 'averageLoss', 'sharpePerTrade'] },
    { name: 'one loss', profits: [-10], nulls: ['averageWin', 'sharpePerTrade'] },
  ])('$name: says null where there is nothing to say', ({ profits, nulls }) => {
    const found = Object.entries(performanceOf(profits, 1_000));
    expect(found.filter(([, value]) => value === null).map(([name]) => name)).toEqual(nulls);
  });

  it('property: stream and batch agree, also from a saved state', () => {
    fc.assert(
      fc.property(profitLists, fc.nat({ max: 60 }), (profits, cut) => {
        const before = new Performance(10_000);
        for (const profit of profits.slice(0, cut)) before.update(profit);
        const stream = new Performance(JSON.parse(JSON.stringify(before.save())) as PerformanceState);
        for (const profit of profits.slice(cut)) stream.update(profit);
        const batch = performanceOf(profits, 10_000);
        const found = stream.statistics();
        for (const [name, value] of Object.entries(batch)) {
          const other = found[name as keyof typeof found];
          if (value === null || other === null) expect(other).toBe(value);
          else expect(other).toBeCloseTo(value, 9);
        }
      }),
      { seed: 1 },
    );
  });
});

describe('sharpeOf', () => {
  it.each([
    { name: 'too few', returns: [0.01], expected: null },
    { name: 'constant', returns: [0.01, 0.01], expected: null },
    { name: 'mean 2, deviation 1, four periods a year', returns: [1, 2, 3], expected: 4 },
  ])('$name', ({ returns, expected }) => {
    expect(sharpeOf(returns, 4)).toBe(expected);
  });
});

describe('drawdown', () => {
  it('is measured from the highest point so far', () => {
    expect(drawdownsOf([100, 80, 120, 90, 130])).toEqual([0, 0.2, 0, 0.25, 0]);
    expect(maxDrawdownRatioOf([100, 80, 120, 90, 130])).toBe(0.25);
    expect(maxDrawdownRatioOf([])).toBe(0);
  });

  it('passes 1 when more is lost than was there', () => {
    expect(drawdownsOf([100, -50])).toEqual([0, 1.5]);
  });

  it('property: stream and batch agree, and the deepest never shrinks', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -100, max: 1_000 })), (equity) => {
        const drawdown = new Drawdown();
        const batch = drawdownsOf(equity);
        let deepest = 0;
        equity.forEach((value, index) => {
          const state = drawdown.update(value);
          expect(state.drawdownRatio).toBe(batch[index]);
          expect(state.maxDrawdownRatio).toBeGreaterThanOrEqual(deepest);
          deepest = state.maxDrawdownRatio;
        });
        expect(deepest).toBe(maxDrawdownRatioOf(equity));
      }),
      { seed: 1 },
    );
  });
});
