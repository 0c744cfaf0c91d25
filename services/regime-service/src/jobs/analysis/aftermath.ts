import { REGIME_COUNT } from '@qt/regime';

/** How far ahead it is looked. */
export const AFTERMATH_CANDLES = 20;

/** What followed candles of one regime, over the next 20 candles. */
export interface RegimeAftermath {
  readonly regimeId: number;
  readonly candles: number;
  /** Windows overlap: so many of them are as good as independent. */
  readonly independentWindows: number;
  /** Log return over the window. */
  readonly meanReturn: number;
  readonly returnDeviation: number;
  /** Share of windows that ended higher. */
  readonly upRatio: number;
  /** Root mean square of the log returns of single candles within the window, averaged. */
  readonly meanVolatility: number;
  /** Mean return in units of its standard error, by the independent windows: beyond 2 or -2 it is more than chance. */
  readonly returnScore: number | null;
}

/** Looks back from each candle to the one 20 before it: what was said then, and what came of it. */
export class Aftermath {
  readonly #logPrices = new Float64Array(AFTERMATH_CANDLES + 1);
  readonly #regimeIds = new Int8Array(AFTERMATH_CANDLES + 1);
  readonly #sums = {
    candles: new Float64Array(REGIME_COUNT),
    returns: new Float64Array(REGIME_COUNT),
    squares: new Float64Array(REGIME_COUNT),
    ups: new Float64Array(REGIME_COUNT),
    volatilities: new Float64Array(REGIME_COUNT),
  };
  #length = 0;
  #next = 0;

  add(regimeId: number, close: number): void {
    const size = this.#logPrices.length;
    this.#logPrices[this.#next] = Math.log(close);
    this.#regimeIds[this.#next] = regimeId;
    this.#next = (this.#next + 1) % size;
    this.#length = Math.min(size, this.#length + 1);
    if (this.#length === size) this.#settle();
  }

  /** A hole in the history: no window reaches across it. */
  cut(): void {
    this.#length = 0;
    this.#next = 0;
  }

  /** Regimes without a whole window are left out. */
  result(): readonly RegimeAftermath[] {
    const { candles, returns, squares, ups, volatilities } = this.#sums;
    return Array.from({ length: REGIME_COUNT }, (_, regimeId) => {
      const count = candles[regimeId] ?? 0;
      const meanReturn = (returns[regimeId] ?? 0) / count;
      const returnDeviation = Math.sqrt(Math.max(0, (squares[regimeId] ?? 0) / count - meanReturn ** 2));
      const independentWindows = count / AFTERMATH_CANDLES;
      const standardError = returnDeviation / Math.sqrt(independentWindows);
      return {
        regimeId,
        candles: count,
        independentWindows,
        meanReturn,
        returnDeviation,
        upRatio: (ups[regimeId] ?? 0) / count,
        meanVolatility: (volatilities[regimeId] ?? 0) / count,
        returnScore: standardError > 0 ? meanReturn / standardError : null,
      };
    }).filter(({ candles: count }) => count > 0);
  }

  /** The oldest candle of the ring is 20 candles old: its window is whole. */
  #settle(): void {
    const size = this.#logPrices.length;
    const at = (age: number): number => this.#logPrices[(this.#next + age) % size] ?? 0;
    let squares = 0;
    for (let age = 1; age < size; age += 1) squares += (at(age) - at(age - 1)) ** 2;
    const windowReturn = at(AFTERMATH_CANDLES) - at(0);
    const regimeId = this.#regimeIds[this.#next] ?? 0;
    addTo(this.#sums.candles, regimeId, 1);
    addTo(this.#sums.returns, regimeId, windowReturn);
    addTo(this.#sums.squares, regimeId, windowReturn ** 2);
    addTo(this.#sums.ups, regimeId, windowReturn > 0 ? 1 : 0);
    addTo(this.#sums.volatilities, regimeId, Math.sqrt(squares / AFTERMATH_CANDLES));
  }
}

const addTo = (sums: Float64Array, regimeId: number, value: number): void => {
  sums[regimeId] = (sums[regimeId] ?? 0) + value;
};
