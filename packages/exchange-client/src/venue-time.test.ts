import { describe, expect, it } from '@jest/globals';
import { MarketClock } from '@qt/kernel';
import { createVenueTime } from './venue-time.ts';

describe('createVenueTime', () => {
  it('takes the median of five midpoint samples, so that one slow answer does not move it', async () => {
    const clock = { ms: 1_000, nowMs: () => clock.ms };
    const delays = [10, 10, 4_000, 10, 10];
    const time = createVenueTime({
      clock,
      marketClock: null,
      // The venue is 500 ms ahead; all of the delay lies on the way there.
      serverTimeMs: () => {
        clock.ms += delays.shift() ?? 0;
        return Promise.resolve(clock.ms + 500);
      },
    });
    expect(await time.sync()).toBe(505);
    expect(time.nowMs()).toBe(clock.ms + 505);
  });

  it('measures at the first need, again after 60 s, and keeps the old offset when that fails', async () => {
    const clock = { ms: 0, nowMs: () => clock.ms };
    let asked = 0;
    let isDown = false;
    const serverTimeMs = () => {
      asked += 1;
      return isDown ? Promise.reject(new Error('down')) : Promise.resolve(clock.ms + 100);
    };
    const time = createVenueTime({ clock, marketClock: null, serverTimeMs });
    await time.ready();
    await time.ready();
    expect(asked).toBe(5);
    clock.ms = 60_001;
    isDown = true;
    await time.ready();
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toBe(6);
    expect(time.nowMs()).toBe(60_101);
  });

  it('fails while nothing has ever been measured', async () => {
    const time = createVenueTime({
      clock: { nowMs: () => 0 },
      marketClock: null,
      serverTimeMs: () => Promise.reject(new Error('down')),
    });
    await expect(time.ready()).rejects.toThrow('down');
  });

  it('is the market clock, where there is one', async () => {
    const marketClock = new MarketClock();
    const time = createVenueTime({
      clock: { nowMs: () => 5 },
      marketClock,
      serverTimeMs: () => Promise.resolve(7_000),
    });
    await time.ready();
    expect(time.nowMs()).toBe(7_000);
    marketClock.advanceTo(8_000);
    expect(await time.sync()).toBe(0);
    expect(time.nowMs()).toBe(8_000);
  });
});
