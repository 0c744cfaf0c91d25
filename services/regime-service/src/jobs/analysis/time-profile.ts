import { REGIME_COUNT } from '@qt/regime';

const HOUR_MS = 3_600_000;
const HOURS = 24;
const DAYS = 7;
/** 1970-01-01 was a Thursday; days count from Monday. */
const FIRST_DAY = 3;

export interface TimeShare {
  /** Hour of the day 0 to 23, or day of the week 0 (Monday) to 6; UTC. */
  readonly of: number;
  readonly candles: number;
  /** Shape: 18; share of those candles in each regime, summing to 1. */
  readonly shares: readonly number[];
}

/** When regimes occur: by hour of the day and by day of the week, UTC. */
export class TimeProfile {
  readonly #hours = new Float64Array(HOURS * REGIME_COUNT);
  readonly #days = new Float64Array(DAYS * REGIME_COUNT);

  add(openTimeMs: number, regimeId: number): void {
    const hours = Math.floor(openTimeMs / HOUR_MS);
    const hour = (hours % HOURS) * REGIME_COUNT + regimeId;
    const day = ((Math.floor(hours / HOURS) + FIRST_DAY) % DAYS) * REGIME_COUNT + regimeId;
    this.#hours[hour] = (this.#hours[hour] ?? 0) + 1;
    this.#days[day] = (this.#days[day] ?? 0) + 1;
  }

  result(): { readonly hours: readonly TimeShare[]; readonly days: readonly TimeShare[] } {
    return { hours: sharesOf(this.#hours, HOURS), days: sharesOf(this.#days, DAYS) };
  }
}

/** Hours and days without a candle are left out. */
const sharesOf = (counts: Float64Array, length: number): readonly TimeShare[] =>
  Array.from({ length }, (_, of) => {
    const row = [...counts.subarray(of * REGIME_COUNT, (of + 1) * REGIME_COUNT)];
    const candles = row.reduce((sum, count) => sum + count, 0);
    return { of, candles, shares: row.map((count) => (candles === 0 ? 0 : count / candles)) };
  }).filter(({ candles }) => candles > 0);
