import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HistoryStatistics } from './history-statistics.ts';

const MINUTE_MS = 60_000;

/** Feeds a path of regimes, one per minute from `startMs`; prices double with each candle unless told otherwise. */
const feed = (
  statistics: HistoryStatistics,
  ids: readonly number[],
  { startMs = 0, price = (index: number): number => 2 ** (index % 500) } = {},
): void => {
  ids.forEach((regimeId, index) =>
    statistics.add({ openTimeMs: startMs + index * MINUTE_MS, regimeId, close: price(index) }),
  );
};
const path = (...spells: readonly (readonly [number, number])[]): number[] =>
  spells.flatMap(([regimeId, candles]) => Array.from({ length: candles }, () => regimeId));

describe('HistoryStatistics', () => {
  it('measures only stays whose begin and end were both seen', () => {
    const statistics = new HistoryStatistics(MINUTE_MS);
    feed(statistics, path([5, 9], [8, 4], [5, 2], [8, 6], [5, 4], [1, 7]));
    expect(statistics.durations.result()).toEqual([
      { regimeId: 5, spells: 2, meanCandles: 3, p10Candles: 2, medianCandles: 2, p90Candles: 4, longestCandles: 4 },
      { regimeId: 8, spells: 2, meanCandles: 5, p10Candles: 4, medianCandles: 4, p90Candles: 6, longestCandles: 6 },
    ]);
  });

  it('counts changes, and what follows what, against chance', () => {
    const statistics = new HistoryStatistics(MINUTE_MS);
    feed(statistics, path([1, 1], [2, 1], [3, 1], [1, 1], [2, 1], [4, 1], [1, 1], [2, 1], [3, 2]));
    expect(statistics.transitions.count(1, 2)).toBe(3);
    expect(statistics.transitions.matrix()[2]).toEqual([0, 0, 0, 2 / 3, 1 / 3, ...Array.from({ length: 13 }, () => 0)]);
    const [first] = statistics.sequences.result();
    // After 1 -> 2, seen three times, chance takes 2 -> 3 in two of three cases.
    expect(first).toEqual({ regimeIds: [1, 2, 3], count: 2, expectedCount: 2 });
  });

  it('never reaches across a hole', () => {
    const statistics = new HistoryStatistics(MINUTE_MS);
    feed(statistics, path([1, 3], [2, 15]));
    feed(statistics, path([3, 10], [1, 12]), { startMs: 100 * MINUTE_MS });
    expect(statistics.holes).toBe(1);
    expect(statistics.transitions.count(2, 3)).toBe(0);
    expect(statistics.durations.result()).toEqual([]);
    expect(statistics.sequences.result()).toEqual([]);
    // 18 candles before the hole are no window of 20; of the 22 after it, the first two have one.
    expect(statistics.aftermath.result().map(({ regimeId, candles }) => [regimeId, candles])).toEqual([[3, 2]]);
  });

  it('tells what came of the price over 20 candles', () => {
    const statistics = new HistoryStatistics(MINUTE_MS);
    feed(statistics, path([7, 25]), { price: (index) => Math.exp(index * 0.01) });
    const [seven] = statistics.aftermath.result();
    expect(seven).toMatchObject({ regimeId: 7, candles: 5, independentWindows: 0.25, upRatio: 1 });
    expect(seven!.meanReturn).toBeCloseTo(0.2, 12);
    expect(seven!.meanVolatility).toBeCloseTo(0.01, 12);
  });

  it('knows hours and days in UTC', () => {
    const statistics = new HistoryStatistics(3_600_000);
    // 2026-03-29 was a Sunday.
    for (let hour = 22; hour < 26; hour += 1)
      statistics.add({ openTimeMs: Date.UTC(2026, 2, 29, hour), regimeId: hour % 2, close: 1 });
    const { hours, days } = statistics.timeProfile.result();
    expect(hours.map(({ of }) => of)).toEqual([0, 1, 22, 23]);
    expect(days.map(({ of, candles }) => [of, candles])).toEqual([
      [0, 2],
      [6, 2],
    ]);
    expect(days[1]!.shares.slice(0, 2)).toEqual([0.5, 0.5]);
  });

  it('property: every candle is in the profile once, and every change in the counts once', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 17 }), { minLength: 1, maxLength: 300 }), (ids) => {
        const statistics = new HistoryStatistics(MINUTE_MS);
        feed(statistics, ids);
        const { hours, days } = statistics.timeProfile.result();
        const total = (parts: readonly { readonly candles: number }[]): number =>
          parts.reduce((sum, { candles }) => sum + candles, 0);
        expect([total(hours), total(days), statistics.candles]).toEqual([ids.length, ids.length, ids.length]);
        const changes = ids.filter((id, index) => index > 0 && id !== ids[index - 1]).length;
        expect(
          statistics.transitions
            .rows()
            .flat()
            .reduce((sum, count) => sum + count, 0),
        ).toBe(changes);
        const windows = statistics.aftermath.result().reduce((sum, { candles }) => sum + candles, 0);
        expect(windows).toBe(Math.max(0, ids.length - 20));
      }),
    );
  });
});
