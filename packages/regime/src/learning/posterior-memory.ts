import { BaseScale } from './base-scale.ts';
import { FACTOR_COUNT, LEVEL_COUNT } from './factors.ts';
import { MEMORY_AT, MEMORY_COUNT } from './learner-row.ts';
import type { ModelState, OnlineModel } from './online-model.ts';
import { packFloats, unpackFloats } from './packed-floats.ts';

const RATE = 0.002;

/**
 * Weighs what the base says now against what it has been saying for 5 and for 20 candles: regimes that live longer or shorter than
 * the base assumes show in nothing else. A bias per class learns how common each one is.
 */
export class PosteriorMemory implements OnlineModel {
  readonly name = 'posterior_memory';
  stepFactor = 1;
  /** Per memory, levels then slots; then one bias per class. */
  readonly #weights = new Float32Array(2 * MEMORY_COUNT + FACTOR_COUNT);
  readonly #scale = new BaseScale();
  readonly #work = new Float32Array(FACTOR_COUNT);

  predict(row: Float32Array, into: Float32Array, at: number): void {
    for (let factor = 0; factor < FACTOR_COUNT; factor += 1) {
      const which = factor < LEVEL_COUNT ? 0 : 1;
      let logit = this.#weights[2 * MEMORY_COUNT + factor] ?? 0;
      for (let memory = 0; memory < MEMORY_COUNT; memory += 1)
        logit += (this.#weights[2 * memory + which] ?? 0) * (row[MEMORY_AT + memory * FACTOR_COUNT + factor] ?? 0);
      into[at + factor] = logit;
    }
    this.#scale.apply(row, into, at);
  }

  learn(row: Float32Array, teacher: Float64Array): void {
    const work = this.#work;
    this.predict(row, work, 0);
    this.#scale.learn({ row, probabilities: work, teacher, stepFactor: this.stepFactor });
    const step = RATE * this.stepFactor;
    for (let memory = 0; memory < MEMORY_COUNT; memory += 1) {
      for (let which = 0; which < 2; which += 1) {
        let slope = 0;
        for (let factor = which * LEVEL_COUNT; factor < (which === 0 ? LEVEL_COUNT : FACTOR_COUNT); factor += 1)
          slope +=
            ((teacher[factor] ?? 0) - (work[factor] ?? 0)) * (row[MEMORY_AT + memory * FACTOR_COUNT + factor] ?? 0);
        const index = 2 * memory + which;
        this.#weights[index] = (this.#weights[index] ?? 0) + step * Math.min(1, Math.max(-1, slope));
      }
    }
    for (let factor = 0; factor < FACTOR_COUNT; factor += 1) {
      const index = 2 * MEMORY_COUNT + factor;
      this.#weights[index] = (this.#weights[index] ?? 0) + step * ((teacher[factor] ?? 0) - (work[factor] ?? 0));
    }
  }

  save(): ModelState {
    return { weights: packFloats(this.#weights), scales: packFloats(this.#scale.scales) };
  }

  restore({ weights = '', scales = '' }: ModelState): void {
    unpackFloats(weights, this.#weights);
    unpackFloats(scales, this.#scale.scales);
  }
}
