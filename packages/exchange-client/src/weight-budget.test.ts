import { describe, expect, it } from '@jest/globals';
import { MarketClock } from '@qt/kernel';
import { type BudgetRequest, createLocalWeightBudget } from './weight-budget.ts';

const START_MS = 1_700_000_040_000; // the first millisecond of a minute
const LIMITS = { weight1m: 100, orders10s: 10, orders1m: 20 };

const aBudget = () => {
  const clock = new MarketClock(START_MS);
  return { clock, budget: createLocalWeightBudget({ clock, limits: LIMITS }) };
};
const aRead = (weight: number): BudgetRequest => ({ weight, orders: 0, priority: 'normal' });
const anEntry: BudgetRequest = { weight: 0, orders: 1, priority: 'normal' };
const anExit: BudgetRequest = { weight: 0, orders: 1, priority: 'protective' };

describe('createLocalWeightBudget', () => {
  it('stops normal requests at 80 % and leaves the rest to protective ones', async () => {
    const { budget } = aBudget();
    expect(await budget.take(aRead(80))).toEqual({ kind: 'granted' });
    expect(await budget.take(aRead(1))).toMatchObject({
      kind: 'refused',
      reason: 'budget',
      retryAtMs: START_MS + 60_000,
    });
    expect(await budget.take({ weight: 20, orders: 0, priority: 'protective' })).toEqual({ kind: 'granted' });
    expect(await budget.take({ weight: 1, orders: 0, priority: 'protective' })).toMatchObject({ kind: 'refused' });
  });

  it('keeps 30 % of the orders for exits', async () => {
    const { budget } = aBudget();
    for (let entry = 0; entry < 7; entry += 1) expect(await budget.take(anEntry)).toEqual({ kind: 'granted' });
    expect(await budget.take(anEntry)).toMatchObject({ kind: 'refused', retryAtMs: START_MS + 10_000 });
    for (let exit = 0; exit < 3; exit += 1) expect(await budget.take(anExit)).toEqual({ kind: 'granted' });
    expect(await budget.take(anExit)).toMatchObject({ kind: 'refused' });
  });

  it('starts anew with the venue minute', async () => {
    const { budget, clock } = aBudget();
    await budget.take(aRead(80));
    clock.advanceTo(START_MS + 60_000);
    expect(await budget.take(aRead(80))).toEqual({ kind: 'granted' });
  });

  it('believes the venue when it has counted more', async () => {
    const { budget } = aBudget();
    await budget.report({ weight1m: 79, orders10s: null, orders1m: null });
    expect(await budget.take(aRead(2))).toMatchObject({ kind: 'refused' });
    await budget.report({ weight1m: 5, orders10s: null, orders1m: null });
    expect(await budget.take(aRead(2))).toMatchObject({ kind: 'refused' });
  });

  it.each([
    { name: '429 stops normal requests only', scope: 'normal', entry: 'budget', exit: undefined },
    { name: '418 stops everything', scope: 'all', entry: 'banned', exit: 'banned' },
  ] as const)('$name', async ({ scope, entry, exit }) => {
    const { budget, clock } = aBudget();
    await budget.hold(START_MS + 5_000, scope);
    const entryAnswer = await budget.take(anEntry);
    const exitAnswer = await budget.take(anExit);
    expect(entryAnswer.kind === 'refused' ? entryAnswer.reason : undefined).toBe(entry);
    expect(exitAnswer.kind === 'refused' ? exitAnswer.reason : undefined).toBe(exit);
    clock.advanceTo(START_MS + 5_000);
    expect(await budget.take(anEntry)).toEqual({ kind: 'granted' });
  });
});
