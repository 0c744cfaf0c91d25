import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isHourlyTurn } from './hourly-turn.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Open times of the candles with which a market has its turn. */
const turnsOf = (times: readonly number[], place: number, intervalMs = MINUTE_MS): readonly number[] =>
  times.filter((openTimeMs, index) =>
    isHourlyTurn({ previousOpenTimeMs: times[index - 1] ?? null, openTimeMs, intervalMs, place }),
  );
const minutes = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, index) => (from + index) * MINUTE_MS);

describe('isHourlyTurn', () => {
  it.each([
    { name: 'the first two markets with the first candle of an hour', place: 1, turns: [60, 120, 180] },
    { name: 'the next two one candle later', place: 2, turns: [61, 121, 181] },
    { name: 'the 120th market with the last one', place: 119, turns: [59, 119, 179] },
    { name: 'and then it begins anew', place: 120, turns: [60, 120, 180] },
  ])('$name', ({ place, turns }) => {
    expect(turnsOf(minutes(30, 200), place)).toEqual(turns.map((minute) => minute * MINUTE_MS));
  });

  it('takes the turn that lies in a gap with the candle after it, and of several only one', () => {
    expect(turnsOf([...minutes(50, 59), ...minutes(62, 70)], 0)).toEqual([62 * MINUTE_MS]);
    expect(turnsOf([...minutes(50, 59), ...minutes(400, 405)], 0)).toEqual([400 * MINUTE_MS]);
  });

  it.each([1, 4, 24])('takes each candle of %s hours as a turn', (hours) => {
    const times = [1, 2, 3].map((index) => index * hours * HOUR_MS);
    expect(turnsOf(times, 5, hours * HOUR_MS)).toEqual(times.slice(1));
  });

  it('property: a market has one turn in each hour, whatever came before and wherever it was begun', () => {
    const begins = fc.integer({ min: 0, max: 10_000 });
    fc.assert(
      fc.property(begins, fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 6 }), (begin, place, hours) => {
        const turns = turnsOf(minutes(begin, begin + 1 + hours * 60), place);
        expect(turns).toHaveLength(hours);
        expect(turns.slice(1).every((turn, index) => turn - (turns[index] ?? 0) === HOUR_MS)).toBe(true);
      }),
    );
  });
});
