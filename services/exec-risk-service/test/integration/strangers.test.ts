import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aStage, type Stage } from '../support/a-stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await aStage();
  await stage.startExec();
  await stage.advance(2);
}, 60_000);
afterEach(() => stage.close(), 30_000);

/** Places an order on the same account as somebody else would: by hand, past the service. */
const placeByHand = async (parameters: Record<string, string>): Promise<number> => {
  const { timeMs } = await stage.simulator.control.state();
  const query = new URLSearchParams({ ...parameters, timestamp: String(timeMs), recvWindow: '5000' }).toString();
  const signature = createHmac('sha256', stage.simulator.apiSecret).update(query).digest('hex');
  const response = await fetch(`${stage.simulator.restUrl}/fapi/v1/order?${query}&signature=${signature}`, {
    method: 'POST',
    headers: { 'X-MBX-APIKEY': stage.simulator.apiKey },
  });
  return response.status;
};

const broken = async () => (await stage.invariants()).filter((verdict) => !verdict.holds);

describe('what others do on the account', () => {
  it('a manual order on a flat symbol is booked, and what it opened is left reduce-only', async () => {
    expect(await placeByHand({ symbol: 'ETHUSDT', side: 'BUY', type: 'MARKET', quantity: '1' })).toBe(200);
    await stage.simulator.control.settle();
    await stage.idle();
    await stage.advance();
    const legs = await stage.rows('SELECT leg, state FROM orders ORDER BY created_at_ms, leg DESC');
    expect(legs).toEqual([
      { leg: 'external', state: 'FILLED' },
      { leg: 'exit', state: 'FILLED' },
    ]);
    expect(await broken()).toEqual([]);
  }, 60_000);

  it('a manual order against our position is booked; the stop goes with the position', async () => {
    await stage.say({ symbol: 'BTCUSDT', direction: 'long', horizonCandles: 50 });
    await stage.settled();
    const [position] = await stage.rows("SELECT quantity::text AS quantity FROM positions WHERE status = 'open'");
    expect(
      await placeByHand({ symbol: 'BTCUSDT', side: 'SELL', type: 'MARKET', quantity: String(position?.['quantity']) }),
    ).toBe(200);
    await stage.simulator.control.settle();
    await stage.idle();
    await stage.advance();
    expect(await stage.rows('SELECT status, exit_reason FROM positions')).toEqual([
      { status: 'closed', exit_reason: 'external' },
    ]);
    expect(await stage.rows("SELECT order_id FROM orders WHERE state = 'ACCEPTED'")).toEqual([]);
    expect(await broken()).toEqual([]);
  }, 60_000);

  it('what happened while the service was down is found in the list of trades', async () => {
    await stage.say({ symbol: 'BTCUSDT', direction: 'long', horizonCandles: 50 });
    await stage.settled();
    await stage.exec?.kill();
    const [position] = await stage.rows("SELECT quantity::text AS quantity FROM positions WHERE status = 'open'");
    await placeByHand({ symbol: 'BTCUSDT', side: 'SELL', type: 'MARKET', quantity: String(position?.['quantity']) });
    await stage.startExec();
    await stage.idle();
    expect(await stage.rows('SELECT status FROM positions')).toEqual([{ status: 'closed' }]);
    await stage.advance();
    expect(await broken()).toEqual([]);
  }, 60_000);

  it('a wide market stops us out on the venue, and the sibling is cleared', async () => {
    await stage.say(
      { symbol: 'BTCUSDT', direction: 'long', horizonCandles: 500, volatilityRatio: 0.0001 },
      { symbol: 'ETHUSDT', direction: 'short', horizonCandles: 500, volatilityRatio: 0.0001 },
      { symbol: 'SOLUSDT', direction: 'long', horizonCandles: 500, volatilityRatio: 0.0001 },
    );
    await stage.settled();
    await stage.advance(40);
    const reasons = await stage.rows("SELECT exit_reason FROM positions WHERE status = 'closed'");
    expect(reasons.length).toBeGreaterThan(0);
    for (const { exit_reason } of reasons) expect(['stop', 'target']).toContain(exit_reason);
    expect(await broken()).toEqual([]);
    const [resting] = await stage.rows(
      `SELECT count(*)::int AS n FROM orders o WHERE state IN ('ACCEPTED', 'TRIGGERED')
         AND NOT EXISTS (SELECT 1 FROM positions p WHERE p.symbol = o.symbol AND p.status = 'open')`,
    );
    expect(resting).toEqual({ n: 0 });
  }, 60_000);
});
