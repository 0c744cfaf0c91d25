import { describe, expect, it } from '@jest/globals';
import { RequestBudget } from './request-budget.ts';

describe('RequestBudget', () => {
  it('refuses what is too much within its minutes, and begins anew after them', () => {
    const clock = { wallMs: 0 };
    const budget = new RequestBudget({ most: 2, minutes: 5, wallMs: () => clock.wallMs });
    budget.spend();
    budget.spend();
    expect(() => budget.spend()).toThrow('current limit is 2 requests per 5 minutes');
    clock.wallMs = 300_000;
    expect(() => budget.spend()).not.toThrow();
  });
});
