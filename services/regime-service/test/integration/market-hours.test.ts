import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase } from '@qt/database';
import {
  aDatabase,
  type RunningSimulator,
  type RunningStore,
  type ServiceProcess,
  startRedis,
  startService,
  startSimulator,
} from '@qt/testing';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];
const OPTIMIZER = '/api/v1/debug/state/dynamic_boundary_optimizer';

type Inside = Readonly<Record<string, { readonly candidate: object | null; readonly decisions: readonly object[] }>>;

const started: { stop(): Promise<unknown> }[] = [];
let redis: RunningStore;

beforeAll(async () => {
  redis = await startRedis();
}, 60_000);
afterAll(async () => {
  for (const one of started.toReversed()) await one.stop();
  await redis.stop();
}, 60_000);

const step = async (simulator: RunningSimulator, service: ServiceProcess | null): Promise<void> => {
  const { nextCloseMs } = await simulator.control.state();
  await simulator.control.advance(nextCloseMs!);
  await simulator.control.close();
  if (service !== null) expect((await fetch(`${service.url}/idle`)).status).toBe(200);
};

/** Walks the same market through ten minutes around midnight, and returns what was stored and what the optimizers then are. */
const replay = async ({ killedAt }: { readonly killedAt: number | null }) => {
  const env = {
    SIM_SPEED: 'stepped',
    SIM_START_MS: String(Date.UTC(2024, 0, 1) - 4 * 60_000),
    SIM_SYMBOLS: SYMBOLS.join(','),
    SIM_SEED: '3',
  };
  const simulator = await startSimulator({ env });
  const postgres = await aDatabase();
  const database = createDatabase({ url: postgres.url, applicationName: 'test' });
  started.push(postgres, database, simulator);
  const start = async (): Promise<ServiceProcess> => {
    const service = await startService('regime-service', {
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      CLOCK: 'market',
      SYMBOLS: SYMBOLS.join(','),
      VENUE_REST_URL: simulator.restUrl,
      VENUE_WS_URL: simulator.wsUrl,
      HISTORY_CANDLES: '1200',
    });
    started.push(service);
    return service;
  };
  let service = await start();
  const candidates: string[] = [];
  const inside = async (): Promise<Inside> =>
    ((await (await fetch(`${service.url}${OPTIMIZER}`)).json()) as { inside: Inside }).inside;
  for (let minute = 0; minute < 10; minute += 1) {
    if (minute === killedAt) {
      await service.kill();
      await step(simulator, null);
      service = await start();
      expect((await fetch(`${service.url}/idle`)).status).toBe(200);
    } else await step(simulator, service);
    const now = await inside();
    candidates.push(SYMBOLS.filter((symbol) => now[symbol]!.candidate !== null).join(' '));
  }
  const optimizers = await inside();
  const { rows } = await database.query(
    `SELECT to_jsonb(h) AS said FROM regime_history h ORDER BY symbol, open_time_ms`,
  );
  await service.stop();
  return { candidates, optimizers, rows };
};

describe('the hourly optimization of boundaries where candles move time', () => {
  it('comes with the hour of the candles, two markets at a time, and falls on the same candles after a kill -9', async () => {
    const whole = await replay({ killedAt: null });
    // The candles that open at 00:00 and 00:01 are the fifth and the sixth.
    expect(whole.candidates.slice(3, 6)).toEqual(['', 'BTCUSDT ETHUSDT', 'BTCUSDT ETHUSDT SOLUSDT']);
    // Dead while the hour begins: its candle is fetched, and the turn taken with it.
    const killed = await replay({ killedAt: 4 });
    expect(killed).toEqual(whole);
  }, 120_000);
});
