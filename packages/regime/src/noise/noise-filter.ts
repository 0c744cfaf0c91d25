import type { ComponentView } from '../engine/classification.ts';
import { EfficiencyAverage } from './efficiency-average.ts';
import { HaarShrinkage } from './haar-shrinkage.ts';
import { KalmanTrend } from './kalman-trend.ts';
import type { PriceFilter } from './price-filter.ts';

const { exp, log, max, min } = Math;

export const NOISE_METHODS = ['kalman', 'wavelet', 'adaptive'] as const;
export type NoiseMethod = (typeof NOISE_METHODS)[number];

export interface NoiseFilterOptions {
  /** Which filter's price is used; `automatic` lets the one that fits the market best take over. Hot. Default `automatic`. */
  readonly method: NoiseMethod | 'automatic';
  /** What unevenness of the filtered price costs against its forecast error. Hot. Default 0.5. */
  readonly roughnessCharge: number;
  /** How much better another filter's share must be before it takes over. Share of 1. Hot. Default 0.05. */
  readonly hysteresisRatio: number;
  /** Half-life of the loss by which the filters are compared. Hot. Default 30. */
  readonly scoreHalfLifeCandles: number;
}

export const NOISE_FILTER_DEFAULTS: NoiseFilterOptions = {
  method: 'automatic',
  roughnessCharge: 0.5,
  hysteresisRatio: 0.05,
  scoreHalfLifeCandles: 30,
};

export interface NoiseFilterInput {
  /** Log of the close. */
  readonly logPrice: number;
  /** Candles since the last one; 1 when none is missing. */
  readonly elapsedCandles: number;
}

export interface FilteredPrice {
  readonly filteredLogPrice: number;
  /** The filter it comes from. */
  readonly method: NoiseMethod;
  /** Share of the price's movement that does not last eight candles: 0 for a random walk or a trend, towards 1 for pure noise. */
  readonly noiseRatio: number;
}

export interface NoiseFilterState {
  readonly filters: readonly (readonly number[])[];
  readonly logWeights: readonly number[];
  readonly losses: readonly number[];
  readonly previousValues: readonly number[];
  readonly previousMoves: readonly number[];
  readonly prices: readonly number[];
  readonly position: number;
  readonly candles: number;
  readonly chosen: number;
  readonly moveVariance: number;
  readonly longMoveVariance: number;
}

const FILTER_COUNT = 3;
const SHARED_RATIO = 0.01;
const LONG_MOVE_CANDLES = 8;
/** 60 candles: the variances of one and of eight candles' moves. */
const VARIANCE_STEP = 1 - 0.5 ** (1 / 60);
const WARMUP_CANDLES = 60;
const MAX_LOSS = 10;
const MIN_VARIANCE = 1e-20;

/**
 * Takes the noise out of the price with three causal filters that always run, and says which of them fits: each pays for its
 * one-step forecast error and for the unevenness of its line, in variances of a candle's move.
 *
 * The filtered price is for methods that follow the price. Volatility and structure must be measured on raw candles: smoothing
 * makes any market look trending. Nothing here is random and no threshold drifts.
 *
 * Source: fixed share, Herbster and Warmuth (1998), on a discounted loss.
 */
export class NoiseFilter {
  #options: NoiseFilterOptions;
  readonly #kalman = new KalmanTrend();
  readonly #adaptive = new EfficiencyAverage();
  readonly #filters: readonly PriceFilter[] = [this.#kalman, new HaarShrinkage(), this.#adaptive];
  readonly #logWeights = new Float64Array(FILTER_COUNT).fill(log(1 / FILTER_COUNT));
  readonly #losses = new Float64Array(FILTER_COUNT);
  readonly #previousValues = new Float64Array(FILTER_COUNT);
  readonly #previousMoves = new Float64Array(FILTER_COUNT);
  readonly #prices = new Float64Array(LONG_MOVE_CANDLES);
  #position = 0;
  #candles = 0;
  #chosen = 0;
  #moveVariance = 0;
  #longMoveVariance = 0;

  constructor(options: Partial<NoiseFilterOptions> = {}) {
    this.#options = { ...NOISE_FILTER_DEFAULTS, ...options };
  }

  /** Changes hot options; what was learned stays. */
  configure(options: Partial<NoiseFilterOptions>): void {
    this.#options = { ...this.#options, ...options };
  }

