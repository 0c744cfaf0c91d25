import { describe, expect, it } from '@jest/globals';
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
