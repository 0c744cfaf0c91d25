import { describe, expect, it } from '@jest/globals';
import { ProtocolError } from './protocol-error.ts';
import { RateLimits, type Usage } from './rate-limits.ts';

const START_MS = 1_700_000_040_000; // the beginning of a minute
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MARKET_LAG_MS = 1_000_000;

const outcomeOf = (work: (usage: Usage) => void): { status: number; text: string } & Usage => {
  const usage: Usage = {};
  try {
    work(usage);
    return { status: 200, text: '', ...usage };
  } catch (thrown) {
    if (!(thrown instanceof ProtocolError)) throw thrown;
    return { status: thrown.status, text: `${thrown.code} ${thrown.message}`, ...usage };
  }
};

const anyLimits = (over: Partial<RateLimits['limits']> = {}) => {
  const limits = { weightPerMinute: 100, ordersPerTenSeconds: 3, ordersPerMinute: 5, ...over };
  const counted = new RateLimits(limits, (wallMs) => wallMs - MARKET_LAG_MS);
  const weigh = (weight: number, wallMs: number, ip = '10.0.0.1') =>
    outcomeOf((usage) => counted.useWeight(weight, { ip, wallMs }, usage));
  const order = (wallMs: number, accountId = 'a', ip = '10.0.0.1') =>
    outcomeOf((usage) => counted.countOrder({ accountId, countsAsOrders: 1 }, { ip, wallMs }, usage));
  const batch = (wallMs: number) =>
    outcomeOf((usage) => counted.countOrder({ accountId: 'a', countsAsOrders: 5 }, { ip: '10.0.0.1', wallMs }, usage));
  return { weigh, order, batch };
};

describe('RateLimits', () => {
  it('counts weight per address and minute, and says when to come again', () => {
    const { weigh } = anyLimits();
    expect(weigh(60, START_MS)).toMatchObject({ status: 200, weightIn1m: 60 });
    expect(weigh(40, START_MS + 15_000)).toMatchObject({ status: 200, weightIn1m: 100 });
    expect(weigh(1, START_MS + 15_000)).toEqual({
      status: 429,
      text: '-1003 Too many requests; current limit of IP(10.0.0.1) is 100 requests per minute. Please use the websocket for live updates to avoid polling the API.',
      weightIn1m: 101,
      retryAfterSeconds: 45,
    });
    expect(weigh(1, START_MS + 15_000, '10.0.0.2')).toMatchObject({ status: 200, weightIn1m: 1 });
    expect(weigh(1, START_MS + MINUTE_MS)).toMatchObject({ status: 200, weightIn1m: 1 });
  });

  it('counts orders per account in ten seconds and in a minute; what is refused does not count', () => {
    const { order } = anyLimits();
    for (const sent of [1, 2, 3]) {
      expect(order(START_MS)).toMatchObject({ status: 200, ordersIn10s: sent, ordersIn1m: sent });
    }
    expect(order(START_MS + 4_000)).toMatchObject({
      status: 429,
      text: '-1015 Too many new orders; current limit is 3 orders per 10 SECOND.',
      retryAfterSeconds: 6,
    });
    expect(order(START_MS, 'b')).toMatchObject({ status: 200, ordersIn1m: 1 });
    expect(order(START_MS + 10_000)).toMatchObject({ status: 200, ordersIn10s: 1, ordersIn1m: 4 });
    expect(order(START_MS + 10_000)).toMatchObject({ status: 200, ordersIn1m: 5 });
    expect(order(START_MS + 20_000)).toMatchObject({
      status: 429,
      text: '-1015 Too many new orders; current limit is 5 orders per 1 MINUTE.',
      retryAfterSeconds: 40,
    });
  });

  it('counts a batch as five in ten seconds and as one in a minute', () => {
    const { order, batch } = anyLimits({ ordersPerTenSeconds: 11 });
    expect(batch(START_MS)).toMatchObject({ status: 200, ordersIn10s: 5, ordersIn1m: 1 });
    expect(order(START_MS)).toMatchObject({ status: 200, ordersIn10s: 6, ordersIn1m: 2 });
    expect(batch(START_MS)).toMatchObject({ status: 200, ordersIn10s: 11, ordersIn1m: 3 });
    expect(batch(START_MS)).toMatchObject({ status: 429 });
    expect(batch(START_MS + 10_000)).toMatchObject({ status: 200, ordersIn10s: 5, ordersIn1m: 4 });
  });

  it('bans who goes on: two minutes, then twice as long each time, three days at most', () => {
    const { weigh } = anyLimits();
    const lengthsMs: number[] = [];
    let nowMs = START_MS;
    for (let bans = 0; bans < 14; bans += 1) {
      weigh(101, nowMs);
      for (let ignored = 0; ignored < 9; ignored += 1) expect(weigh(1, nowMs).status).toBe(429);
      const banned = weigh(1, nowMs);
      const untilMs = Number(/banned until (\d+)\./.exec(banned.text)?.[1]) + MARKET_LAG_MS;
      expect(banned).toMatchObject({ status: 418, retryAfterSeconds: (untilMs - nowMs) / 1_000 });
      expect(weigh(1, untilMs - 1).status).toBe(418);
      expect(weigh(1, untilMs - 1, '10.0.0.2').status).toBe(200);
      lengthsMs.push(untilMs - nowMs);
      nowMs = untilMs;
    }
    expect(lengthsMs.slice(0, 3)).toEqual([2 * MINUTE_MS, 4 * MINUTE_MS, 8 * MINUTE_MS]);
    expect(lengthsMs.slice(-2)).toEqual([72 * HOUR_MS, 72 * HOUR_MS]);
  });

  it('does not ban who backs off until the next minute', () => {
    const { weigh } = anyLimits();
    for (let minute = 0; minute < 20; minute += 1) {
      weigh(101, START_MS + minute * MINUTE_MS);
      expect(weigh(1, START_MS + minute * MINUTE_MS).status).toBe(429);
    }
  });

  it('without limits counts and refuses nothing', () => {
    const { weigh, order } = anyLimits({ weightPerMinute: null, ordersPerTenSeconds: null, ordersPerMinute: null });
    for (let sent = 1; sent < 50; sent += 1) {
      expect(weigh(1_000, START_MS)).toMatchObject({ status: 200, weightIn1m: sent * 1_000 });
      expect(order(START_MS)).toMatchObject({ status: 200, ordersIn1m: sent });
    }
  });
});
