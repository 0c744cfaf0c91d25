import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CandleClosed, INTERVAL_MS, RegimeChanged, RegimeClassified } from '@qt/contracts';
import {
  CandleRepository,
  createDatabase,
  type Database,
  DeadLetterRepository,
  InboxRepository,
  OutboxRepository,
  RegimeHistoryRepository,
} from '@qt/database';
import { createRedisEventBus, type EventBus } from '@qt/event-bus';
import { AppError, wallClock } from '@qt/kernel';
import { RegimeEngine } from '@qt/regime';
import { buildHttpApp, type Component, Metrics } from '@qt/service-kit';
import { aDatabase, eventually, type RunningStore, silentLogger, startRedis } from '@qt/testing';
import request from 'supertest';
import { buildApp } from '../../src/app.ts';
import { createRegimeMetrics } from '../../src/regime-metrics.ts';
import { aCuttingProxy } from '../support/cutting-proxy.ts';
import { FakeVenue } from '../support/fake-venue.ts';
import { quietParts } from '../support/quiet-parts.ts';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT'];
const MINUTE_MS = INTERVAL_MS['1m'];

interface Said {
  readonly type: string;
  readonly key: string;
  readonly seq: number;
  readonly openTimeMs: number;
  readonly regimeId: number | null;
}

let redis: RunningStore;
let postgres: RunningStore;
let database: Database;

interface Running {
  readonly bus: EventBus;
  readonly components: readonly Component[];
  readonly http: ReturnType<typeof buildHttpApp>;
  stop(): Promise<void>;
  idle(): Promise<void>;
}

const running: Running[] = [];

const start = async (
  venue: FakeVenue,
  change: {
    readonly symbols?: readonly string[];
    readonly historyCandles?: number;
    readonly wrap?: (bus: EventBus) => EventBus;
    readonly through?: Database;
  } = {},
): Promise<Running> => {
  const store = change.through ?? database;
  const bus = createRedisEventBus({
    redisUrl: redis.url,
    source: 'regime-service',
    outbox: new OutboxRepository(store, wallClock),
    inbox: new InboxRepository(store, wallClock),
    deadLetters: new DeadLetterRepository(store, wallClock),
    clock: wallClock,
    logger: silentLogger,
  });
  const metrics = new Metrics('regime-service');
  const app = buildApp({
    symbols: change.symbols ?? SYMBOLS,
    interval: '1m',
    historyCandles: change.historyCandles ?? 300,
    source: venue,
    bus: change.wrap?.(bus) ?? bus,
    database: { name: 'postgres', start: async () => {}, stop: async () => {} },
    databasePoolSize: 10,
    candles: new CandleRepository(store),
    regimes: new RegimeHistoryRepository(store),
    clock: { nowMs: () => venue.nowMs() },
    marketClock: null,
    metrics: createRegimeMetrics(metrics),
    ...quietParts(),
    operatorKey: undefined,
  });
  const one: Running = {
    bus,
    components: app.components,
    http: buildHttpApp({
      view: { ...app, service: 'regime-service', version: '3.0.0', state: () => 'running' },
      metrics,
      logger: silentLogger,
      ...(app.routes ? { routes: app.routes } : {}),
    }),
    idle: async () => {
      // Twice, as `/idle` does: what the feed commits on the first round gives work to the bus.
      for (const component of [...app.components, ...app.components]) await component.idle?.();
    },
    stop: async () => {
      running.splice(running.indexOf(one), 1);
      for (const component of app.components.toReversed()) await component.stop();
    },
  };
  running.push(one);
  for (const component of app.components) await component.start();
  await one.idle();
  return one;
};

