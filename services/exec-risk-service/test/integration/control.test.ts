import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exitOf } from '@qt/testing';
import { aStage, type Stage } from '../support/a-stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await aStage();
  await stage.startExec();
  await stage.advance(2);
}, 60_000);
afterAll(() => stage.close(), 30_000);

const lastCode = async () =>
  (await stage.rows('SELECT outcome, code FROM risk_decisions ORDER BY decided_at_ms DESC, decision_id LIMIT 1'))[0];

describe('hands on the wheel', () => {
  it('refuses a wrong key and a missing reason', async () => {
    expect((await stage.setMode('HALT', 'a-wrong-key-of-some-length')).status).toBe(401);
    expect((await stage.setMode('HALT', undefined, '')).status).toBe(400);
    expect(await stage.get('/api/v1/control/mode')).toMatchObject({ mode: 'ACTIVE', effectiveMode: 'ACTIVE' });
  });

  it('REDUCE_ONLY keeps the position and its stop, and lets nothing in', async () => {
    await stage.say({ symbol: 'BTCUSDT', horizonCandles: 50 });
    await stage.settled();
    expect((await stage.setMode('REDUCE_ONLY')).status).toBe(200);
    await stage.advance();
    await stage.say({ symbol: 'ETHUSDT' });
    await stage.settled();
    expect(await lastCode()).toEqual({ outcome: 'denied', code: 'MODE_FORBIDS_ENTRY' });
    expect(await stage.rows("SELECT 1 FROM orders WHERE leg = 'stop' AND state = 'ACCEPTED'")).toHaveLength(1);
    expect(await stage.get('/health')).toMatchObject({ open_positions: 1, trading_mode: 'REDUCE_ONLY' });
  });

  it('FLATTEN closes everything at once and clears what rested', async () => {
    expect((await stage.setMode('FLATTEN')).status).toBe(200);
    await stage.idle();
    expect(await stage.rows("SELECT exit_reason FROM positions WHERE status = 'closed'")).toEqual([
      { exit_reason: 'operator' },
    ]);
    expect(await stage.rows("SELECT 1 FROM orders WHERE state IN ('ACCEPTED', 'UNKNOWN', 'SENDING')")).toEqual([]);
  });

  it('a signal that turns leaves the position; the same direction is denied', async () => {
    await stage.setMode('ACTIVE');
    await stage.advance();
    await stage.say({ symbol: 'SOLUSDT', direction: 'long', horizonCandles: 50 });
    await stage.settled();
    await stage.advance();
    await stage.say({ symbol: 'SOLUSDT', direction: 'long' });
    await stage.settled();
    expect(await lastCode()).toEqual({ outcome: 'denied', code: 'ALREADY_POSITIONED' });
    await stage.advance();
    await stage.say({ symbol: 'SOLUSDT', direction: 'short' });
    await stage.settled();
    expect(await stage.rows("SELECT exit_reason FROM positions WHERE symbol = 'SOLUSDT'")).toEqual([
      { exit_reason: 'signal' },
    ]);
  });

  it('Postgres refuses an order without an approved decision, and an entry in HALT', async () => {
    const intent = (decisionId: string, leg: string) =>
      stage.rows(
        `INSERT INTO order_intents SELECT 'q1-${decisionId}-E9', '${decisionId}', '${leg}', 9, symbol, side, 'limit', quantity, 1, false,
           false, (SELECT leader_epoch FROM control), decided_at_ms, decided_at_ms, 0 FROM risk_decisions WHERE decision_id = '${decisionId}'`,
      );
    const [deniedOne] = await stage.rows(
      "SELECT decision_id AS id FROM risk_decisions WHERE outcome = 'denied' LIMIT 1",
    );
    const [approved] = await stage.rows("SELECT decision_id AS id FROM risk_decisions WHERE action = 'enter' LIMIT 1");
    await expect(intent(String(deniedOne?.['id']), 'entry')).rejects.toThrow(/needs an approved decision/);
    await expect(intent(String(approved?.['id']), 'entry')).rejects.toThrow(/its decision allows/);
    await expect(intent(String(approved?.['id']), 'exit')).rejects.toThrow(/could open a position/);
    await stage.setMode('HALT');
    await expect(intent(String(approved?.['id']), 'entry')).rejects.toThrow(/would enter in mode HALT/);
  });

  it('says what is wrong with its limits and ends with 78', async () => {
    const process = await stage.spawnExec({ RISK_LIMITS_FILE: 'biome.json' });
    expect((await exitOf(process.child)).code).toBe(78);
    expect(process.output()).toMatch(/RISK_LIMITS_INVALID.*biome\.json/s);
  });
});
