import { seededRandom } from '@qt/kernel';
import { marginalsInto } from '../src/scoring/factors.ts';
import type { BaseView, ScoringInput, ScoringMethod } from '../src/scoring/scoring-method.ts';
import type { MarketFeatures } from '../src/scoring/market-features.ts';

const SCALES = [0.005, 0.01, 0.02];

/** A base that knows the levels and nothing about the regime. */
export const unknowingBase = (posterior = new Float64Array(18).fill(1 / 18)): BaseView => ({
  posterior,
  logDensity: 0,
  levelDoubt: 0,
  returnScale: (volatility) => SCALES[volatility] ?? 0.01,
  driftMild: 0.33,
  driftStrong: 0.8,
  arTrending: 0.2,
  arReverting: -0.5,
});

/** A stretch of candles of one kind. */
export interface Stretch {
  readonly candles: number;
  /** 0 to 2. */
  readonly level?: number;
  /** In units of the return scale. */
  readonly drift?: number;
  readonly autoregression?: number;
}

/** Makes candles of known regimes as methods see them; same seed, same candles. `sign` -1 mirrors every move. */
export class InputMaker {
  readonly #random: () => number;
  readonly #sign: number;
  readonly #base: BaseView;
  #logPrice = 10;
  #previous = 0;

  constructor({ seed, sign = 1, base = unknowingBase() }: { seed: number; sign?: number; base?: BaseView }) {
    this.#random = seededRandom(seed);
    this.#sign = sign;
    this.#base = base;
  }

  next({ level = 1, drift = 0, autoregression = 0 }: Stretch): ScoringInput {
    const scale = SCALES[level] ?? 0.01;
    const mean = drift * scale;
    const previous = this.#previous;
    const move = mean + autoregression * (previous - mean) + scale * this.#normal();
    this.#previous = move;
    const signed = this.#sign * move;
    this.#logPrice += signed;
    const baseFactors = new Float64Array(10);
    marginalsInto(baseFactors, this.#base.posterior);
    const observation = {
      logReturn: signed,
      previousLogReturn: this.#sign * previous,
      logRange: Math.log(scale) + 0.43 + 0.29 * this.#normal(),
      elapsedCandles: 1,
    };
    const { filteredLogPrice, logPrice } = { filteredLogPrice: this.#logPrice, logPrice: this.#logPrice };
    return { observation, base: this.#base, baseFactors, returnScale: scale, filteredLogPrice, logPrice };
  }

  #normal(): number {
    const uniform = Math.max(this.#random(), 1e-12);
    return Math.sqrt(-2 * Math.log(uniform)) * Math.cos(2 * Math.PI * this.#random());
  }
}

/** Feeds a stretch to a method, and to the features it stands on; returns the mean of its factors over the last 50 candles. */
export const factorsAfter = (
  { method, features, maker }: { method: ScoringMethod; features?: MarketFeatures; maker: InputMaker },
  stretch: Stretch,
): Float64Array => {
  const mean = new Float64Array(10);
  for (let candle = 0; candle < stretch.candles; candle += 1) {
    const input = maker.next(stretch);
    features?.update({ ...input, mediumReturnScale: input.base.returnScale(1) });
    method.update(input);
    if (candle < stretch.candles - 50) continue;
    method.factors.forEach((value, index) => {
      mean[index] = (mean[index] ?? 0) + value / 50;
    });
  }
  return mean;
};
