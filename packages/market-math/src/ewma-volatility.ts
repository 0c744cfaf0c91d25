import { invariant } from '@qt/kernel';

export interface EwmaVolatilityState {
  readonly variance: number | null;
  readonly count: number;
}

/**
 * Exponentially weighted volatility of returns around zero, one return at a time; null before `warmup` returns.
 *
 * Units: that of the returns, per step. Source: RiskMetrics Technical Document (1996), section 5.2; decay 0.94 there for days.
 */
export class EwmaVolatility {
  readonly #decayRatio: number;
  readonly #warmup: number;
  #variance: number | null;
  #count: number;

  constructor(decayRatio: number, warmup: number, saved: EwmaVolatilityState = { variance: null, count: 0 }) {
    invariant(decayRatio > 0 && decayRatio < 1, `decay is between 0 and 1, was ${decayRatio}`);
    this.#decayRatio = decayRatio;
    this.#warmup = warmup;
    this.#variance = saved.variance;
    this.#count = saved.count;
  }

  update(change: number): number | null {
    const square = change * change;
    this.#variance =
      this.#variance === null ? square : this.#decayRatio * this.#variance + (1 - this.#decayRatio) * square;
    if (this.#count < this.#warmup) this.#count += 1;
    return this.#count < this.#warmup ? null : Math.sqrt(this.#variance);
  }

  save(): EwmaVolatilityState {
    return { variance: this.#variance, count: this.#count };
  }
}

/**
 * Returns the exponentially weighted volatility at each return, null before `warmup` returns.
 *
 * Shape: `changes[n]`, oldest first; the result has n entries.
 */
export const ewmaVolatilityOf = (changes: readonly number[], decayRatio: number, warmup: number): (number | null)[] => {
  let variance = 0;
  return changes.map((change, index) => {
    variance = index === 0 ? change * change : decayRatio * variance + (1 - decayRatio) * (change * change);
    return index + 1 < warmup ? null : Math.sqrt(variance);
  });
};
