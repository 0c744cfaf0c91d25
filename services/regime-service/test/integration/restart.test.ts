import { describe, expect, it } from '@jest/globals';
import { CandleClosed, INTERVAL_MS } from '@qt/contracts';
import { CandleRepository, RegimeHistoryRepository } from '@qt/database';
import type { EventBus } from '@qt/event-bus';
import { AppError } from '@qt/kernel';
import { RegimeEngine } from '@qt/regime';
import { eventually } from '@qt/testing';
import request from 'supertest';
import { FakeVenue, SYMBOLS } from '../support/fake-venue.ts';
import { aServiceWorld, minutesFrom, timesOf } from '../support/service-world.ts';

const MINUTE_MS = INTERVAL_MS['1m'];

/** Wraps a bus so that `transact` is asked first: it returns what the transaction fails with, or null. */
const askedFirst =
  (verdict: () => Error | null) =>
  (bus: EventBus): EventBus =>
    new Proxy(bus, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        if (name !== 'transact') return value.bind(target) as unknown;
        return (work: Parameters<EventBus['transact']>[0]) => {
          const error = verdict();
          return error === null ? target.transact(work) : Promise.reject(error);
        };
      },
    });
const away = (): AppError => new AppError('POSTGRES_UNREACHABLE', 'away', { retryable: true });

const world = aServiceWorld();

describe('a restart', () => {
  it('goes on after a restart without a hole, saying what closed meanwhile once, bit for bit as if it had never stopped', async () => {
    const interrupted = new FakeVenue(SYMBOLS);
    const startMs = interrupted.nowMs();
    const first = await world().start(interrupted);
    interrupted.closeMinutes(137);
    await first.idle();
    await first.stop();
    interrupted.closeMinutes(9, { isSilent: true });
    const second = await world().start(interrupted);
    interrupted.closeMinutes(60);
    await second.idle();
    const events = await world().said();
    expect(timesOf(events, CandleClosed.type, 'BTCUSDT')).toEqual(minutesFrom(startMs, 206));
    const afterRestart = await world().regimesOf('ETHUSDT');
    await second.stop();

    await world().database.query('TRUNCATE candles, regime_history, regime_snapshots, outbox, producer_sequences');
    const uninterrupted = new FakeVenue(SYMBOLS);
    const whole = await world().start(uninterrupted);
    uninterrupted.closeMinutes(206);
    await whole.idle();
    expect(await world().regimesOf('ETHUSDT')).toEqual(afterRestart);
  });

  it('learns from its stored candles when the saved state is of an older release, as at a first start', async () => {
    const venue = new FakeVenue(['BTCUSDT']);
    const first = await world().start(venue, { symbols: ['BTCUSDT'] });
    venue.closeMinutes(60);
    await first.idle();
    await first.stop();
    await world().database.query(`UPDATE regime_snapshots SET state = '{"version": 1, "intervalMs": 60000}'`);
    const stored = await new CandleRepository(world().database).listLast({
      symbol: 'BTCUSDT',
      interval: '1m',
      limit: 300,
    });
    const expected = new RegimeEngine({ intervalMs: MINUTE_MS, warmupCandles: 200 });
    const newest = expected.calibrate(stored)!;

    const second = await world().start(venue, { symbols: ['BTCUSDT'] });
    const page = await request(second.http).get('/api/v1/regime/current?symbol=BTCUSDT').expect(200);
    expect(page.body).toMatchObject({
      openTimeMs: stored.at(-1)!.openTimeMs,
      state: 'ready',
      probabilities: newest.probabilities,
    });
    const told = await world().said();
    const closed = venue.closeMinutes(3);
    await second.idle();
    const rows = await new RegimeHistoryRepository(world().database).listLast({
      symbol: 'BTCUSDT',
      interval: '1m',
      limit: 3,
    });
    const updates = closed.map((candle) => expected.update(candle));
    expect(rows.map(({ probabilities }) => probabilities)).toEqual(
      updates.map((update) => update.kind === 'classified' && update.probabilities),
    );
    // What was said before is not said again, and the state is usable from the first candle on.
    const events = await world().said();
    expect(timesOf(events, CandleClosed.type, 'BTCUSDT')).toEqual([
      ...timesOf(told, CandleClosed.type, 'BTCUSDT'),
      ...closed.map(({ openTimeMs }) => openTimeMs),
    ]);
    const { rows: saved } = await world().database.query<{ version: number }>(
      `SELECT (state->>'version')::int AS version FROM regime_snapshots`,
    );
    expect(saved[0]!.version).toBeGreaterThan(1);
  });

  it('still knows the regime when the snapshot is of the very last candle', async () => {
    const venue = new FakeVenue(['BTCUSDT']);
    const first = await world().start(venue, { symbols: ['BTCUSDT'] });
    const page = '/api/v1/regime/current?symbol=BTCUSDT';
    // The warm-up saved a snapshot; the next one is due after 50 candles.
    venue.closeMinutes(50);
    await first.idle();
    const before = (await request(first.http).get(page).expect(200)).body as object;
    await first.stop();
    const { rows } = await world().database.query(
      'SELECT 1 FROM regime_snapshots s WHERE open_time_ms = (SELECT max(open_time_ms) FROM candles)',
    );
    expect(rows).toHaveLength(1);
    const second = await world().start(venue, { symbols: ['BTCUSDT'] });
    expect((await request(second.http).get(page).expect(200)).body).toEqual(before);
  });
});

