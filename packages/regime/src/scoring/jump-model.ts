import { MEAN_REVERTING_SLOT, REGIME_COUNT, SLOT_COUNT } from '../regime-fold.ts';
import { marginalsInto, REVERTING_AT, STRUCTURE_AT, TREND_AT } from './factors.ts';
import {
  AUTOCORRELATION_20,
  AUTOCORRELATION_60,
  EFFICIENCY_20,
  type MarketFeatures,
  MEAN_20,
  MEAN_5,
  MEAN_60,
  RANGE_20,
  RANGE_5,
} from './market-features.ts';
import type { BaseView, ScoringInput, ScoringMethod } from './scoring-method.ts';

interface JumpModelState {
  readonly costs: readonly number[];
  readonly shifts: readonly number[];
  readonly variances: readonly number[];
}

const { exp, log, max, min } = Math;
const USED = [MEAN_5, MEAN_20, MEAN_60, RANGE_5, RANGE_20, AUTOCORRELATION_20, AUTOCORRELATION_60, EFFICIENCY_20];
const WIDTH = USED.length;
const START_VARIANCES = [0.2, 0.06, 0.05, 0.08, 0.06, 0.06, 0.04, 0.05];
const JUMP_COST = 24;
// The features of neighbouring candles say almost the same: their costs count as if only one candle in so many were new.
const SOFTNESS = 6;
const STEP = 0.005;
const SLOT_SIGNS = [-1, -1, 0, 1, 1, 0];

/**
 * An online jump model: 18 prototypes in eight features, kept in the order of their regimes by starting from the base's own levels,
 * and a price for every change of prototype. The cheapest path to each prototype names the regime.
 *
 * Source: Nystrup, Kolm and Lindstrom (2020); probabilities are a softmin of the path costs.
 */
export class JumpModel implements ScoringMethod {
  readonly name = 'jump_model';
  readonly factors: Float64Array;
  readonly #features: MarketFeatures;
  readonly #costs = new Float64Array(REGIME_COUNT);
  readonly #regimes = new Float64Array(REGIME_COUNT);
  readonly #prototypes = new Float64Array(REGIME_COUNT * WIDTH);
  /** What labels taught: distance of each prototype from where the base puts it. By level and feature, then slot and feature. */
  readonly #shifts = new Float64Array((3 + SLOT_COUNT) * WIDTH);
  readonly #variances = Float64Array.from(START_VARIANCES);

  constructor(factors: Float64Array, features: MarketFeatures) {
    this.factors = factors;
    this.#features = features;
  }

  update({ base, observation }: ScoringInput): void {
    this.#place(base);
    const costs = this.#costs;
    let cheapest = Number.POSITIVE_INFINITY;
    for (let id = 0; id < REGIME_COUNT; id += 1) cheapest = min(cheapest, costs[id] ?? 0);
    const jumpCost = JUMP_COST / observation.elapsedCandles;
    let total = 0;
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      costs[id] = min((costs[id] ?? 0) - cheapest, jumpCost) + this.#distanceTo(id);
    }
    cheapest = Number.POSITIVE_INFINITY;
    for (let id = 0; id < REGIME_COUNT; id += 1) cheapest = min(cheapest, costs[id] ?? 0);
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      this.#regimes[id] = exp(-((costs[id] ?? 0) - cheapest) / SOFTNESS);
      total += this.#regimes[id] ?? 0;
    }
    for (let id = 0; id < REGIME_COUNT; id += 1) this.#regimes[id] = (this.#regimes[id] ?? 0) / total;
    marginalsInto(this.factors, this.#regimes);
  }

  learn(labels: Float64Array): void {
    const ripe = this.#features.ripe;
    if (ripe === null) return;
    for (let index = 0; index < WIDTH; index += 1) {
      const value = ripe[USED[index] ?? 0] ?? 0;
      let spread = 0;
      for (let id = 0; id < REGIME_COUNT; id += 1) {
        const slot = id % SLOT_COUNT;
        const level = (id - slot) / SLOT_COUNT;
        const share =
          (labels[level] ?? 0) *
          (slot === MEAN_REVERTING_SLOT
            ? (labels[REVERTING_AT] ?? 0)
            : (labels[STRUCTURE_AT] ?? 0) * (labels[TREND_AT + slot] ?? 0));
        const apart = value - (this.#prototypes[id * WIDTH + index] ?? 0);
        spread += share * apart * apart;
        const change = STEP * share * max(-1, min(1, apart));
        const isRange = index === 3 || index === 4;
        const row = isRange ? level : 3 + slot;
        this.#shifts[row * WIDTH + index] = (this.#shifts[row * WIDTH + index] ?? 0) + change + 0;
      }
      const variance = this.#variances[index] ?? 0;
      this.#variances[index] = max(0.005, variance + STEP * (min(spread, 9 * variance) - variance));
    }
  }

  save(): JumpModelState {
    return { costs: [...this.#costs], shifts: [...this.#shifts], variances: [...this.#variances] };
  }

  restore(state: unknown): void {
    const { costs, shifts, variances } = state as JumpModelState;
    this.#costs.set(costs);
    this.#shifts.set(shifts);
    this.#variances.set(variances);
  }

  #place(base: BaseView): void {
    const medium = log(base.returnScale(1));
    for (let level = 0; level < 3; level += 1) {
      const range = log(base.returnScale(level)) - medium;
      for (let slot = 0; slot < SLOT_COUNT; slot += 1) {
        const drift = (SLOT_SIGNS[slot] ?? 0) * (slot === 0 || slot === 4 ? base.driftStrong : base.driftMild);
        const correlation = slot === MEAN_REVERTING_SLOT ? base.arReverting : base.arTrending;
        const at = (level * SLOT_COUNT + slot) * WIDTH;
        for (let index = 0; index < WIDTH; index += 1) {
          const isRange = index === 3 || index === 4;
          const learned = this.#shifts[(isRange ? level : 3 + slot) * WIDTH + index] ?? 0;
          const start = index < 3 || index === 7 ? drift : isRange ? range : correlation;
          this.#prototypes[at + index] = start + learned;
        }
      }
    }
  }

  #distanceTo(id: number): number {
    let distance = 0;
    for (let index = 0; index < WIDTH; index += 1) {
      const apart = (this.#features.now[USED[index] ?? 0] ?? 0) - (this.#prototypes[id * WIDTH + index] ?? 0);
      distance += (0.5 * apart * apart) / (this.#variances[index] ?? 1);
    }
    return min(distance, 40);
  }
}
