import { describe, expect, it } from '@jest/globals';
import { dec } from '@qt/kernel';
import fc from 'fast-check';
import {
  dailyLossRatio,
  dailyPnl,
  dayStartOf,
  drawdownRatio,
  moveBaseline,
  shiftBaseline,
  viewAccount,
} from './account-arithmetic.ts';

const DAY_MS = 86_400_000;
const noon = 20_000 * DAY_MS + DAY_MS / 2;

describe('viewAccount', () => {
  it('adds long and short PnL and nets their exposure', () => {
    const view = viewAccount(dec(1000), [
      { position: { direction: 'long', quantity: dec(2), entryPrice: dec(100) }, markPrice: dec(110) },
      { position: { direction: 'short', quantity: dec(1), entryPrice: dec(50) }, markPrice: dec(60) },
    ]);
    expect(view).toEqual({
      walletUsdt: dec(1000),
      unrealizedPnlUsdt: dec(10),
      equityUsdt: dec(1010),
      grossExposureUsdt: dec(280),
      netExposureUsdt: dec(160),
    });
  });
});

describe('loss baseline', () => {
  it('starts each UTC day from the equity it finds and keeps the peak over days', () => {
    const first = moveBaseline(null, dec(1000), noon);
    const higher = moveBaseline(first, dec(1100), noon + 1);
    const nextDay = moveBaseline(higher, dec(990), noon + DAY_MS);
    expect(nextDay).toEqual({
      dayStartMs: dayStartOf(noon + DAY_MS),
      dayStartEquityUsdt: dec(990),
      peakEquityUsdt: dec(1100),
    });
    expect(drawdownRatio(nextDay, dec(990))).toEqual(dec('0.1'));
    expect(dailyPnl(nextDay, dec(990))).toEqual(dec(0));
  });

  it('property: loss and drawdown lie in 0 to 1 for solvent accounts and never fall when equity does', () => {
    const amounts = fc.integer({ min: 1, max: 1_000_000 });
    fc.assert(
      fc.property(fc.array(amounts, { minLength: 2, maxLength: 20 }), amounts, amounts, (path, a, b) => {
        const baseline = path.reduce<ReturnType<typeof moveBaseline> | null>(
          (so, equity, index) => moveBaseline(so, dec(equity), noon + index * 1000),
          null,
        );
        if (baseline === null) return;
        const [low, high] = [dec(Math.min(a, b)), dec(Math.max(a, b))];
        for (const ratio of [drawdownRatio, dailyLossRatio]) {
          expect(ratio(baseline, low).gte(ratio(baseline, high))).toBe(true);
          expect(ratio(baseline, low).gte(0) && ratio(baseline, low).lte(1)).toBe(true);
        }
      }),
    );
  });

  it('property: a deposit changes neither the daily PnL nor the fall from the peak in USDT', () => {
    const amounts = fc.integer({ min: 1000, max: 1_000_000 });
    fc.assert(
      fc.property(amounts, amounts, fc.integer({ min: -900, max: 100_000 }), (start, now, deposit) => {
        const baseline = moveBaseline(null, dec(start), noon);
        const shifted = shiftBaseline(baseline, dec(deposit));
        expect(dailyPnl(shifted, dec(now + deposit))).toEqual(dailyPnl(baseline, dec(now)));
      }),
    );
  });
});
