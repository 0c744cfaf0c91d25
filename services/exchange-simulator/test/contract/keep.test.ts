import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SimulatorProcess } from './simulator-process.ts';

interface Position {
  readonly symbol: string;
  readonly positionAmt: string;
}

describe('an account that is kept', () => {
  let folder: string;
  const start = (env: Readonly<Record<string, string>> = {}): Promise<SimulatorProcess> =>
    SimulatorProcess.start({
      SIM_LEDGER_FILE: join(folder, 'ledger.jsonl'),
      SIM_STATE_FILE: join(folder, 'account.json'),
      ...env,
    });
  const keep = { SIM_KEEP_ACCOUNT: 'true' };
  const positions = async (simulator: SimulatorProcess): Promise<readonly Position[]> =>
    (await simulator.signed('GET', '/fapi/v3/positionRisk')).body as Position[];
  const tradeAndStop = async (): Promise<number> => {
    const simulator = await start();
    await simulator.signed('POST', '/fapi/v1/order', {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'MARKET',
      quantity: '0.010',
    });
    await simulator.playCandles(2);
    const { timeMs } = await simulator.state();
    await simulator.stop();
    return timeMs;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'qt-keep-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is there again after a clean stop, at the same market time, and only when it is asked for', async () => {
    const timeMs = await tradeAndStop();
    const kept = await start(keep);
    expect(await positions(kept)).toMatchObject([{ symbol: 'BTCUSDT', positionAmt: '0.010' }]);
    expect(await kept.state()).toMatchObject({ timeMs });
    await kept.stop();
    const fresh = await start();
    expect(await positions(fresh)).toEqual([]);
    await fresh.stop();
  });

  it('is refused when the simulator did not come to a clean stop', async () => {
    await tradeAndStop();
    appendFileSync(join(folder, 'ledger.jsonl'), '{"seq":999,"timeMs":1,"kind":"fill"}\n');
    await expect(start(keep)).rejects.toThrow(/ended with 78[\s\S]*ACCOUNT_NOT_KEPT[\s\S]*was killed/);
  });

  it('is refused on another market, naming both', async () => {
    await tradeAndStop();
    await expect(start({ ...keep, SIM_SEED: '2' })).rejects.toThrow(/ended with 78[\s\S]*seed 1[\s\S]*seed 2/);
    await expect(start({ ...keep, SIM_SYMBOLS: 'ETHUSDT' })).rejects.toThrow(/ended with 78[\s\S]*holds BTCUSDT/);
  });
});
