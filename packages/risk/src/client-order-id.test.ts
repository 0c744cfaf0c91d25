import { describe, expect, it } from '@jest/globals';
import { InvariantError, ulidOf } from '@qt/kernel';
import fc from 'fast-check';
import { clientOrderIdOf, type OwnLeg, parseClientOrderId } from './client-order-id.ts';

describe('client order id', () => {
  it('property: round trip, within the venue alphabet and length', () => {
    const legs = fc.constantFrom<OwnLeg>('entry', 'stop', 'target', 'exit');
    fc.assert(
      fc.property(fc.nat(4_000_000_000), legs, fc.nat(999), (timeMs, leg, attempt) => {
        const name = { decisionId: ulidOf(timeMs, 'test'), leg, attempt };
        const id = clientOrderIdOf(name);
        expect(id).toMatch(/^[.A-Z:/a-z0-9_-]{1,36}$/);
        expect(parseClientOrderId(id)).toEqual(name);
      }),
    );
  });

  it.each(['autoclose-123', 'web_abc', 'q1-short-E0', ''])('knows that %p is not ours', (id) => {
    expect(parseClientOrderId(id)).toBeNull();
  });

  it('stops on a decision id that is no ULID', () => {
    expect(() => clientOrderIdOf({ decisionId: 'x', leg: 'entry', attempt: 0 })).toThrow(InvariantError);
  });
});
