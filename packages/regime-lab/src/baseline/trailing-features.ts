import type { Bar } from '@qt/regime';

// Taken once: this is the hot path.
const { abs, log, max } = Math;

/** An average in which a candle's weight halves every `halfLifeCandles`. */
export class DecayingMean {
  readonly #decay: number;
  #sum = 0;
  #weight = 0;

  constructor(halfLifeCandles: number) {
    this.#decay = 0.5 ** (1 / halfLifeCandles);
  }

  add(value: number): number {
    this.#sum = this.#decay * this.#sum + value;
    this.#weight = this.#decay * this.#weight + 1;
    return this.#sum / this.#weight;
  }
}

const SIZE_HALF_LIFE_CANDLES = 20;
const SMALLEST_SIZE = 1e-12;
/** The mean size of a standard normal. */
const MEAN_NORMAL_SIZE = 0.798;

/** Returns the log return of a candle over its open. */
export const moveOf = (bar: Bar): number => log(bar.close / bar.open);

export const logRangeOf = (bar: Bar): number => log(max(log(bar.high / bar.low), SMALLEST_SIZE));

/** What a candle says before any averaging; returns in units of their own trailing size. */
export interface CandleReading {
  readonly logRange: number;
  readonly move: number;
  /** This return times the last one. */
  readonly product: number;
}

/** Reads candles for baselines that know no volatility. */
export class CandleReader {
  readonly #size = new DecayingMean(SIZE_HALF_LIFE_CANDLES);
  #previousMove = 0;

  read(bar: Bar): CandleReading {
    const logMove = moveOf(bar);
    const size = max(this.#size.add(abs(logMove)) / MEAN_NORMAL_SIZE, SMALLEST_SIZE);
    const move = logMove / size;
    const product = move * this.#previousMove;
    this.#previousMove = move;
    return { logRange: logRangeOf(bar), move, product };
  }
}
