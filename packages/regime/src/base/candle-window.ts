import type { CandleReading } from './candle-emission.ts';

/** Candles that pass between two learning steps. */
export const BLOCK_CANDLES = 32;
/** Candles kept: the oldest block is learnt from when two later ones have said what it was. */
export const WINDOW_CANDLES = 3 * BLOCK_CANDLES;

export interface CandleWindowState {
  readonly count: number;
  /** Oldest first. */
  readonly logReturns: readonly number[];
  readonly previousLogReturns: readonly number[];
  readonly pathVariances: readonly number[];
  readonly elapsedCandles: readonly number[];
}

/** The last candles as the filters read them. A candle is addressed by how many came before it since the start. */
export class CandleWindow {
  readonly #logReturns = new Float64Array(WINDOW_CANDLES);
  readonly #previousLogReturns = new Float64Array(WINDOW_CANDLES);
  readonly #pathVariances = new Float64Array(WINDOW_CANDLES);
  readonly #elapsed = new Float64Array(WINDOW_CANDLES);
  readonly #reading = { logReturn: 0, previousLogReturn: 0, pathVariance: 0, elapsedCandles: 1 };
  #count = 0;

  /** Candles taken since the start. */
  get count(): number {
    return this.#count;
  }

  push(reading: CandleReading): void {
    const place = this.#count % WINDOW_CANDLES;
    this.#logReturns[place] = reading.logReturn;
    this.#previousLogReturns[place] = reading.previousLogReturn;
    this.#pathVariances[place] = reading.pathVariance;
    this.#elapsed[place] = reading.elapsedCandles;
    this.#count += 1;
  }

  /** Returns one of the kept candles. The object is the window's own: read it before the next call. */
  at(candle: number): CandleReading {
    const place = candle % WINDOW_CANDLES;
    const reading = this.#reading;
    reading.logReturn = this.#logReturns[place] as number;
    reading.previousLogReturn = this.#previousLogReturns[place] as number;
    reading.pathVariance = this.#pathVariances[place] as number;
    reading.elapsedCandles = this.#elapsed[place] as number;
    return reading;
  }

  save(): CandleWindowState {
    const kept = Math.min(this.#count, WINDOW_CANDLES);
    const candles = Array.from({ length: kept }, (_, index) => ({ ...this.at(this.#count - kept + index) }));
    return {
      count: this.#count,
      // A zero with a sign would come back from JSON without it.
      logReturns: candles.map(({ logReturn }) => logReturn + 0),
      previousLogReturns: candles.map(({ previousLogReturn }) => previousLogReturn + 0),
      pathVariances: candles.map(({ pathVariance }) => pathVariance),
      elapsedCandles: candles.map(({ elapsedCandles }) => elapsedCandles),
    };
  }

  restore(state: CandleWindowState): void {
    this.#count = state.count - state.logReturns.length;
    state.logReturns.forEach((logReturn, index) => {
      this.push({
        logReturn,
        previousLogReturn: state.previousLogReturns[index] as number,
        pathVariance: state.pathVariances[index] as number,
        elapsedCandles: state.elapsedCandles[index] as number,
      });
    });
  }
}
