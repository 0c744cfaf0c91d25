import { packFloats, unpackFloats } from './packed-floats.ts';

/**
 * Weights over a few experts that follow their log losses and can change their mind: each step a small share is dealt out evenly.
 *
 * Source: fixed share, Herbster and Warmuth (1998); with log loss and a learning rate of 1 it is Bayes' rule for a changing best expert.
 */
export class FixedShare {
  readonly #weights: Float64Array;
  readonly #losses: Float64Array;

  constructor(expertCount: number) {
    this.#weights = new Float64Array(expertCount).fill(1 / expertCount);
    this.#losses = new Float64Array(expertCount);
  }

  /** Shape: one weight per expert, summing to 1. The array is its own: read it before the next update. */
  get weights(): Float64Array {
    return this.#weights;
  }

  /** Where the caller writes each expert's loss before `update`. */
  get losses(): Float64Array {
    return this.#losses;
  }

  update(shareRatio: number): void {
    const weights = this.#weights;
    const count = weights.length;
    let least = Number.POSITIVE_INFINITY;
    for (let index = 0; index < count; index += 1) least = Math.min(least, this.#losses[index] ?? 0);
    let total = 0;
    for (let index = 0; index < count; index += 1) {
      const weight = (weights[index] ?? 0) * Math.exp(least - (this.#losses[index] ?? 0));
      weights[index] = weight;
      total += weight;
    }
    for (let index = 0; index < count; index += 1)
      weights[index] = (1 - shareRatio) * ((weights[index] ?? 0) / total) + shareRatio / count;
  }

  save(): string {
    return packFloats(this.#weights);
  }

  restore(state: string): void {
    unpackFloats(state, this.#weights);
  }
}