const said = async (): Promise<readonly Said[]> => {
  const { rows } = await database.query<Said>(
    `SELECT type, key, producer_seq::int AS seq,
       coalesce(payload->>'openTimeMs', payload->'candle'->>'openTimeMs', ((payload->>'candleClosedAtMs')::bigint - 60000)::text)::float8 AS "openTimeMs",
       (payload->'regime'->>'id')::int AS "regimeId"
     FROM outbox ORDER BY type, producer_seq`,
  );
  return rows;
};
const timesOf = (events: readonly Said[], type: string, symbol: string): readonly number[] =>
  events.filter((event) => event.type === type && event.key === symbol).map(({ openTimeMs }) => openTimeMs);
const minutesFrom = (startMs: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => startMs + index * MINUTE_MS);
const regimesOf = async (symbol: string): Promise<readonly unknown[]> =>
  (
    await database.query(
      `SELECT open_time_ms::float8, regime_id, dwell_candles, probabilities FROM regime_history
       WHERE symbol = $1 ORDER BY open_time_ms`,
      [symbol],
    )
  ).rows;

beforeAll(async () => {
  redis = await startRedis();
  postgres = await aDatabase();
  database = createDatabase({ url: postgres.url, applicationName: 'test' });
  await database.start();
}, 60_000);
afterAll(async () => {
  await database.stop();
  await postgres.stop();
  await redis.stop();
});
beforeEach(async () => {
  await database.query(
    'TRUNCATE candles, regime_history, regime_snapshots, outbox, inbox, producer_sequences, dead_letters',
  );
});
afterEach(async () => {
  for (let last = running.at(-1); last !== undefined; last = running.at(-1)) await last.stop();
});

