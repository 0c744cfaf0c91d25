import { seededRandom } from '@qt/kernel';
import { BaseScale } from './base-scale.ts';
import { FACTOR_COUNT } from './factors.ts';
import { FEATURE_COUNT } from './learner-row.ts';
import { type ModelState, type OnlineModel } from './online-model.ts';
import { packFloats, unpackFloats } from './packed-floats.ts';

const HIDDEN_COUNT = 16;
const HIDDEN_WIDTH = FEATURE_COUNT + 1;
const OUTPUT_WIDTH = HIDDEN_COUNT + 1;
const OUTPUT_AT = HIDDEN_COUNT * HIDDEN_WIDTH;
const SIZE = OUTPUT_AT + FACTOR_COUNT * OUTPUT_WIDTH;
const RATE = 0.0002;
const ENERGY_DECAY = 0.999;
/** Keeps the first steps of a weight small, while its energy is hardly known. */
const RATE_FLOOR = 0.01;
const GRADIENT_LIMIT = 1;
const START_SEED = 20_16_10;

/**
 * A small network that corrects the base's log marginals: 20 features, 16 hidden units, 9 outputs, which start at nothing.
 *
 * Source: RMSprop, Tieleman and Hinton (2012); the gradient's length is clipped first, Pascanu et al. (2013).
 */
export class SmallNetwork implements OnlineModel {
  readonly name = 'small_network';
  stepFactor = 1;
  readonly #weights = new Float32Array(SIZE);
  readonly #energy = new Float32Array(SIZE);
  readonly #gradient = new Float32Array(SIZE);
  readonly #hidden = new Float64Array(HIDDEN_COUNT);
  readonly #scale = new BaseScale();
  readonly #work = new Float32Array(FACTOR_COUNT);

  constructor() {
    const random = seededRandom(START_SEED);
    for (let index = 0; index < OUTPUT_AT; index += 1)
      this.#weights[index] = index % HIDDEN_WIDTH === FEATURE_COUNT ? 0 : (2 * random() - 1) / Math.sqrt(FEATURE_COUNT);
  }

  predict(row: Float32Array, into: Float32Array, at: number): void {
    const weights = this.#weights;
    const hidden = this.#hidden;
    for (let unit = 0; unit < HIDDEN_COUNT; unit += 1) {
      const first = unit * HIDDEN_WIDTH;
      let sum = weights[first + FEATURE_COUNT] ?? 0;
      for (let index = 0; index < FEATURE_COUNT; index += 1) sum += (weights[first + index] ?? 0) * (row[index] ?? 0);
      // x / (1 + |x|): the shape of tanh at a fraction of its cost.
      hidden[unit] = sum / (1 + Math.abs(sum));
    }
    for (let factor = 0; factor < FACTOR_COUNT; factor += 1) {
      const first = OUTPUT_AT + factor * OUTPUT_WIDTH;
      let logit = weights[first + HIDDEN_COUNT] ?? 0;
      for (let unit = 0; unit < HIDDEN_COUNT; unit += 1) logit += (weights[first + unit] ?? 0) * (hidden[unit] ?? 0);
      into[at + factor] = logit;
    }
    this.#scale.apply(row, into, at);
  }

  learn(row: Float32Array, teacher: Float64Array): void {
    this.predict(row, this.#work, 0);
    this.#scale.learn({ row, probabilities: this.#work, teacher, stepFactor: this.stepFactor });
    const length = this.#backward(row, teacher);
    const clip = length > GRADIENT_LIMIT ? GRADIENT_LIMIT / length : 1;
    const rate = RATE * this.stepFactor;
    const weights = this.#weights;
    const energies = this.#energy;
    const gradients = this.#gradient;
    for (let index = 0; index < SIZE; index += 1) {
      const gradient = clip * (gradients[index] ?? 0);
      const energy = ENERGY_DECAY * (energies[index] ?? 0) + (1 - ENERGY_DECAY) * gradient * gradient;
      energies[index] = energy;
      weights[index] = (weights[index] ?? 0) - (rate * gradient) / (Math.sqrt(energy) + RATE_FLOOR);
    }
  }

  save(): ModelState {
    return {
      weights: packFloats(this.#weights),
      energy: packFloats(this.#energy),
      scales: packFloats(this.#scale.scales),
    };
  }

  restore({ weights = '', energy = '', scales = '' }: ModelState): void {
    unpackFloats(weights, this.#weights);
    unpackFloats(energy, this.#energy);
    unpackFloats(scales, this.#scale.scales);
  }

  /** Fills the gradient of the log loss and returns its length. */
  #backward(row: Float32Array, teacher: Float64Array): number {
    const weights = this.#weights;
    const gradient = this.#gradient;
    const hidden = this.#hidden;
    const errors = this.#work;
    let square = 0;
    for (let factor = 0; factor < FACTOR_COUNT; factor += 1) {
      const error = (errors[factor] ?? 0) - (teacher[factor] ?? 0);
      errors[factor] = error;
      const first = OUTPUT_AT + factor * OUTPUT_WIDTH;
      for (let unit = 0; unit < HIDDEN_COUNT; unit += 1) {
        const slope = error * (hidden[unit] ?? 0);
        gradient[first + unit] = slope;
        square += slope * slope;
      }
      gradient[first + HIDDEN_COUNT] = error;
      square += error * error;
    }
    for (let unit = 0; unit < HIDDEN_COUNT; unit += 1) {
      let back = 0;
      for (let factor = 0; factor < FACTOR_COUNT; factor += 1)
        back += (errors[factor] ?? 0) * (weights[OUTPUT_AT + factor * OUTPUT_WIDTH + unit] ?? 0);
      // The derivative of x / (1 + |x|) is (1 - |output|)^2.
      const open = 1 - Math.abs(hidden[unit] ?? 0);
      back *= open * open;
      const first = unit * HIDDEN_WIDTH;
      for (let index = 0; index < FEATURE_COUNT; index += 1) {
        const slope = back * (row[index] ?? 0);
        gradient[first + index] = slope;
        square += slope * slope;
      }
      gradient[first + FEATURE_COUNT] = back;
      square += back * back;
    }
    return Math.sqrt(square);
  }
}
