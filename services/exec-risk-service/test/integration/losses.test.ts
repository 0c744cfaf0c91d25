import { afterEach, describe, expect, it } from '@jest/globals';
import { aFallingMarket, limitsWith } from '../support/a-falling-market.ts';
import { aStage, type Stage } from '../support/a-stage.ts';

let stage: Stage;
afterEach(() => stage.close(), 30_000);

/** Twice the equity in one position whose stop is 6 % away: 1 % of price is 2 % of equity. */
const LARGE = {
  risk_per_trade_ratio: 0.2,
  max_symbol_equity_ratio: 2,
  max_gross_equity_ratio: 3,
  min_stop_ratio: 0.06,
};
const SYMBOLS = 'BTCUSDT,ETHUSDT';

const broken = async () => (await stage.invariants()).filter((verdict) => !verdict.holds);
const mode = async () => (await stage.get('/api/v1/control/mode'))['mode'];
const alerts = async () =>
  (await stage.rows("SELECT DISTINCT payload->>'code' AS code FROM outbox WHERE type = 'risk.alert' ORDER BY 1")).map(
    ({ code }) => code,
  );
const lastCode = async () =>
  (await stage.rows('SELECT code FROM risk_decisions ORDER BY decided_at_ms DESC, decision_id LIMIT 1'))[0]?.['code'];

const advanceUntil = async (isReached: () => Promise<boolean>): Promise<void> => {
  for (let candle = 0; candle < 20 && !(await isReached()); candle += 1) await stage.advance();
};

describe('losses that are still open', () => {
  it('trip the daily limit to REDUCE_ONLY, then the drawdown limit to HALT; no entry, but the exit works', async () => {
    stage = await aStage({ simulator: aFallingMarket({ perCandleRatio: 0.003 }) });
    await stage.startExec({ SYMBOLS, RISK_LIMITS_FILE: limitsWith(LARGE) });
    await stage.advance(2);
    await stage.say({ symbol: 'BTCUSDT', direction: 'long', horizonCandles: 100 });
    await stage.settled();
    expect(await stage.rows("SELECT 1 FROM positions WHERE status = 'open'")).toHaveLength(1);

    await advanceUntil(async () => (await mode()) !== 'ACTIVE');
    expect(await mode()).toBe('REDUCE_ONLY');
    expect(await alerts()).toEqual(['DAILY_LOSS_LIMIT']);
    const account = await stage.get('/api/v1/account');
    expect(Number(account['dailyPnlUsdt'])).toBeLessThanOrEqual(-300);
    expect(Number(account['dailyPnlUsdt'])).toBeGreaterThan(-400);
    await stage.say({ symbol: 'ETHUSDT', direction: 'long' });
    await stage.settled();
    expect(await lastCode()).toBe('MODE_FORBIDS_ENTRY');

    await advanceUntil(async () => (await mode()) !== 'REDUCE_ONLY');
    expect(await mode()).toBe('HALT');
    expect(await alerts()).toEqual(['DAILY_LOSS_LIMIT', 'DRAWDOWN_LIMIT']);
    expect(await stage.rows("SELECT 1 FROM orders WHERE leg = 'stop' AND state = 'ACCEPTED'")).toHaveLength(1);
    await stage.say({ symbol: 'BTCUSDT', direction: 'short' });
    await stage.settled();
    expect(await stage.rows('SELECT status, exit_reason FROM positions')).toEqual([
      { status: 'closed', exit_reason: 'signal' },
    ]);
    await stage.setMode('ACTIVE');
    await stage.advance();
    // The day's loss is still there, so no entry; but the drawdown counts from where the operator resumed.
    expect(await mode()).toBe('REDUCE_ONLY');
    expect(await broken()).toEqual([]);
  }, 60_000);
});

describe('a liquidation', () => {
  const start = async (): Promise<void> => {
    stage = await aStage({ simulator: aFallingMarket({ perCandleRatio: 0.005 }) });
    // At fifty times leverage the margin is gone long before the stop is reached.
    await stage.startExec({ SYMBOLS, RISK_LIMITS_FILE: limitsWith({ ...LARGE, max_leverage: 50 }) });
    await stage.advance(2);
    await stage.say({ symbol: 'BTCUSDT', direction: 'long', horizonCandles: 100 });
    await stage.settled();
    expect(await stage.rows("SELECT 1 FROM positions WHERE status = 'open'")).toHaveLength(1);
  };
  const isLiquidated = (): boolean => stage.ledgerText().includes('"origin":"liquidation"');
  const verifyHalted = async (): Promise<void> => {
    expect(await mode()).toBe('HALT');
    expect(await alerts()).toContain('LIQUIDATED');
    expect(await stage.rows("SELECT 1 FROM ledger_entries WHERE kind = 'liquidation_fee'")).not.toHaveLength(0);
    expect(await stage.rows("SELECT 1 FROM orders WHERE state IN ('ACCEPTED', 'TRIGGERED')")).toEqual([]);
    await stage.say({ symbol: 'ETHUSDT', direction: 'long' });
    await stage.settled();
    expect(await lastCode()).toBe('MODE_FORBIDS_ENTRY');
    expect(await broken()).toEqual([]);
  };

  it('is booked as what it is and ends in HALT', async () => {
    await start();
    await advanceUntil(() => Promise.resolve(isLiquidated()));
    await stage.advance();
    expect(await stage.rows('SELECT status, exit_reason FROM positions')).toEqual([
      { status: 'closed', exit_reason: 'liquidation' },
    ]);
    await verifyHalted();
  }, 60_000);

  it('that happened while the service was down ends in HALT as well', async () => {
    await start();
    await stage.exec?.kill();
    for (let candle = 0; candle < 20 && !isLiquidated(); candle += 1) {
      const { timeMs } = await stage.simulator.control.state();
      await stage.simulator.control.advance(timeMs + 60_000);
      await stage.simulator.control.close();
    }
    await stage.startExec({ SYMBOLS, RISK_LIMITS_FILE: limitsWith({ ...LARGE, max_leverage: 50 }) });
    await stage.idle();
    expect(await stage.rows('SELECT status FROM positions')).toEqual([{ status: 'closed' }]);
    await verifyHalted();
  }, 60_000);
});