describe('regime-service', () => {
  it('warms up on history without an event, then says each candle once, in order', async () => {
    const venue = new FakeVenue(SYMBOLS);
    const startMs = venue.nowMs();
    const service = await start(venue);
    expect(await said()).toEqual([]);
    const { rows } = await database.query('SELECT DISTINCT origin, is_published FROM candles');
    expect(rows).toEqual([{ origin: 'gap_fill', is_published: false }]);

    venue.closeMinutes(20);
    await service.idle();
    const events = await said();
    for (const symbol of SYMBOLS) {
      expect(timesOf(events, CandleClosed.type, symbol)).toEqual(minutesFrom(startMs, 20));
      expect(timesOf(events, RegimeClassified.type, symbol)).toEqual(minutesFrom(startMs, 20));
    }
    expect((await service.bus.idle()).published).toMatchObject({
      [CandleClosed.type]: 40,
      [RegimeClassified.type]: 40,
    });
    const { rows: payloads } = await database.query<{ payload: unknown }>(
      'SELECT payload FROM outbox WHERE type = $1',
      [RegimeClassified.type],
    );
    for (const { payload } of payloads) expect(RegimeClassified.payload.parse(payload).state).toBe('ready');
  });

  it('says a change of regime exactly where the classified regime changes', async () => {
    const venue = new FakeVenue(['BTCUSDT']);
    const service = await start(venue, { symbols: ['BTCUSDT'] });
    venue.closeMinutes(600);
    await service.idle();
    const events = await said();
    const ids = events.filter(({ type }) => type === RegimeClassified.type);
    const changes = ids.filter((event, index) => index > 0 && event.regimeId !== ids[index - 1]!.regimeId);
    expect(timesOf(events, RegimeChanged.type, 'BTCUSDT')).toEqual(changes.map(({ openTimeMs }) => openTimeMs));
  });

  it('fills a gap in the stream before the candle that shows it', async () => {
    const venue = new FakeVenue(SYMBOLS);
    const startMs = venue.nowMs();
    const service = await start(venue);
    venue.closeMinutes(2);
    venue.closeMinutes(3, { isSilent: true });
    venue.closeMinutes(1);
    await service.idle();
    expect(timesOf(await said(), CandleClosed.type, 'ETHUSDT')).toEqual(minutesFrom(startMs, 6));
    const { rows } = await database.query(
      'SELECT origin FROM candles WHERE is_published AND symbol = $1 ORDER BY open_time_ms',
      ['ETHUSDT'],
    );
    expect(rows.map((row) => row['origin'])).toEqual([
      'stream',
      'stream',
      'gap_fill',
      'gap_fill',
      'gap_fill',
      'stream',
    ]);
  });

  it('fetches after a reconnection what it did not hear', async () => {
    const venue = new FakeVenue(SYMBOLS);
    const startMs = venue.nowMs();
    const service = await start(venue);
    venue.closeMinutes(4, { isSilent: true });
    venue.reconnect();
    await service.idle();
    expect(timesOf(await said(), CandleClosed.type, 'BTCUSDT')).toEqual(minutesFrom(startMs, 4));
  });

  it('takes duplicates and old candles once', async () => {
    const venue = new FakeVenue(SYMBOLS);
    const startMs = venue.nowMs();
    const service = await start(venue);
    const candles = venue.closeMinutes(3);
    for (const candle of candles) venue.push(candle);
    await service.idle();
    expect(timesOf(await said(), CandleClosed.type, 'BTCUSDT')).toEqual(minutesFrom(startMs, 3));
  });

  it("refuses a broken candle and takes the venue's better version of it", async () => {
    const venue = new FakeVenue(['BTCUSDT']);
    const startMs = venue.nowMs();
    const service = await start(venue, { symbols: ['BTCUSDT'] });
    const [good] = venue.closeMinutes(1, { isSilent: true });
    venue.push({ ...good!, high: '1' });
    await service.idle();
    expect(await said()).toEqual([]);
    venue.closeMinutes(1);
    await service.idle();
    expect(timesOf(await said(), CandleClosed.type, 'BTCUSDT')).toEqual(minutesFrom(startMs, 2));
  });

  it('goes on after a restart without a hole, saying what closed meanwhile once, bit for bit as if it had never stopped', async () => {
    const interrupted = new FakeVenue(SYMBOLS);
    const startMs = interrupted.nowMs();
    const first = await start(interrupted);
    interrupted.closeMinutes(137);
    await first.idle();
    await first.stop();
    interrupted.closeMinutes(9, { isSilent: true });
    const second = await start(interrupted);
    interrupted.closeMinutes(60);
    await second.idle();
    const events = await said();
    expect(timesOf(events, CandleClosed.type, 'BTCUSDT')).toEqual(minutesFrom(startMs, 206));
    const afterRestart = await regimesOf('ETHUSDT');
    await second.stop();

    await database.query('TRUNCATE candles, regime_history, regime_snapshots, outbox, producer_sequences');
    const uninterrupted = new FakeVenue(SYMBOLS);
    const whole = await start(uninterrupted);
    uninterrupted.closeMinutes(206);
    await whole.idle();
    expect(await regimesOf('ETHUSDT')).toEqual(afterRestart);
  });

  it('learns from its stored candles when the saved state is of an older release, as at a first start', async () => {
    const venue = new FakeVenue(['BTCUSDT']);
    const first = await start(venue, { symbols: ['BTCUSDT'] });
    venue.closeMinutes(60);
    await first.idle();
    await first.stop();
    await database.query(`UPDATE regime_snapshots SET state = '{"version": 1, "intervalMs": 60000}'`);
    const stored = await new CandleRepository(database).listLast({ symbol: 'BTCUSDT', interval: '1m', limit: 300 });
    const expected = new RegimeEngine({ intervalMs: MINUTE_MS, warmupCandles: 200 });
    const newest = expected.calibrate(stored)!;

    const second = await start(venue, { symbols: ['BTCUSDT'] });
    const page = await request(second.http).get('/api/v1/regime/current?symbol=BTCUSDT').expect(200);
    expect(page.body).toMatchObject({
      openTimeMs: stored.at(-1)!.openTimeMs,
      state: 'ready',
      probabilities: newest.probabilities,
    });
    const told = await said();
    const closed = venue.closeMinutes(3);
    await second.idle();
    const rows = await new RegimeHistoryRepository(database).listLast({ symbol: 'BTCUSDT', interval: '1m', limit: 3 });
    const updates = closed.map((candle) => expected.update(candle));
    expect(rows.map(({ probabilities }) => probabilities)).toEqual(
      updates.map((update) => update.kind === 'classified' && update.probabilities),
    );
    // What was said before is not said again, and the state is usable from the first candle on.
    const events = await said();
    expect(timesOf(events, CandleClosed.type, 'BTCUSDT')).toEqual([
      ...timesOf(told, CandleClosed.type, 'BTCUSDT'),
      ...closed.map(({ openTimeMs }) => openTimeMs),
    ]);
    const { rows: saved } = await database.query<{ version: number }>(
      `SELECT (state->>'version')::int AS version FROM regime_snapshots`,
    );
    expect(saved[0]!.version).toBeGreaterThan(1);
  });

  it('still knows the regime when the snapshot is of the very last candle', async () => {
    const venue = new FakeVenue(['BTCUSDT']);
    const first = await start(venue, { symbols: ['BTCUSDT'] });
    const page = '/api/v1/regime/current?symbol=BTCUSDT';
    // The warm-up saved a snapshot; the next one is due after 50 candles.
    venue.closeMinutes(50);
    await first.idle();
    const before = (await request(first.http).get(page).expect(200)).body as object;
    await first.stop();
    const { rows } = await database.query(
      'SELECT 1 FROM regime_snapshots s WHERE open_time_ms = (SELECT max(open_time_ms) FROM candles)',
    );
    expect(rows).toHaveLength(1);
    const second = await start(venue, { symbols: ['BTCUSDT'] });
    expect((await request(second.http).get(page).expect(200)).body).toEqual(before);
  });

  it('keeps everything while Postgres is away, and says it once when it is back', async () => {
    const venue = new FakeVenue(SYMBOLS);
    const startMs = venue.nowMs();
    let failures = 0;
    const service = await start(venue, {
      wrap: (bus) =>
        new Proxy(bus, {
          get: (target, name) => {
            if (name === 'transact' && failures > 0) {
              failures -= 1;
              const error = new AppError('POSTGRES_UNREACHABLE', 'away', { retryable: true });
              return () => Promise.reject(error);
            }
            const value: unknown = Reflect.get(target, name, target);
            return typeof value === 'function' ? (value.bind(target) as unknown) : value;
          },
        }),
    });
    failures = 2;
    venue.closeMinutes(3);
    await service.idle();
    expect(failures).toBe(0);
    expect(timesOf(await said(), RegimeClassified.type, 'ETHUSDT')).toEqual(minutesFrom(startMs, 3));
  });

  it('says each candle once although its way to Postgres is cut again and again', async () => {
    const proxy = await aCuttingProxy(postgres.url);
    const through = createDatabase({ url: proxy.url, applicationName: 'cut', onIdleError: () => undefined });
    const venue = new FakeVenue(SYMBOLS);
    const startMs = venue.nowMs();
    const service = await start(venue, { through });
    for (let round = 0; round < 12; round += 1) {
      venue.closeMinutes(2);
      // A little later each time, so that the cut meets every step of the transaction.
      await sleep(1 + round / 2);
      proxy.cut();
    }
    await service.idle();
    const events = await said();
    for (const symbol of SYMBOLS) expect(timesOf(events, CandleClosed.type, symbol)).toEqual(minutesFrom(startMs, 24));
    expect(events.filter(({ type }) => type === RegimeClassified.type).map(({ seq }) => seq)).toEqual(
      Array.from({ length: 48 }, (_, index) => index + 1),
    );
    await service.stop();
    await through.stop();
    await proxy.stop();
  }, 60_000);

  it('asks again for a gap while the venue is away, and loses nothing', async () => {
    const venue = new FakeVenue(SYMBOLS);
    const startMs = venue.nowMs();
    const service = await start(venue);
    venue.closeMinutes(2, { isSilent: true });
    venue.isDown = true;
    venue.closeMinutes(1);
    const feed = service.components.find(({ name }) => name === 'market_feed');
    await eventually(async () => (await feed?.check?.())?.status === 'degraded');
    expect(await said()).toEqual([]);
    venue.isDown = false;
    await service.idle();
    expect(timesOf(await said(), CandleClosed.type, 'BTCUSDT')).toEqual(minutesFrom(startMs, 3));
    expect((await feed?.check?.())?.status).toBe('up');
  });

  it("answers the operators' pages from what was committed", async () => {
    const venue = new FakeVenue(SYMBOLS);
    const service = await start(venue);
    const [candle] = venue.closeMinutes(1);
    await service.idle();
    const get = (path: string) => request(service.http).get(path);

    const health = await get('/api/v1/health').expect(200);
    expect(health.body).toMatchObject({
      status: 'healthy',
      version: '3.0.0',
      components: { intelligent_transition_manager: 'running', integration_orchestrator: 'running', redis: 'running' },
    });
    const one = await get('/api/v1/regime/current?symbol=btcusdt').expect(200);
    expect(one.body).toMatchObject({ symbol: 'BTCUSDT', openTimeMs: candle!.openTimeMs, state: 'ready' });
    expect(one.body.probabilities).toHaveLength(18);
    expect((await get('/api/v1/regime/current').expect(200)).body.regimes).toHaveLength(2);
    const missing = await get('/api/v1/regime/current?symbol=NOPEUSDT').expect(404);
    expect(missing.body.error).toEqual({
      code: 'SYMBOL_UNKNOWN',
      message: 'found no market NOPEUSDT; this service follows BTCUSDT, ETHUSDT',
    });
    await get('/api/v1/regime/current?symbol=A&symbol=B').expect(400);
    await get('/api/v1/candles?symbol=ETHUSDT&limit=0').expect(400);
    const candles = await get('/api/v1/candles?symbol=ETHUSDT&limit=3').expect(200);
    expect(candles.body.candles).toHaveLength(3);
    expect(candles.body.candles[2]).toMatchObject({ openTimeMs: candle!.openTimeMs, origin: 'stream' });
    const metrics = await get('/metrics').expect(200);
    expect(metrics.text).toMatch(/regime_current\{symbol="BTCUSDT",interval="1m"\} \d+/);
    expect(metrics.text).toMatch(/regime_requests_total\{route="\/api\/v1\/regime\/current",status="404"\} 1/);
    expect(metrics.text).toMatch(/regime_detection_latency_seconds_bucket\{le="0.00005",interval="1m"\}/);
    expect((await get('/health').expect(200)).body).toMatchObject({
      status: 'healthy',
      last_candle_age_seconds: 0,
      feed: { is_connected: true, lag_seconds: 0, waiting_candles: 0 },
    });
  });

  it('names the symbols that the venue does not trade', async () => {
    await expect(start(new FakeVenue(['BTCUSDT']))).rejects.toThrow(/ETHUSDT, which the venue does not trade/);
  });

  it('takes the close of 50 markets in a few transactions', async () => {
    const symbols = Array.from({ length: 50 }, (_, index) => `COIN${index}USDT`);
    const venue = new FakeVenue(symbols);
    const service = await start(venue, { symbols, historyCandles: 50 });
    const times: number[] = [];
    for (let minute = 0; minute < 5; minute += 1) {
      const startedAt = performance.now();
      venue.closeMinutes(1);
      await service.idle();
      times.push(Math.round(performance.now() - startedAt));
    }
    process.stdout.write(`50 markets, one close, until every event is in Redis: ${times.join(', ')} ms\n`);
    const { rows } = await database.query<{ transactions: number }>(
      'SELECT count(DISTINCT xmin::text)::int AS transactions FROM candles WHERE is_published',
    );
    expect(rows[0]!.transactions).toBeLessThanOrEqual(10);
  }, 60_000);
});
