import { describe, expect, it } from '@jest/globals';
import { Outages } from './outages.ts';

const NOON_MS = 1_704_110_400_000;

const theOutages = (speed = 1) => {
  const clock = { nowMs: NOON_MS };
  return { clock, outages: new Outages({ nowMs: () => clock.nowMs, speed }) };
};
const aBan = { faultId: 'f', kind: 'error_418', accountId: undefined, banMs: undefined } as const;

describe('Outages', () => {
  it('tells the end of a ban in market time and the wait in wall seconds', () => {
    const { outages } = theOutages(60);
    const { body, headers } = outages.ban({ ...aBan, banMs: 3_600_000 });
    expect(body).toMatchObject({ msg: expect.stringContaining(`banned until ${NOON_MS + 3_600_000}.`) });
    expect(headers).toEqual({ 'retry-after': '60' });
  });

  it('a ban without length is only this answer', () => {
    const { outages } = theOutages();
    expect(outages.ban({ ...aBan, kind: 'error_429', banMs: 0 }).status).toBe(429);
    expect(outages.refuse('', '/')).toBeUndefined();
  });

  it('a ban weighs more than a limit, and an account is not everybody', () => {
    const { outages } = theOutages();
    outages.ban({ ...aBan, kind: 'error_429' });
    outages.ban({ ...aBan, accountId: 'bob' });
    expect(outages.refuse('bob', '/')?.answer.status).toBe(418);
    expect(outages.refuse('alice', '/')?.answer.status).toBe(429);
  });

  it('a second maintenance takes the place of the first', () => {
    const { clock, outages } = theOutages();
    outages.startMaintenance('a', undefined);
    outages.startMaintenance('b', 1_000);
    expect(outages.refuse('', '/')?.faultId).toBe('b');
    clock.nowMs += 1_000;
    expect(outages.isInMaintenance).toBe(false);
  });
});
