import { FACTOR_COUNT, LEVEL_COUNT, softmaxFactors } from './factors.ts';
import { BASE_AT } from './learner-row.ts';

const RATE = 0.002;
/** One example moves a scale by no more than the rate. */
const SLOPE_LIMIT = 1;
const MAX_SCALE = 2;

/**
 * How much the base's log marginals count in a model's answer, learned per factor: 1 at first, less where the base is too sure of
 * itself. On real markets this is the largest part of what there is to learn.
 *
 * Source: temperature scaling, Guo et al. (2017), followed online.
 */
export class BaseScale {
  /** Of levels, then of slots. */
  readonly scales = new Float32Array([1, 1]);

  /** Turns nine corrections into nine probabilities in place: scale * base + correction, then softmax. */
  apply(row: Float32Array, corrections: Float32Array, at: number): void {
    const { scales } = this;
    for (let factor = 0; factor < FACTOR_COUNT; factor += 1) {
      const scale = scales[factor < LEVEL_COUNT ? 0 : 1] ?? 1;
      corrections[at + factor] = scale * (row[BASE_AT + factor] ?? 0) + (corrections[at + factor] ?? 0);
    }
    softmaxFactors(corrections, at);
  }

  /** One step down the log loss of the probabilities that `apply` made of this row. */
  learn({
    row,
    probabilities,
    teacher,
    stepFactor,
  }: {
    row: Float32Array;
    probabilities: Float32Array;
    teacher: Float64Array;
    stepFactor: number;
  }): void {
    for (let which = 0; which < 2; which += 1) {
      const first = which === 0 ? 0 : LEVEL_COUNT;
      const end = which === 0 ? LEVEL_COUNT : FACTOR_COUNT;
      let slope = 0;
      for (let factor = first; factor < end; factor += 1)
        slope += ((teacher[factor] ?? 0) - (probabilities[factor] ?? 0)) * (row[BASE_AT + factor] ?? 0);
      const limit = RATE * SLOPE_LIMIT;
      const step = Math.min(limit, Math.max(-limit, RATE * stepFactor * slope));
      this.scales[which] = Math.min(MAX_SCALE, Math.max(0, (this.scales[which] ?? 1) + step));
    }
  }
}
