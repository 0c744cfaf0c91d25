const MINUTE_MS = 60_000;

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
  ['1d', 1_440 * MINUTE_MS],
]);

/** Returns the length of a candle interval such as '1m', null for a word the venue does not know. Units: ms. */
export const intervalMsOf = (interval: string): number | null => INTERVALS.get(interval) ?? null;

/** The interval words of the venue, shortest first. */
export const intervalWords: readonly string[] = [...INTERVALS.keys()];

/** Returns the length of an interval that can be made of candles of `baseMs`, null for any other. Units: ms. */
export const servedIntervalMs = (interval: string, baseMs: number): number | null => {
  const lengthMs = intervalMsOf(interval);
  return lengthMs !== null && lengthMs % baseMs === 0 ? lengthMs : null;
};
