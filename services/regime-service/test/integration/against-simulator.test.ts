import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, type Database } from '@qt/database';
import {
  aDatabase,
  eventually,
  type RunningSimulator,
  type RunningStore,
  type ServiceProcess,
  spawnService,
  startRedis,
  startService,
  startSimulator,
} from '@qt/testing';

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2024, 0, 1);
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];

let redis: RunningStore;
let postgres: RunningStore;
let database: Database;
let simulator: RunningSimulator;
const services: ServiceProcess[] = [];

const environment = (): Record<string, string> => ({
  DATABASE_URL: postgres.url,
  REDIS_URL: redis.url,
  CLOCK: 'market',
  SYMBOLS: SYMBOLS.join(','),
  VENUE_REST_URL: simulator.restUrl,
  VENUE_WS_URL: simulator.wsUrl,
  HISTORY_CANDLES: '300',
});
const startRegime = async (): Promise<ServiceProcess> => {
  const service = await startService('regime-service', environment());
  services.push(service);
  return service;
};
const idle = async (service: ServiceProcess): Promise<Record<string, number>> => {
  const response = await fetch(`${service.url}/idle`);
  const answer = (await response.json()) as { idle: boolean; published: Record<string, number> };
  expect(answer.idle).toBe(true);
  return answer.published;
};
/** Moves the market by so many candles, as the replay driver does. */
const step = async (count: number, service: ServiceProcess | null): Promise<void> => {
  for (let candle = 0; candle < count; candle += 1) {
    const { nextCloseMs } = await simulator.control.state();
    await simulator.control.advance(nextCloseMs!);
    await simulator.control.close();
    if (service !== null) await idle(service);
  }
};
const publishedTimes = async (symbol: string): Promise<readonly number[]> => {
  const { rows } = await database.query<{ openTimeMs: number }>(
    `SELECT (payload->>'openTimeMs')::float8 AS "openTimeMs" FROM outbox
     WHERE type = 'candle.closed' AND key = $1 ORDER BY producer_seq`,
    [symbol],
  );
  return rows.map(({ openTimeMs }) => openTimeMs);
};

beforeAll(async () => {
  redis = await startRedis();
  postgres = await aDatabase();
  database = createDatabase({ url: postgres.url, applicationName: 'test' });
  simulator = await startSimulator({
    env: { SIM_SPEED: 'stepped', SIM_START_MS: String(START_MS), SIM_SYMBOLS: SYMBOLS.join(','), SIM_SEED: '3' },
  });
}, 60_000);
afterAll(async () => {
  for (const service of services) await service.stop();
  await simulator.stop();
  await database.stop();
  await postgres.stop();
  await redis.stop();
}, 60_000);

describe('regime-service against the simulator', () => {
  it('says every candle once through a kill -9 and the candles that close while it is dead', async () => {
    const first = await startRegime();
    await step(20, first);
    await first.kill();
    await step(4, null);
    const second = await startRegime();
    await step(10, second);
    await step(1, null);
    await second.kill();
    const third = await startRegime();
    const published = await idle(third);
    expect(published).toMatchObject({ 'candle.closed': 105, 'regime.classified': 105 });
    const expected = Array.from({ length: 35 }, (_, index) => START_MS + index * MINUTE_MS);
    for (const symbol of SYMBOLS) expect(await publishedTimes(symbol)).toEqual(expected);
    await eventually(async () => {
      const { status, regimes } = (await (await fetch(`${third.url}/health`)).json()) as Record<string, unknown>;
      expect(status).toBe('healthy');
      expect(Object.keys(regimes as object)).toEqual(SYMBOLS);
    });
    await third.stop();
    expect(await third.exited()).toBe(0);
  }, 90_000);

  it('keeps up with a market in a hurry', async () => {
    const service = await startRegime();
    const candles = 100;
    const startedAt = performance.now();
    await step(candles, service);
    const perSecond = (candles * SYMBOLS.length * 1_000) / (performance.now() - startedAt);
    process.stdout.write(`stepped, ${SYMBOLS.length} markets: ${Math.round(perSecond)} candles/s\n`);
    expect(perSecond).toBeGreaterThan(20);
    await service.stop();
  }, 90_000);

  it.each([
    {
      name: 'an unknown symbol',
      change: { SYMBOLS: 'BTCUSDT,NOPEUSDT' },
      says: /NOPEUSDT, which the venue does not trade/,
    },
    {
      name: 'a shard without symbols',
      change: { SHARD_COUNT: '5', SHARD_INDEX: '4' },
      says: /SHARD_INDEX 4 of SHARD_COUNT 5/,
    },
    { name: 'a broken variable', change: { INTERVAL: '7m' }, says: /INTERVAL: found "7m"/ },
  ])(
    'ends with a sentence and code 78 on $name',
    async ({ change, says }) => {
      const service = await spawnService('regime-service', { ...environment(), ...change });
      services.push(service);
      expect(await service.exited()).toBe(78);
      expect(service.output()).toMatch(says);
    },
    30_000,
  );
});
