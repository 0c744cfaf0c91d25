import type { CandleReading } from '../base/candle-emission.ts';

/** Candles a candidate is fitted on. */
export const RECENT_CANDLES = 800;

// Kept as whole numbers, so that a saved state is short and restores to the same bits: returns to 1e-7, path variances to 1e-3 in log.
const RETURN_UNITS = 1e7;
const LOG_PATH_UNITS = 1e3;
/** Stands for a candle that did not move: no path variance has a logarithm this low. */
const MOTIONLESS = -1_000_000;

export interface RecentCandlesState {
  /** Oldest first. */
  readonly returns: readonly number[];
  readonly logPaths: readonly number[];
  /** Where more than one candle had passed: place in the columns, and candles. */
  readonly gaps: readonly (readonly [number, number])[];
}

/** The last 800 candles, roughly: what a batch fit needs, in a fixed ring. */
export class RecentCandles {
  readonly #returns = new Float64Array(RECENT_CANDLES);
  readonly #logPaths = new Float64Array(RECENT_CANDLES);
  readonly #elapsed = new Float64Array(RECENT_CANDLES);
  #count = 0;

  get isFull(): boolean {
    return this.#count >= RECENT_CANDLES;
  }

  push({ logReturn, pathVariance, elapsedCandles }: CandleReading): void {
    const logPath = pathVariance > 0 ? Math.round(LOG_PATH_UNITS * Math.log(pathVariance)) : MOTIONLESS;
    this.#store(Math.round(RETURN_UNITS * logReturn), logPath, elapsedCandles);
  }

  /** Returns the candles, oldest first. The return before the oldest is not known any more and is taken as none. */
  readings(): readonly CandleReading[] {
    const { returns, logPaths, gaps } = this.save();
    const elapsedAt = new Map(gaps);
    return returns.map((value, index) => {
      const logPath = logPaths[index] as number;
      const elapsed = elapsedAt.get(index) ?? 1;
      const previous = elapsed === 1 && index > 0 ? (returns[index - 1] as number) : 0;
      return {
        logReturn: value / RETURN_UNITS,
        previousLogReturn: previous / RETURN_UNITS,
        pathVariance: logPath === MOTIONLESS ? 0 : Math.exp(logPath / LOG_PATH_UNITS),
        elapsedCandles: elapsed,
      };
    });
  }

  save(): RecentCandlesState {
    const kept = Math.min(this.#count, RECENT_CANDLES);
    const inOrder = (ring: Float64Array): number[] =>
      // A zero with a sign would come back from JSON without it.
      Array.from({ length: kept }, (_, index) => (ring[(this.#count - kept + index) % RECENT_CANDLES] as number) + 0);
    return {
      returns: inOrder(this.#returns),
      logPaths: inOrder(this.#logPaths),
      gaps: [...inOrder(this.#elapsed).entries()].filter(([, elapsed]) => elapsed !== 1),
    };
  }

  restore({ returns, logPaths, gaps }: RecentCandlesState): void {
    const elapsedAt = new Map(gaps);
    this.#count = 0;
    returns.forEach((value, index) => {
      this.#store(value, logPaths[index] as number, elapsedAt.get(index) ?? 1);
    });
  }

  #store(value: number, logPath: number, elapsedCandles: number): void {
    const place = this.#count % RECENT_CANDLES;
    this.#returns[place] = value;
    this.#logPaths[place] = logPath;
    this.#elapsed[place] = elapsedCandles;
    this.#count += 1;
  }
}
