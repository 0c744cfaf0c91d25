import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { CandleClosed, RegimeClassified } from '@qt/contracts';
import { createDatabase } from '@qt/database';
import { AppError } from '@qt/kernel';
import { eventually } from '@qt/testing';
import { aCuttingProxy } from '../support/cutting-proxy.ts';
import { FakeVenue, SYMBOLS } from '../support/fake-venue.ts';
import { aServiceWorld, minutesFrom, timesOf } from '../support/service-world.ts';

const world = aServiceWorld();

describe('what the service needs goes away for a moment', () => {
  it('keeps everything while Postgres is away, and says it once when it is back', async () => {
    const venue = new FakeVenue(SYMBOLS);
    const startMs = venue.nowMs();
    let failures = 0;
    const service = await world().start(venue, {
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
    expect(timesOf(await world().said(), RegimeClassified.type, 'ETHUSDT')).toEqual(minutesFrom(startMs, 3));
  });

  it('says each candle once although its way to Postgres is cut again and again', async () => {
    const proxy = await aCuttingProxy(world().postgres.url);
    const through = createDatabase({ url: proxy.url, applicationName: 'cut', onIdleError: () => undefined });
    const venue = new FakeVenue(SYMBOLS);
    const startMs = venue.nowMs();
    const service = await world().start(venue, { through });
    for (let round = 0; round < 12; round += 1) {
      venue.closeMinutes(2);
      // A little later each time, so that the cut meets every step of the transaction.
      await sleep(1 + round / 2);
      proxy.cut();
    }
    await service.idle();
    const events = await world().said();
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
    const service = await world().start(venue);
    venue.closeMinutes(2, { isSilent: true });
    venue.isDown = true;
    venue.closeMinutes(1);
    const feed = service.components.find(({ name }) => name === 'market_feed');
    await eventually(async () => (await feed?.check?.())?.status === 'degraded');
    expect(await world().said()).toEqual([]);
    venue.isDown = false;
    await service.idle();
    expect(timesOf(await world().said(), CandleClosed.type, 'BTCUSDT')).toEqual(minutesFrom(startMs, 3));
    expect((await feed?.check?.())?.status).toBe('up');
  });
});