describe('a start while Postgres comes and goes', () => {
  it.each([
    { name: 'the candles after the saved state', statement: /FROM candles/ },
    { name: 'what was said last', statement: /FROM regime_history/ },
  ])('knows the regime as before, though $name could not be read at first', async ({ statement }) => {
    const venue = new FakeVenue(['BTCUSDT']);
    const first = await world().start(venue, { symbols: ['BTCUSDT'] });
    const page = '/api/v1/regime/current?symbol=BTCUSDT';
    venue.closeMinutes(50);
    await first.idle();
    const before = (await request(first.http).get(page).expect(200)).body as object;
    await first.stop();
    let failures = 0;
    const through = new Proxy(world().database, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (name !== 'query' || typeof value !== 'function')
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        return (sql: string, values: readonly unknown[]): unknown => {
          if (failures > 0 || !statement.test(sql)) return target.query(sql, values);
          failures += 1;
          return Promise.reject(away());
        };
      },
    });
    const second = await world().start(venue, { symbols: ['BTCUSDT'], through });
    expect(failures).toBe(1);
    expect((await request(second.http).get(page).expect(200)).body).toEqual(before);
  });
});

describe('a stop while Postgres is away', () => {
  it('in a long catch-up leaves no hole: the state is never ahead of the candles stored', async () => {
    const venue = new FakeVenue(['BTCUSDT']);
    const startMs = venue.nowMs();
    let isAway = false;
    let transactions = 0;
    const afterOne = (): AppError | null => (isAway && (transactions += 1) > 1 ? away() : null);
    const first = await world().start(venue, { symbols: ['BTCUSDT'], wrap: askedFirst(afterOne) });
    venue.closeMinutes(700, { isSilent: true });
    isAway = true;
    venue.reconnect();
    await eventually(() => Promise.resolve(transactions > 1));
    await first.stop();
    const second = await world().start(venue, { symbols: ['BTCUSDT'] });
    venue.closeMinutes(1);
    await second.idle();
    expect(timesOf(await world().said(), CandleClosed.type, 'BTCUSDT')).toEqual(minutesFrom(startMs, 701));
  });

  it('saves no state of a candle that could not be stored, though Postgres is back for the last moment', async () => {
    const venue = new FakeVenue(SYMBOLS);
    const startMs = venue.nowMs();
    let transactions = 0;
    let onTransaction: () => AppError | null = () => null;
    const service = await world().start(venue, {
      wrap: askedFirst(() => {
        transactions += 1;
        return onTransaction();
      }),
    });
    // The candles, then the states of the two markets: with the first state a candle of both comes, and Postgres goes.
    let isStopping = false;
    let failures = 0;
    const comesBackAtTheEnd = (): AppError | null => {
      failures += 1;
      if (isStopping) onTransaction = () => null;
      return away();
    };
    venue.closeMinutes(1);
    await service.idle();
    // So that both states are wanted after the next candle.
    for (const track of service.tracks.values()) track.configure({});
    const states = transactions + 2;
    onTransaction = () => {
      if (transactions < states) return null;
      onTransaction = comesBackAtTheEnd;
      venue.closeMinutes(1);
      return null;
    };
    venue.closeMinutes(1);
    await eventually(() => Promise.resolve(failures > 0));
    isStopping = true;
    await service.stop();
    const second = await world().start(venue);
    venue.closeMinutes(1);
    await second.idle();
    for (const symbol of SYMBOLS)
      expect(timesOf(await world().said(), CandleClosed.type, symbol)).toEqual(minutesFrom(startMs, 4));
  });
});

