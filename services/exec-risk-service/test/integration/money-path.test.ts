import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aStage, type Stage } from '../support/a-stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await aStage();
  await stage.startExec();
}, 60_000);
afterAll(() => stage.close(), 30_000);

describe('the money path', () => {
  it('a signal becomes a filled, protected position with its ledger; the horizon ends it; the checker agrees', async () => {
    await stage.advance(2);
    await stage.say({ symbol: 'BTCUSDT', horizonCandles: 3 });
    await stage.settled();
    const [decision] = await stage.rows('SELECT outcome, code, reason FROM risk_decisions');
    expect(decision).toMatchObject({ outcome: 'approved' });
    const orders = await stage.rows('SELECT leg, state FROM orders ORDER BY created_at_ms, leg');
    expect(orders).toEqual([
      { leg: 'entry', state: 'FILLED' },
      { leg: 'stop', state: 'ACCEPTED' },
      { leg: 'target', state: 'ACCEPTED' },
    ]);
    expect(await stage.rows("SELECT status FROM positions WHERE status = 'open'")).toHaveLength(1);
    await stage.advance(4);
    expect(await stage.rows("SELECT exit_reason FROM positions WHERE status = 'closed'")).toHaveLength(1);
    expect(await stage.invariants()).toEqual(
      (await stage.invariants()).map((verdict) => ({ ...verdict, holds: true })),
    );
  }, 60_000);
});
