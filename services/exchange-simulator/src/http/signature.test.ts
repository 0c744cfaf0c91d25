import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ProtocolError } from './protocol-error.ts';
import { verifySignature, verifyTimestamp } from './signature.ts';

const SECRET = 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j';
const sign = (text: string): string => createHmac('sha256', SECRET).update(text).digest('hex');
const codeOf = (work: () => void): number | 'accepted' => {
  try {
    work();
    return 'accepted';
  } catch (thrown) {
    if (thrown instanceof ProtocolError) return thrown.code;
    throw thrown;
  }
};

describe('verifySignature', () => {
  // Golden value: Binance API documentation, "SIGNED endpoint examples".
  it('accepts the documented example', () => {
    const query =
      'symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559';
    const signature = 'c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71';
    expect(codeOf(() => verifySignature({ query: `${query}&signature=${signature}`, body: '' }, SECRET))).toBe(
      'accepted',
    );
  });

  it('accepts query and body signed as one text, wherever the signature stands', () => {
    const signature = sign('a=1b=2');
    expect(codeOf(() => verifySignature({ query: 'a=1', body: `b=2&signature=${signature}` }, SECRET))).toBe(
      'accepted',
    );
    expect(codeOf(() => verifySignature({ query: `a=1&signature=${signature}`, body: 'b=2' }, SECRET))).toBe(
      'accepted',
    );
  });

  it.each([
    { name: 'no signature', query: 'a=1', code: -1102 },
    { name: 'another text', query: `a=2&signature=${sign('a=1')}`, code: -1022 },
    { name: 'no hex', query: 'a=1&signature=zzzz', code: -1022 },
    { name: 'cut short', query: `a=1&signature=${sign('a=1').slice(2)}`, code: -1022 },
  ])('refuses $name', ({ query, code }) => {
    expect(codeOf(() => verifySignature({ query, body: '' }, SECRET))).toBe(code);
  });
});

describe('verifyTimestamp', () => {
  const serverTimeMs = 1_700_000_000_000;
  it.each([
    { name: 'now', offset: 0, recvWindowMs: undefined, code: 'accepted' },
    { name: 'as old as its window', offset: -5_000, recvWindowMs: 5_000, code: 'accepted' },
    { name: 'older than its window', offset: -5_001, recvWindowMs: 5_000, code: -1021 },
    { name: 'older than the default', offset: -5_001, recvWindowMs: undefined, code: -1021 },
    { name: 'a little ahead', offset: 999, recvWindowMs: undefined, code: 'accepted' },
    { name: 'a second ahead', offset: 1_000, recvWindowMs: undefined, code: -1021 },
    { name: 'with a window past the longest', offset: 0, recvWindowMs: 60_001, code: -1131 },
  ])('$name', ({ offset, recvWindowMs, code }) => {
    const age = {
      timestampMs: serverTimeMs + offset,
      recvWindowMs,
      serverTimeMs,
      speed: 1,
      steppedFromMs: serverTimeMs,
    };
    expect(codeOf(() => verifyTimestamp(age))).toBe(code);
  });

  it('takes what was signed before the step that the market has just made', () => {
    const age = { timestampMs: serverTimeMs - 3_600_000, recvWindowMs: 2_500, serverTimeMs, speed: 1 };
    expect(codeOf(() => verifyTimestamp({ ...age, steppedFromMs: serverTimeMs - 3_600_000 }))).toBe('accepted');
    expect(codeOf(() => verifyTimestamp({ ...age, steppedFromMs: serverTimeMs - 3_500_000 }))).toBe(-1021);
  });

  it('stretches the allowances with the speed of the market: network delay is wall time', () => {
    const age = { timestampMs: serverTimeMs - 60_000, recvWindowMs: 5_000, serverTimeMs, steppedFromMs: serverTimeMs };
    expect(codeOf(() => verifyTimestamp({ ...age, speed: 60 }))).toBe('accepted');
    expect(codeOf(() => verifyTimestamp({ ...age, speed: 1 }))).toBe(-1021);
  });
});
