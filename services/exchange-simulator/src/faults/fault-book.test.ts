import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FaultBook } from './fault-book.ts';
import { FaultRule } from './fault-rule.ts';

const rule = (fields: object): FaultRule => FaultRule.parse(fields);
const aBook = (clock = { nowMs: 1_000 }, seed = 1) => new FaultBook({ seed, nowMs: () => clock.nowMs });
const order = { kinds: ['drop_reply', 'error_1007'] as const, method: 'POST', path: '/fapi/v1/order' };

describe('FaultBook', () => {
  it('skips the first `after`, then strikes `times` times', () => {
    const book = aBook();
    book.add(rule({ kind: 'drop_reply', method: 'POST', path: '/fapi/v1/order', times: 2, after: 1 }));
    const strikes = [1, 2, 3, 4].map(() => book.strike(order)?.kind);
    expect(strikes).toEqual([undefined, 'drop_reply', 'drop_reply', undefined]);
    expect(book.list()).toMatchObject([{ id: 'fault-1', seen: 3, struck: 2 }]);
  });

  it('leaves other paths, methods and kinds alone', () => {
    const book = aBook();
    book.add(rule({ kind: 'drop_reply', method: 'POST', path: '/fapi/v1/order' }));
    expect(book.strike({ ...order, path: '/fapi/v1/order/test' })).toBeUndefined();
    expect(book.strike({ ...order, method: 'DELETE' })).toBeUndefined();
    expect(book.strike({ ...order, kinds: ['user_event_delay'] })).toBeUndefined();
    expect(book.strike(order)).toMatchObject({ faultId: 'fault-1' });
  });

  it('strikes each n-th after the first few', () => {
    const book = aBook();
    book.add(rule({ kind: 'drop_reply', after: 1, every: 2, times: 2 }));
    const strikes = Array.from({ length: 7 }, () => book.strike(order) !== undefined);
    expect(strikes).toEqual([false, false, true, false, true, false, false]);
  });

  it('strikes only inside its time, which counts from the moment it begins to stand', () => {
    const clock = { nowMs: 1_000 };
    const book = aBook(clock);
    book.add(rule({ kind: 'drop_reply', fromMs: '+1s', untilMs: '+3s' }));
    const strikes = [1_999, 2_000, 3_000, 4_000, 4_001].map((nowMs) => {
      clock.nowMs = nowMs;
      return book.strike(order) !== undefined;
    });
    expect(strikes).toEqual([false, true, true, true, false]);
    expect(book.waiting('drop_reply')).toEqual([]);
  });

  it.each([
    { wanted: '/fapi/v1/order', accountIds: ['a'], isStruck: true },
    { wanted: '/fapi/*', accountIds: ['a', 'b'], isStruck: true },
    { wanted: '/fapi/v1/ord', accountIds: ['a'], isStruck: false },
    { wanted: '/fapi/*', accountIds: ['b'], isStruck: false },
    { wanted: '/fapi/*', accountIds: [], isStruck: false },
  ])('a rule for a on $wanted, asked by $accountIds: $isStruck', ({ wanted, accountIds, isStruck }) => {
    const book = aBook();
    book.add(rule({ kind: 'drop_reply', accountId: 'a', path: wanted }));
    expect(book.strike({ ...order, accountIds }) !== undefined).toBe(isStruck);
  });

  it('property: no rule changes when another strikes, comes or goes', () => {
    const aLot = fc.record({
      after: fc.integer({ min: 0, max: 3 }),
      every: fc.integer({ min: 1, max: 3 }),
      probability: fc.double({ min: 0.1, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(aLot, fc.array(aLot, { maxLength: 3 }), fc.nat(), (mine, others, seed) => {
        const alone = aBook(undefined, seed);
        alone.add(rule({ ...mine, id: 'mine', kind: 'drop_reply' }));
        const crowded = aBook(undefined, seed);
        // First in line, so that it is never beaten to a strike it would make.
        crowded.add(rule({ ...mine, id: 'mine', kind: 'drop_reply' }));
        for (const other of others) crowded.add(rule({ ...other, kind: 'error_1007' }));
        for (let turn = 0; turn < 40; turn += 1) {
          const expected = alone.strike(order)?.faultId;
          const found = crowded.strike(order)?.faultId;
          expect(found === 'mine' ? found : undefined).toBe(expected);
        }
      }),
    );
  });

  it('a rule that is beaten to a strike has still seen the occasion', () => {
    const book = aBook();
    book.add(rule({ kind: 'drop_reply', times: 2 }));
    book.add(rule({ kind: 'error_1007', every: 2, times: 1 }));
    expect([1, 2, 3, 4].map(() => book.strike(order)?.kind)).toEqual([
      'drop_reply',
      'drop_reply',
      undefined,
      'error_1007',
    ]);
  });

  it('a rule of the same name takes the place of the old one', () => {
    const book = aBook();
    book.add(rule({ id: 'mine', kind: 'drop_reply' }));
    book.add(rule({ id: 'mine', kind: 'error_1007' }));
    expect(book.list()).toMatchObject([{ id: 'mine', kind: 'error_1007' }]);
    expect(book.remove('mine')).toBe(true);
    expect(book.remove('mine')).toBe(false);
  });

  it('forgets all rules', () => {
    const book = aBook();
    book.add(rule({ kind: 'drop_reply' }));
    expect(book.clear()).toBe(1);
    expect(book.strike(order)).toBeUndefined();
  });

  it.each([{ kind: 'meteor' }, { kind: 'reset', times: 0 }, { kind: 'reset', unknown: 1 }])(
    'refuses the rule %j',
    (bad) => {
      expect(FaultRule.safeParse(bad).success).toBe(false);
    },
  );
});
