const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const WEEK_MS = 7 * DAY_MS;
/** The epoch was a Thursday; weeks begin on Monday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

const INTERVALS: ReadonlyMap<string, number> = new Map([
  ['1m', MINUTE_MS],
  ['3m', 3 * MINUTE_MS],
  ['5m', 5 * MINUTE_MS],
  ['15m', 15 * MINUTE_MS],
  ['30m', 30 * MINUTE_MS],
  ['1h', 60 * MINUTE_MS],
  ['2h', 120 * MINUTE_MS],
  ['4h', 240 * MINUTE_MS],
  ['6h', 360 * MINUTE_MS],
  ['8h', 480 * MINUTE_MS],
  ['12h', 720 * MINUTE_MS],
  ['1d', DAY_MS],
]);

/** Intervals that no market is made of, only joined to. */
const LONG_WORDS = ['3d', '1w', '1M'] as const;

/** Returns the length of a candle interval such as '1m', null for a word that is not the interval of a market. Units: ms. */
export const intervalMsOf = (interval: string): number | null => INTERVALS.get(interval) ?? null;

/** The intervals of markets, shortest first. */
export const intervalWords: readonly string[] = [...INTERVALS.keys()];

/** The intervals of candles that can be asked for, shortest first. */
export const candleWords: readonly string[] = [...intervalWords, ...LONG_WORDS];

/** The time that one candle covers: from `openTimeMs` up to but not including `endMs`. */
export interface CandleSpan {
  readonly openTimeMs: number;
  readonly endMs: number;
}

const spanOn = (timeMs: number, lengthMs: number, originMs = 0): CandleSpan => {
  const openTimeMs = Math.floor((timeMs - originMs) / lengthMs) * lengthMs + originMs;
  return { openTimeMs, endMs: openTimeMs + lengthMs };
};

/**
 * Returns the candle of an interval that covers a time, null for a word that the venue does not know. Weeks begin on Monday, months on their
 * first day, all in UTC; three days are counted from 1970-01-01.
 */
export const candleSpanAt = (interval: string, timeMs: number): CandleSpan | null => {
  if (interval === '3d') return spanOn(timeMs, 3 * DAY_MS);
  if (interval === '1w') return spanOn(timeMs, WEEK_MS, FIRST_MONDAY_MS);
  if (interval === '1M') {
    const day = new Date(timeMs);
    const [year, month] = [day.getUTCFullYear(), day.getUTCMonth()];
    return { openTimeMs: Date.UTC(year, month), endMs: Date.UTC(year, month + 1) };
  }
  const lengthMs = intervalMsOf(interval);
  return lengthMs === null ? null : spanOn(timeMs, lengthMs);
};

/** Returns whether candles of an interval can be joined from those of `baseMs`. */
export const canJoinTo = (interval: string, baseMs: number): boolean => {
  const lengthMs = intervalMsOf(interval);
  if (lengthMs !== null) return lengthMs % baseMs === 0;
  return candleWords.includes(interval) && DAY_MS % baseMs === 0;
};
