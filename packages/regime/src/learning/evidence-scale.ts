import { FACTOR_COUNT, LEVEL_COUNT, softmaxFactors } from './factors.ts';
import { BASE_AT } from './learner-row.ts';

const RATE = 0.002;
const SLOPE_LIMIT = 1;

/**
 * How much the base's log marginals and a model's own evidence each count in its answer, learned per factor: at first the base
 * counts fully and the evidence not at all. Models that describe each class by itself count overlapping features many times.
 *
 * Source: logarithmic opinion pool with learned weights, Genest and Zidek (1986).
 */
export class EvidenceScale {
  /** Base on levels, base on slots, evidence on levels, evidence on slots. */
  readonly scales = new Float32Array([1, 1, 0, 0]);
  readonly #learnsEvidence: boolean;

  /** `corrections` are evidence that a model fits to what the base leaves over: they always count once. */
  constructor(kind: 'evidence' | 'corrections') {
    this.#learnsEvidence = kind === 'evidence';
    if (kind === 'corrections') this.scales.fill(1, 2);
  }

  /** Turns nine evidences into nine probabilities in place. */
  apply(row: Float32Array, evidence: Float32Array, at: number): void {
    const { scales } = this;
    for (let factor = 0; factor < FACTOR_COUNT; factor += 1) {
      const which = factor < LEVEL_COUNT ? 0 : 1;
      evidence[at + factor] =
        (scales[which] ?? 0) * (row[BASE_AT + factor] ?? 0) + (scales[which + 2] ?? 0) * (evidence[at + factor] ?? 0);
    }
    softmaxFactors(evidence, at);
  }

  /** One step down the log loss. `evidence` and `probabilities` are of the same row. */
  learn({
    row,
    evidence,
    probabilities,
    teacher,
    stepFactor,
  }: {
    row: Float32Array;
    evidence: Float32Array;
    probabilities: Float32Array;
    teacher: Float64Array;
    stepFactor: number;
  }): void {
    for (let which = 0; which < 2; which += 1) {
      const first = which === 0 ? 0 : LEVEL_COUNT;
      const end = which === 0 ? LEVEL_COUNT : FACTOR_COUNT;
      let baseSlope = 0;
      let evidenceSlope = 0;
      for (let factor = first; factor < end; factor += 1) {
        const error = (teacher[factor] ?? 0) - (probabilities[factor] ?? 0);
        baseSlope += error * (row[BASE_AT + factor] ?? 0);
        evidenceSlope += error * (evidence[factor] ?? 0);
      }
      this.#step(which, RATE * stepFactor * baseSlope);
      if (this.#learnsEvidence) this.#step(which + 2, RATE * stepFactor * evidenceSlope);
    }
  }

  #step(which: number, change: number): void {
    const bounded = Math.min(RATE * SLOPE_LIMIT, Math.max(-RATE * SLOPE_LIMIT, change));
    this.scales[which] = Math.min(2, Math.max(0, (this.scales[which] ?? 0) + bounded));
  }
}
