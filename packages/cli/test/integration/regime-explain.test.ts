import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  aDatabase,
  eventually,
  freePort,
  type RunningSimulator,
  type RunningStore,
  type ServiceProcess,
  startRedis,
  startService,
  startSimulator,
} from '@qt/testing';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const START_MS = Date.UTC(2024, 0, 3);
const ANSWER_DEADLINE = { timeoutMs: 20_000, intervalMs: 200 };

let redis: RunningStore;
let postgres: RunningStore;
let simulator: RunningSimulator;
let service: ServiceProcess;

const qt = async (
  ...args: readonly string[]
): Promise<{ readonly stdout: string; readonly stderr: string; readonly code: number }> => {
  const env = { ...process.env, NODE_OPTIONS: '', QT_RUNTIME_DIR: '/nonexistent' };
  try {
    return { ...(await promisify(execFile)(process.execPath, [MAIN, 'regime', ...args], { env })), code: 0 };
  } catch (error) {
    const { stdout, stderr, code } = error as { stdout: string; stderr: string; code: number };
    return { stdout, stderr, code };
  }
};

beforeAll(async () => {
  [redis, postgres] = [await startRedis(), await aDatabase()];
  simulator = await startSimulator({
    env: { SIM_SPEED: 'stepped', SIM_START_MS: String(START_MS), SIM_SYMBOLS: 'BTCUSDT,ETHUSDT', SIM_SEED: '3' },
  });
  service = await startService('regime-service', {
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    CLOCK: 'market',
    SYMBOLS: 'BTCUSDT,ETHUSDT',
    VENUE_REST_URL: simulator.restUrl,
    VENUE_WS_URL: simulator.wsUrl,
    HISTORY_CANDLES: '300',
  });
  await fetch(`${service.url}/idle`);
}, 60_000);
afterAll(async () => {
  await service.stop();
  await simulator.stop();
  await postgres.stop();
  await redis.stop();
}, 60_000);

describe('qt regime explain', () => {
  it('tells why each market is in its regime, from the running service', async () => {
    const { stdout, code } = await qt('explain', '--service', service.url);
    expect(code).toBe(0);
    for (const part of [
      /^BTCUSDT 1m, candle of 2024-01-02/m,
      /^ETHUSDT 1m/m,
      /volatility: low \d/,
      /What would change it:\n  volatility: .*must lead by \d.*\n  trend: .*must lead by \d/,
    ])
      expect(stdout).toMatch(part);
    expect(stdout).not.toContain('not told by this service');
    // The methods speak anew with each candle; of the history nothing is left but what was learned.
    expect(stdout.match(/known with the next candle/g)).toHaveLength(2 * 7);
    expect(stdout).not.toMatch(/undefined|NaN/);
  });

  it('prints one market as JSON', async () => {
    const { stdout } = await qt('explain', '--service', service.url, '--symbol', 'ethusdt', '--json');
    const [one, ...others] = JSON.parse(stdout) as { market: { symbol: string }; factors: number[] }[];
    expect(others).toEqual([]);
    expect(one!.market.symbol).toBe('ETHUSDT');
    expect(one!.factors).toHaveLength(10);
  });

  it('says which markets there are, and where no service answers', async () => {
    expect((await qt('explain', '--service', service.url, '--symbol', 'NOPEUSDT')).stderr).toMatch(
      /found no market NOPEUSDT; the service follows BTCUSDT, ETHUSDT/,
    );
    const away = await qt('explain', '--service', `http://127.0.0.1:${await freePort()}`);
    expect(away.stderr).toMatch(/found no regime service at/);
    expect(away.code).not.toBe(0);
  });
});

describe('qt regime report', () => {
  it('sums up the week from the record and the running service', async () => {
    const args = ['report', '--weekly', '--database', postgres.url, '--service', service.url, '--until', '2024-01-04'];
    const { stdout, code } = await qt(...args);
    expect(code).toBe(0);
    for (const part of [
      /BTCUSDT 1m: 300 candles/,
      /2024-01-02/,
      /changes?, \d/,
      /candle to commit: p50/,
      /memory \d+ MB/,
    ])
      expect(stdout).toMatch(part);
    expect(stdout).not.toMatch(/undefined|NaN/);
    const figures = JSON.parse((await qt(...args, '--symbol', 'BTCUSDT', '--json')).stdout) as { markets: unknown[] };
    expect(figures.markets).toHaveLength(1);
  });

  it('says what is missing when no service runs, and wants to know which report', async () => {
    const nobody = `http://127.0.0.1:${await freePort()}`;
    const { stdout } = await qt('report', '--weekly', '--database', postgres.url, '--service', nobody);
    // The record is of 2024: without --until the week ends with its newest candle, not with the wall's now.
    expect(stdout).toContain('BTCUSDT 1m: 300 candles');
    expect(stdout).toContain('does not answer');
    expect((await qt('report', '--database', postgres.url)).stderr).toMatch(/expected --weekly/);
  });
});

describe('qt regime explain, after a live candle', () => {
  it('tells method by method, with weights, once a candle has closed', async () => {
    await simulator.control.advance(START_MS + 2 * 60_000);
    await eventually(async () => {
      const { stdout } = await qt('explain', '--service', service.url);
      expect(stdout.match(/\(weight \d/g)?.length).toBeGreaterThanOrEqual(2 * 3 * 7);
      expect(stdout).not.toMatch(/undefined|NaN/);
    }, ANSWER_DEADLINE);
  });
});
