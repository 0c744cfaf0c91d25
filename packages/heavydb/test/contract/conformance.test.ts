import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Candle } from '@qt/contracts';
import {
  CandleRepository,
  createDatabase,
  type Database,
  type RegimePattern,
  RegimePatternRepository,
} from '@qt/database';
import { CANDLE_TABLE, HeavyDbCandleSource, HeavyDbConnection, HeavyDbPatternStore, PATTERN_TABLE } from '@qt/heavydb';
import { aCandle, aDatabase, type RunningStore } from '@qt/testing';
import { aStandIn, type StandIn } from '../heavydb-stand-in.ts';

const MINUTE_MS = 60_000;
const MARKET = { symbol: 'BTCUSDT', interval: '1m' } as const;

/** What both stores must be able to do. */
interface Stores {
  readonly candles: {
    candles(query: { symbol: string; interval: '1m'; startMs: number; endMs: number }): Promise<readonly Candle[]>;
  };
  readonly patterns: {
    save(patterns: readonly RegimePattern[]): Promise<void>;
    listNewest(market: { symbol: string; interval: string }): Promise<readonly RegimePattern[]>;
  };
  /** Puts candles in, in the order given. */
  readonly fill: (candles: readonly Candle[]) => Promise<void>;
}

let postgres: RunningStore;
let database: Database;
let heavydb: StandIn;
let connection: HeavyDbConnection;
const stores: Partial<Record<'postgres' | 'heavydb', Stores>> = {};

beforeAll(async () => {
  postgres = await aDatabase();
  database = createDatabase({ url: postgres.url, applicationName: 'test', maxConnections: 2 });
  const repository = new CandleRepository(database);
  stores.postgres = {
    candles: repository,
    patterns: new RegimePatternRepository(database),
    fill: async (candles) => {
      const rows = candles.map((candle) => ({ ...candle, origin: 'stream' as const, isPublished: true }));
      await database.transaction((tx) => repository.add(tx, rows));
    },
  };
  heavydb = await aStandIn();
  connection = new HeavyDbConnection({ url: heavydb.url });
  await connection.start();
  for (const table of [CANDLE_TABLE, PATTERN_TABLE]) await connection.query(table);
  stores.heavydb = {
    candles: new HeavyDbCandleSource(connection),
    patterns: new HeavyDbPatternStore<RegimePattern['kind']>(connection),
    fill: async (candles) => {
      for (const { symbol, interval, openTimeMs, open, high, low, close, volume } of candles)
        await connection.query(
          `INSERT INTO market_candles (symbol, candle_interval, open_time_ms, open_price, high_price, low_price, close_price, volume)
           VALUES ('${symbol}', '${interval}', ${openTimeMs}, ${open}, ${high}, ${low}, ${close}, ${volume})`,
        );
    },
  };
}, 60_000);
afterAll(async () => {
  await connection.stop();
  await heavydb.stop();
  await database.stop();
  await postgres.stop();
});

const minute = (index: number, change: Partial<Candle> = {}): Candle =>
  aCandle({ ...MARKET, openTimeMs: index * MINUTE_MS, ...change });
const aPattern = (change: Partial<RegimePattern> = {}): RegimePattern => ({
  ...MARKET,
  kind: 'durations',
  analyzedAtMs: 1_700_000_000_000,
  fromMs: 0,
  toMs: 900,
  candles: 16,
  pattern: { mean: 0.1 + 0.2, note: "it's 1 AND 2 = 3, (or) not", list: [1e-7, 5] },
  ...change,
});