  update({ logPrice, elapsedCandles }: NoiseFilterInput): FilteredPrice {
    if (this.#candles === 0 || elapsedCandles > 1) this.#restart(logPrice);
    else this.#advance(logPrice);
    this.#candles += 1;
    return this.current;
  }

  /** What the last update returned. */
  get current(): FilteredPrice {
    const { method } = this.#options;
    const chosen = method === 'automatic' ? this.#chosen : NOISE_METHODS.indexOf(method);
    return {
      filteredLogPrice: this.#filters[chosen]?.value ?? 0,
      method: NOISE_METHODS[chosen] ?? 'kalman',
      noiseRatio: this.#noiseRatio(),
    };
  }

  save(): NoiseFilterState {
    return {
      filters: this.#filters.map((filter) => filter.save()),
      logWeights: [...this.#logWeights],
      losses: [...this.#losses],
      previousValues: [...this.#previousValues],
      previousMoves: [...this.#previousMoves],
      prices: [...this.#prices],
      position: this.#position,
      candles: this.#candles,
      chosen: this.#chosen,
      moveVariance: this.#moveVariance,
      longMoveVariance: this.#longMoveVariance,
    };
  }

  restore(state: NoiseFilterState): void {
    this.#filters.forEach((filter, index) => {
      filter.restore(state.filters[index] ?? []);
    });
    this.#logWeights.set(state.logWeights);
    this.#losses.set(state.losses);
    this.#previousValues.set(state.previousValues);
    this.#previousMoves.set(state.previousMoves);
    this.#prices.set(state.prices);
    this.#position = state.position;
    this.#candles = state.candles;
    this.#chosen = state.chosen;
    this.#moveVariance = state.moveVariance;
    this.#longMoveVariance = state.longMoveVariance;
  }

  view(): ComponentView {
    const { method, noiseRatio } = this.current;
    const named = (values: Float64Array, map: (value: number) => number): Record<string, number> =>
      Object.fromEntries(NOISE_METHODS.map((name, index) => [name, map(values[index] ?? 0)]));
    return {
      state: this.#candles < WARMUP_CANDLES ? 'warming' : 'running',
      metrics: {
        method,
        is_forced: this.#options.method === 'automatic' ? 0 : 1,
        noise_ratio: noiseRatio,
        efficiency_ratio: this.#adaptive.efficiencyRatio,
      },
      debug: {
        options: this.#options,
        shares: named(this.#logWeights, exp),
        losses: named(this.#losses, (loss) => loss),
        kalmanSlope: this.#kalman.slope,
      },
    };
  }

  #restart(logPrice: number): void {
    for (const filter of this.#filters) filter.restart(logPrice);
    this.#previousValues.fill(logPrice);
    this.#previousMoves.fill(0);
    this.#prices.fill(logPrice);
  }

  #advance(logPrice: number): void {
    const position = this.#position;
    const move = logPrice - (this.#prices[(position + LONG_MOVE_CANDLES - 1) % LONG_MOVE_CANDLES] ?? logPrice);
    const longMove = logPrice - (this.#prices[position] ?? logPrice);
    this.#prices[position] = logPrice;
    this.#position = (position + 1) % LONG_MOVE_CANDLES;
    this.#score(logPrice, max(this.#moveVariance, MIN_VARIANCE));
    this.#moveVariance += VARIANCE_STEP * (move * move - this.#moveVariance);
    this.#longMoveVariance += VARIANCE_STEP * (longMove * longMove - this.#longMoveVariance);
    this.#choose();
  }

  #score(logPrice: number, variance: number): void {
    const { roughnessCharge, scoreHalfLifeCandles } = this.#options;
    const step = 1 - 0.5 ** (1 / scoreHalfLifeCandles);
    this.#filters.forEach((filter, index) => {
      const miss = logPrice - filter.forecast;
      filter.update(logPrice);
      const move = filter.value - (this.#previousValues[index] ?? 0);
      const bend = move - (this.#previousMoves[index] ?? 0);
      this.#previousValues[index] = filter.value;
      this.#previousMoves[index] = move;
      const loss = min(MAX_LOSS, (miss * miss + roughnessCharge * bend * bend) / variance);
      this.#losses[index] = (this.#losses[index] ?? 0) + step * (loss - (this.#losses[index] ?? 0));
    });
  }

  #choose(): void {
    const logWeights = this.#logWeights;
    let total = 0;
    for (let index = 0; index < FILTER_COUNT; index += 1) {
      const weight = exp((logWeights[index] ?? 0) - (this.#losses[index] ?? 0));
      logWeights[index] = weight;
      total += weight;
    }
    let best = 0;
    for (let index = 0; index < FILTER_COUNT; index += 1) {
      const weight = (1 - SHARED_RATIO) * ((logWeights[index] ?? 0) / total) + SHARED_RATIO / FILTER_COUNT;
      logWeights[index] = log(weight);
      if ((logWeights[index] ?? 0) > (logWeights[best] ?? 0)) best = index;
    }
    const lead = exp(logWeights[best] ?? 0) - exp(logWeights[this.#chosen] ?? 0);
    if (lead > this.#options.hysteresisRatio) this.#chosen = best;
  }

  #noiseRatio(): number {
    if (this.#moveVariance < MIN_VARIANCE) return 0;
    const varianceRatio = this.#longMoveVariance / (LONG_MOVE_CANDLES * this.#moveVariance);
    return 1 - min(1, varianceRatio);
  }
}