describe('the state of a market', () => {
  const symbols = ['BTCUSDT'];
  /** Of what candle the saved state is, and whether it came with it. */
  const saved = async () => {
    const { rows } = await world().database.query(
      `SELECT s.open_time_ms::float8 AS "openTimeMs", s.xmin::text = c.xmin::text AS "isWithCandle"
       FROM regime_snapshots s JOIN candles c USING (symbol, interval, open_time_ms)`,
    );
    return rows;
  };

  it('is saved after the transaction of its candle, and with it only when a step was taken there', async () => {
    const venue = new FakeVenue(symbols);
    const startMs = venue.nowMs();
    const service = await world().start(venue, { symbols });
    expect(await saved()).toEqual([{ openTimeMs: startMs - MINUTE_MS, isWithCandle: true }]);
    venue.closeMinutes(50);
    await service.idle();
    expect(await saved()).toEqual([{ openTimeMs: startMs + 49 * MINUTE_MS, isWithCandle: false }]);
    service.tracks.get('BTCUSDT')!.ask('update_transition_matrix');
    venue.closeMinutes(1);
    await service.idle();
    expect(await saved()).toEqual([{ openTimeMs: startMs + 50 * MINUTE_MS, isWithCandle: true }]);
  });

  it('waits for the next candle when it cannot be saved, and no candle waits for it', async () => {
    const venue = new FakeVenue(symbols);
    const startMs = venue.nowMs();
    let transactions = 0;
    let refused = -1;
    const refuse = (): AppError | null => {
      transactions += 1;
      return transactions === refused ? away() : null;
    };
    const service = await world().start(venue, { symbols, wrap: askedFirst(refuse) });
    venue.closeMinutes(49);
    await service.idle();
    // The first is the candle's.
    refused = transactions + 2;
    venue.closeMinutes(1);
    await service.idle();
    expect(transactions).toBe(refused);
    expect(timesOf(await world().said(), CandleClosed.type, 'BTCUSDT')).toEqual(minutesFrom(startMs, 50));
    expect(await saved()).toEqual([{ openTimeMs: startMs - MINUTE_MS, isWithCandle: true }]);
    venue.closeMinutes(1);
    await service.idle();
    expect(await saved()).toEqual([{ openTimeMs: startMs + 50 * MINUTE_MS, isWithCandle: false }]);
  });
});

describe('what must not come in', () => {
  const symbols = ['BTCUSDT'];

  it.each([5, 525_600])('is a candle %d minutes from the future: the true ones go on', async (minutes) => {
    const venue = new FakeVenue(symbols);
    const startMs = venue.nowMs();
    const service = await world().start(venue, { symbols });
    const [candle] = venue.closeMinutes(1);
    venue.push({ ...candle!, openTimeMs: venue.nowMs() + minutes * MINUTE_MS });
    venue.closeMinutes(3);
    await service.idle();
    expect(timesOf(await world().said(), CandleClosed.type, 'BTCUSDT')).toEqual(minutesFrom(startMs, 4));
  });

  it.each([
    "'null'",
    "(state::jsonb - 'lean')::json",
    "(state::jsonb - 'candles')::json",
    "jsonb_set(state::jsonb, '{reader}', '{}')::json",
  ])('is a saved state that has not all of its parts: %s', async (state) => {
    const venue = new FakeVenue(symbols);
    const startMs = venue.nowMs();
    const first = await world().start(venue, { symbols });
    venue.closeMinutes(60);
    await first.idle();
    await first.stop();
    await world().database.query(`UPDATE regime_snapshots SET state = ${state}`);
    const second = await world().start(venue, { symbols });
    expect(second.tracks.get('BTCUSDT')!.restoredAtMs).toBeNull();
    venue.closeMinutes(5);
    await second.idle();
    expect(timesOf(await world().said(), CandleClosed.type, 'BTCUSDT')).toEqual(minutesFrom(startMs, 65));
  });
});