describe.each(['postgres', 'heavydb'] as const)('%s', (name) => {
  const these = (): Stores => stores[name]!;

  it('gives candles of a range, oldest first, the end exclusive, of one market only', async () => {
    const [first, second, third] = [
      minute(1, { close: '16539.12345678' }),
      minute(2, { volume: '0', low: '0.00000012', open: '0.5', close: '0.5' }),
      minute(3, { high: '999999.99999999' }),
    ];
    await these().fill([third!, first!, minute(2, { symbol: 'ETHUSDT' }), second!]);
    const range = { ...MARKET, startMs: MINUTE_MS, endMs: 4 * MINUTE_MS };
    expect(await these().candles.candles(range)).toEqual([first, second, third]);
    expect(await these().candles.candles({ ...range, endMs: 3 * MINUTE_MS })).toEqual([first, second]);
    expect(await these().candles.candles({ ...range, startMs: MINUTE_MS + 1 })).toEqual([second, third]);
    expect(await these().candles.candles({ ...range, symbol: 'NONE' })).toEqual([]);
  });

  it('keeps patterns per look, the newest of each kind in sight', async () => {
    const { patterns } = these();
    const later = { analyzedAtMs: 1_700_000_000_001 };
    await patterns.save([aPattern({ kind: 'sequences' }), aPattern(), aPattern({ symbol: 'ETHUSDT' })]);
    await patterns.save([aPattern({ ...later, candles: 17 })]);
    expect(await patterns.listNewest(MARKET)).toEqual([
      aPattern({ ...later, candles: 17 }),
      aPattern({ kind: 'sequences' }),
    ]);
    // The same look again replaces what it found.
    await patterns.save([aPattern({ ...later, candles: 18 })]);
    expect((await patterns.listNewest(MARKET))[0]).toEqual(aPattern({ ...later, candles: 18 }));
    expect(await patterns.listNewest({ ...MARKET, interval: '5m' })).toEqual([]);
    await patterns.save([]);
  });

  it('keeps its own when two looks are saved at once', async () => {
    const { patterns } = these();
    const at = (candles: number) => aPattern({ symbol: 'SOLUSDT', candles });
    await Promise.all([patterns.save([at(1)]), patterns.save([at(1)]), patterns.save([at(1)])]);
    expect(await patterns.listNewest({ ...MARKET, symbol: 'SOLUSDT' })).toEqual([at(1)]);
  });
});

describe('heavydb', () => {
  it('says what the server refused', async () => {
    await expect(connection.query('SELECT version()')).rejects.toMatchObject({
      code: 'HEAVYDB_REFUSED',
      retryable: false,
      message: expect.stringMatching(/SQL Error: Encountered "SELECT version\(\)"/),
    });
    const stranger = new HeavyDbConnection({ url: heavydb.url.replace('open%20sesame', 'guess') });
    await expect(stranger.start()).rejects.toMatchObject({ code: 'HEAVYDB_REFUSED' });
  });

  it('lets no value out of its quotes', async () => {
    const source = new HeavyDbCandleSource(connection);
    const range = { interval: '1m', startMs: 0, endMs: 1e15 } as const;
    expect(await source.candles({ ...range, symbol: `x' OR symbol = 'BTCUSDT` })).toEqual([]);
    for (const symbol of ['a\\', 'a\nb'])
      await expect(source.candles({ ...range, symbol })).rejects.toMatchObject({ code: 'HEAVYDB_VALUE_INVALID' });
    await expect(source.candles({ ...range, symbol: 'A', endMs: 0.5 })).rejects.toMatchObject({
      code: 'HEAVYDB_VALUE_INVALID',
    });
  });

  it('says when the server is gone, waits for it no longer than told, and goes on when it is back', async () => {
    const own = await aStandIn();
    const client = new HeavyDbConnection({ url: own.url, deadlineMs: 300 });
    await client.start();
    expect(client.check()).toEqual({ status: 'up' });
    await own.stop();
    await expect(client.query(CANDLE_TABLE)).rejects.toMatchObject({ code: 'HEAVYDB_UNREACHABLE', retryable: true });
    expect(client.check()).toMatchObject({ status: 'down', detail: expect.not.stringContaining('sesame') });
    const back = await aStandIn({ port: Number(new URL(own.url).port) });
    await client.query(CANDLE_TABLE);
    expect(client.check()).toEqual({ status: 'up' });
    await client.stop();
    await back.stop();
  });
});
