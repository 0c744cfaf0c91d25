import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@qt/testing';
import { aStage, type Stage } from '../support/a-stage.ts';

let stage: Stage;
afterEach(() => stage.close(), 30_000);

describe('by the machine’s own clock', () => {
  it('trades against a market that runs by itself, and a stop is always there', async () => {
    stage = await aStage({ simulator: { SIM_SPEED: '1', SIM_START_MS: String(Date.now() + 1_000) } });
    // The venue starts seconds away from the machine's clock; the gate would rightly call that skewed.
    const limits = readFileSync('config/risk-limits.yaml', 'utf8').replace(
      /max_clock_offset_ms: \d+/,
      'max_clock_offset_ms: 60000',
    );
    const path = join(mkdtempSync(join(tmpdir(), 'qt-limits-')), 'risk-limits.yaml');
    writeFileSync(path, limits);
    await stage.startExec({ CLOCK: 'wall', RISK_LIMITS_FILE: path });
    await eventually(async () => {
      await stage.say({ symbol: 'BTCUSDT', direction: 'long' });
      await stage.idle();
      // A signal before the first mark is denied, and one after the entry too.
      expect(await stage.rows("SELECT 1 FROM risk_decisions WHERE action = 'enter'")).toHaveLength(1);
      expect(await stage.rows("SELECT 1 FROM orders WHERE leg = 'target' AND state = 'ACCEPTED'")).toHaveLength(1);
    });
    expect(await stage.get('/health')).toMatchObject({ binance_connected: true, open_positions: 1, status: 'healthy' });
    expect((await stage.invariants()).filter((verdict) => !verdict.holds)).toEqual([]);
  }, 60_000);
});
