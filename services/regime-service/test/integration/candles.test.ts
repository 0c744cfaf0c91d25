import { describe, expect, it } from '@jest/globals';
import { CandleClosed, RegimeChanged, RegimeClassified } from '@qt/contracts';
import { FakeVenue, SYMBOLS } from '../support/fake-venue.ts';
import { aServiceWorld, minutesFrom, timesOf } from '../support/service-world.ts';

const world = aServiceWorld();

describe('candles of a market', () => {
  it('warms up on history without an event, then says each candle once, in order', async () => {
    const venue = new FakeVenue(SYMBOLS);
    const startMs = venue.nowMs();
    const service = await world().start(venue);
    expect(await world().said()).toEqual([]);
    const { rows } = await world().database.query('SELECT DISTINCT origin, is_published FROM candles');
    expect(rows).toEqual([{ origin: 'gap_fill', is_published: false }]);

    venue.closeMinutes(20);
    await service.idle();
    const events = await world().said();
    for (const symbol of SYMBOLS) {
      expect(timesOf(events, CandleClosed.type, symbol)).toEqual(minutesFrom(startMs, 20));
      expect(timesOf(events, RegimeClassified.type, symbol)).toEqual(minutesFrom(startMs, 20));
    }
    expect((await service.bus.idle()).published).toMatchObject({
      [CandleClosed.type]: 40,
      [RegimeClassified.type]: 40,
    });
    const { rows: payloads } = await world().database.query<{ payload: unknown }>(
      'SELECT payload FROM outbox WHERE type = $1',
      [RegimeClassified.type],
    );
    for (const { payload } of payloads) expect(RegimeClassified.payload.parse(payload).state).toBe('ready');
  });

  it('says a change of regime exactly where the classified regime changes', async () => {
    const venue = new FakeVenue(['BTCUSDT']);
    const service = await world().start(venue, { symbols: ['BTCUSDT'] });
    venue.closeMinutes(600);
    await service.idle();
    const events = await world().said();
    const ids = events.filter(({ type }) => type === RegimeClassified.type);
    const changes = ids.filter((event, index) => index > 0 && event.regimeId !== ids[index - 1]!.regimeId);
    expect(timesOf(events, RegimeChanged.type, 'BTCUSDT')).toEqual(changes.map(({ openTimeMs }) => openTimeMs));
  });

  it('fills a gap in the stream before the candle that shows it', async () => {
    const venue = new FakeVenue(SYMBOLS);
    const startMs = venue.nowMs();
    const service = await world().start(venue);
    venue.closeMinutes(2);
    venue.closeMinutes(3, { isSilent: true });
    venue.closeMinutes(1);
    await service.idle();
    expect(timesOf(await world().said(), CandleClosed.type, 'ETHUSDT')).toEqual(minutesFrom(startMs, 6));
    const { rows } = await world().database.query(
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
    const service = await world().start(venue);
    venue.closeMinutes(4, { isSilent: true });
    venue.reconnect();
    await service.idle();
    expect(timesOf(await world().said(), CandleClosed.type, 'BTCUSDT')).toEqual(minutesFrom(startMs, 4));
  });

  it('takes duplicates and old candles once', async () => {
    const venue = new FakeVenue(SYMBOLS);
    const startMs = venue.nowMs();
    const service = await world().start(venue);
    const candles = venue.closeMinutes(3);
    for (const candle of candles) venue.push(candle);
    await service.idle();
    expect(timesOf(await world().said(), CandleClosed.type, 'BTCUSDT')).toEqual(minutesFrom(startMs, 3));
  });

  it("refuses a broken candle and takes the venue's better version of it", async () => {
    const venue = new FakeVenue(['BTCUSDT']);
    const startMs = venue.nowMs();
    const service = await world().start(venue, { symbols: ['BTCUSDT'] });
    const [good] = venue.closeMinutes(1, { isSilent: true });
    venue.push({ ...good!, high: '1' });
    await service.idle();
    expect(await world().said()).toEqual([]);
    venue.closeMinutes(1);
    await service.idle();
    expect(timesOf(await world().said(), CandleClosed.type, 'BTCUSDT')).toEqual(minutesFrom(startMs, 2));
  });

  it('names the symbols that the venue does not trade', async () => {
    await expect(world().start(new FakeVenue(['BTCUSDT']))).rejects.toThrow(/ETHUSDT, which the venue does not trade/);
  });

  it('takes the close of 50 markets in a few transactions', async () => {
    const symbols = Array.from({ length: 50 }, (_, index) => `COIN${index}USDT`);
    const venue = new FakeVenue(symbols);
    const service = await world().start(venue, { symbols, historyCandles: 50 });
    const times: number[] = [];
    for (let minute = 0; minute < 5; minute += 1) {
      const startedAt = performance.now();
      venue.closeMinutes(1);
      await service.idle();
      times.push(Math.round(performance.now() - startedAt));
    }
    process.stdout.write(`50 markets, one close, until every event is in Redis: ${times.join(', ')} ms\n`);
    const { rows } = await world().database.query<{ transactions: number }>(
      'SELECT count(DISTINCT xmin::text)::int AS transactions FROM candles WHERE is_published',
    );
    expect(rows[0]!.transactions).toBeLessThanOrEqual(10);
  }, 60_000);
});
