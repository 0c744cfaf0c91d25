import type { Bar } from '../candle-quality.ts';
import type { Observation } from '../likelihood-filter.ts';

export interface ObservationReaderState {
  readonly lastBar: Bar | null;
  readonly previousLogReturn: number;
}

/** Returns the logarithm of a ratio of positive prices, also where the ratio itself is no finite or no positive number. */
const logRatio = (price: number, reference: number): number => {
  const ratio = price / reference;
  return ratio > 0 && ratio < Number.POSITIVE_INFINITY ? Math.log(ratio) : Math.log(price) - Math.log(reference);
};

/** Turns accepted candles into what filters see of them. Ratios of prices only, so nothing depends on the price level. */
export class ObservationReader {
  readonly #intervalMs: number;
  #lastBar: Bar | null = null;
  #previousLogReturn = 0;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** Open time of the last candle read; null before the first. */
  get lastOpenTimeMs(): number | null {
    return this.#lastBar?.openTimeMs ?? null;
  }

  read(bar: Bar): Observation {
    const last = this.#lastBar;
    const elapsedCandles = last === null ? 1 : (bar.openTimeMs - last.openTimeMs) / this.#intervalMs;
    // After a gap the move since the last known close spans several candles; only the move inside this one is comparable.
    const isContinuous = last !== null && elapsedCandles === 1;
    const logReturn = logRatio(bar.close, isContinuous ? last.close : bar.open);
    const range = logRatio(bar.high, bar.low);
    const previousLogReturn = isContinuous ? this.#previousLogReturn : 0;
    this.#lastBar = bar;
    this.#previousLogReturn = logReturn;
    return {
      logReturn,
      previousLogReturn,
      logRange: range > 0 ? Math.log(range) : null,
      pathVariance: pathVarianceOf(bar),
      elapsedCandles,
    };
  }

  save(): ObservationReaderState {
    return { lastBar: this.#lastBar, previousLogReturn: this.#previousLogReturn };
  }

  restore(state: ObservationReaderState): void {
    this.#lastBar = state.lastBar;
    this.#previousLogReturn = state.previousLogReturn;
  }
}

/** Source: Rogers and Satchell (1991). */
const pathVarianceOf = ({ open, high, low, close }: Bar): number =>
  logRatio(high, open) * logRatio(high, close) + logRatio(low, open) * logRatio(low, close);
