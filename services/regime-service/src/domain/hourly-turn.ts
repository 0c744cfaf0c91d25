const HOUR_MS = 3_600_000;
/** Markets that have their turn at the same candle: each takes tens of milliseconds. */
const MARKETS_AT_ONCE = 2;

export interface HourlyTurn {
  /** Of the candle before; null when there is none. */
  readonly previousOpenTimeMs: number | null;
  readonly openTimeMs: number;
  readonly intervalMs: number;
  /** Place of the market among those followed, from 0: two at a time have their turn, one candle after the other two. */
  readonly place: number;
}

/**
 * Returns whether a market's hourly turn has come with this candle, by open times alone: whoever takes the same candles in has the same
 * turns, at whatever speed. Of turns that lie in a gap the last one is taken. With candles of an hour and longer each is a turn.
 */
export const isHourlyTurn = ({ previousOpenTimeMs, openTimeMs, intervalMs, place }: HourlyTurn): boolean => {
  if (previousOpenTimeMs === null) return false;
  const candlesPerHour = Math.max(1, Math.floor(HOUR_MS / intervalMs));
  const offsetMs = (Math.floor(place / MARKETS_AT_ONCE) % candlesPerHour) * intervalMs;
  const hourOf = (timeMs: number): number => Math.floor((timeMs - offsetMs) / HOUR_MS);
  return hourOf(openTimeMs) > hourOf(previousOpenTimeMs);
};
