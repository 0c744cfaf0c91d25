import { BaseScale } from './base-scale.ts';
import { FACTOR_COUNT } from './factors.ts';
import { FEATURE_COUNT } from './learner-row.ts';
import { type ModelState, type OnlineModel } from './online-model.ts';
import { packFloats, unpackFloats } from './packed-floats.ts';

const WIDTH = FEATURE_COUNT + 1;
const SIZE = FACTOR_COUNT * WIDTH;
const RATE = 0.005;
/** Steps of the first examples are held back by this much: a few candles of one regime must not decide. */
const RATE_DELAY = 1;
const SHRINKAGE = 1;
const LASSO = 2;

/** The weight that a pull and its energy stand for: none while the examples have not agreed on a sign. */
const weightOf = (pull: number, energy: number): number => {
  const excess = Math.abs(pull) - LASSO;
  if (excess <= 0) return 0;
  return (-Math.sign(pull) * excess) / ((RATE_DELAY + Math.sqrt(energy)) / RATE + SHRINKAGE);
};

/**
 * Softmax regression per factor on top of the base's log marginals.
 *
 * Source: FTRL-proximal, McMahan et al. (2013): per-weight steps, and weights that stay zero until the examples agree on them.
 */
export class SoftmaxCorrector implements OnlineModel {
  readonly name = 'softmax_regression';
  stepFactor = 1;
  readonly #pull = new Float32Array(SIZE);
  readonly #energy = new Float32Array(SIZE);
  /** Follows from the two above; kept because every prediction reads it. */
  readonly #weights = new Float32Array(SIZE);
  readonly #scale = new BaseScale();
  readonly #work = new Float32Array(FACTOR_COUNT);

  predict(row: Float32Array, into: Float32Array, at: number): void {
    const weights = this.#weights;
    for (let factor = 0; factor < FACTOR_COUNT; factor += 1) {
      const first = factor * WIDTH;
      let logit = weights[first + FEATURE_COUNT] ?? 0;
      for (let index = 0; index < FEATURE_COUNT; index += 1) logit += (weights[first + index] ?? 0) * (row[index] ?? 0);
      into[at + factor] = logit;
    }
    this.#scale.apply(row, into, at);
  }

  learn(row: Float32Array, teacher: Float64Array): void {
    const work = this.#work;
    const pulls = this.#pull;
    const energies = this.#energy;
    const weights = this.#weights;
    const rate = RATE * this.stepFactor;
    this.predict(row, work, 0);
    this.#scale.learn({ row, probabilities: work, teacher, stepFactor: this.stepFactor });
    for (let factor = 0; factor < FACTOR_COUNT; factor += 1) {
      const error = (work[factor] ?? 0) - (teacher[factor] ?? 0);
      for (let column = 0; column < WIDTH; column += 1) {
        const index = factor * WIDTH + column;
        const gradient = column === FEATURE_COUNT ? error : error * (row[column] ?? 0);
        const before = energies[index] ?? 0;
        const after = before + gradient * gradient;
        const held = (Math.sqrt(after) - Math.sqrt(before)) / rate;
        pulls[index] = (pulls[index] ?? 0) + gradient - held * (weights[index] ?? 0);
        energies[index] = after;
        weights[index] = weightOf(pulls[index] ?? 0, energies[index] ?? 0);
      }
    }
  }

  save(): ModelState {
    return { pull: packFloats(this.#pull), energy: packFloats(this.#energy), scales: packFloats(this.#scale.scales) };
  }

  restore({ pull = '', energy = '', scales = '' }: ModelState): void {
    unpackFloats(pull, this.#pull);
    unpackFloats(energy, this.#energy);
    unpackFloats(scales, this.#scale.scales);
    for (let index = 0; index < SIZE; index += 1)
      this.#weights[index] = weightOf(this.#pull[index] ?? 0, this.#energy[index] ?? 0);
  }
}
