import { EvidenceScale } from './evidence-scale.ts';
import { FACTOR_COUNT, softmaxFactors } from './factors.ts';
import { FEATURE_COUNT } from './learner-row.ts';
import type { ModelState, OnlineModel } from './online-model.ts';
import { packFloats, unpackFloats } from './packed-floats.ts';

const SIZE = FACTOR_COUNT * FEATURE_COUNT;
const RATE = 0.005;
/** Squared distances are turned into evidence by this much. */
const SHARPNESS = 0.25;

/**
 * One prototype per class; an example pulls the prototypes of its classes closer and pushes away those that were wrongly near.
 *
 * Source: robust soft learning vector quantization, Seo and Obermayer (2003).
 */
export class JumpPrototypes implements OnlineModel {
  readonly name = 'prototypes';
  stepFactor = 1;
  readonly #prototypes = new Float32Array(SIZE);
  readonly #scale = new EvidenceScale('evidence');
  readonly #evidence = new Float32Array(FACTOR_COUNT);
  readonly #work = new Float32Array(FACTOR_COUNT);

  predict(row: Float32Array, into: Float32Array, at: number): void {
    this.#weigh(row, into, at);
    this.#scale.apply(row, into, at);
  }

  learn(row: Float32Array, teacher: Float64Array): void {
    const work = this.#work;
    this.#weigh(row, this.#evidence, 0);
    work.set(this.#evidence);
    this.#scale.apply(row, work, 0);
    this.#scale.learn({ row, evidence: this.#evidence, probabilities: work, teacher, stepFactor: this.stepFactor });
    work.set(this.#evidence);
    softmaxFactors(work, 0);
    const prototypes = this.#prototypes;
    for (let factor = 0; factor < FACTOR_COUNT; factor += 1) {
      const step = RATE * this.stepFactor * ((teacher[factor] ?? 0) - (work[factor] ?? 0));
      const first = factor * FEATURE_COUNT;
      for (let index = 0; index < FEATURE_COUNT; index += 1) {
        const prototype = prototypes[first + index] ?? 0;
        prototypes[first + index] = prototype + step * ((row[index] ?? 0) - prototype);
      }
    }
  }

  save(): ModelState {
    return { prototypes: packFloats(this.#prototypes), scales: packFloats(this.#scale.scales) };
  }

  restore({ prototypes = '', scales = '' }: ModelState): void {
    unpackFloats(prototypes, this.#prototypes);
    unpackFloats(scales, this.#scale.scales);
  }

  #weigh(row: Float32Array, into: Float32Array, at: number): void {
    const prototypes = this.#prototypes;
    for (let factor = 0; factor < FACTOR_COUNT; factor += 1) {
      const first = factor * FEATURE_COUNT;
      let distance = 0;
      for (let index = 0; index < FEATURE_COUNT; index += 1) {
        const apart = (row[index] ?? 0) - (prototypes[first + index] ?? 0);
        distance += apart * apart;
      }
      into[at + factor] = -SHARPNESS * distance;
    }
  }
}
