import { packFloats, unpackFloats } from '../learning/packed-floats.ts';

export interface CorrectionStackState {
  readonly weights: string;
  readonly evidence: string;
}

/** What the weights learn from one example. */
export interface StackLesson {
  /** What was said with the corrections, and what should have been. Shape: one per class, from `answerAt` and `wantedAt`. */
  readonly answer: ArrayLike<number>;
  readonly answerAt?: number;
  readonly wanted: ArrayLike<number>;
  readonly wantedAt?: number;
  /** By how much corrections were multiplied before they were said. Default 1. */
  readonly gain?: number;
  /** How much the example counts, 0 to 1. Default 1. */
  readonly share?: number;
  /** The first steps are this many gradients long; later ones are shorter, as evidence grows. 0 freezes the weights. */
  readonly step: number;
  /** Share of every weight that returns to where it rests. */
  readonly restRatio: number;
  readonly leastWeight?: number;
}

const { max, min } = Math;
const MOST_WEIGHT = 2;
/** Evidence is forgotten over about this many examples. */
const EVIDENCE_DECAY = 1 - 1 / 3_000;

const triangleAt = (row: number, column: number): number => (row * (row + 1)) / 2 + column;

/**
 * The weights by which the corrections of several opinions, in logarithms, are added to what is known without them. Weights are never
 * below zero and their sum may exceed one: opinions that correct different faults all count in full, those that correct the same
 * share it.
 *
 * Source: stacking, Wolpert (1992), in logarithms; weights by the online Newton step, Hazan, Agarwal and Kale (2007).
 */
export class CorrectionStack {
  readonly #count: number;
  readonly #classes: number;
  readonly #resting: readonly number[];
  readonly #stepRatios: readonly number[];
  readonly #weights: Float64Array;
  /** Shape: the lower triangle of a symmetric table, row by row. */
  readonly #evidence: Float32Array;
  readonly #corrections: Float64Array;
  readonly #steps: Float64Array;
  readonly #means: Float64Array;
  readonly #system: Float64Array;

  /** Weights start at `startWeights`, one per opinion, and return to `restingWeights` where nothing else is learned. */
  constructor({
    startWeights,
    restingWeights,
    stepRatios,
    classCount,
  }: {
    startWeights: readonly number[];
    restingWeights: readonly number[];
    /** How much longer the first steps of an opinion are than asked for: opinions that move little need more. */
    stepRatios: readonly number[];
    classCount: number;
  }) {
    const count = startWeights.length;
    this.#count = count;
    this.#classes = classCount;
    this.#resting = restingWeights;
    this.#stepRatios = stepRatios;
    this.#weights = Float64Array.from(startWeights);
    this.#evidence = new Float32Array((count * (count + 1)) / 2);
    this.#corrections = new Float64Array(count * classCount);
    this.#steps = new Float64Array(count);
    this.#means = new Float64Array(count);
    this.#system = new Float64Array(count * (count + 1));
  }

  /** Shape: one per opinion. The array is its own: read it before the next `learn`. */
  get weights(): Float64Array {
    return this.#weights;
  }

  /** Where the caller writes what each opinion adds to the logarithms, before `correctionOf` and `learn`. Shape: by opinion, then class. */
  get corrections(): Float64Array {
    return this.#corrections;
  }

  /** Returns what all opinions together add to the logarithm of a class. */
  correctionOf(index: number): number {
    let sum = 0;
    for (let opinion = 0; opinion < this.#count; opinion += 1)
      sum += (this.#weights[opinion] ?? 0) * (this.#corrections[opinion * this.#classes + index] ?? 0);
    return sum;
  }

  /** One step of the weights on one example. */
  learn(lesson: StackLesson): void {
    const { step, restRatio, leastWeight = 0 } = lesson;
    if (!(step > 0)) return;
    this.#weigh(lesson);
    this.#solve(1 / step);
    for (let opinion = 0; opinion < this.#count; opinion += 1) {
      const moved = (this.#weights[opinion] ?? 0) + (this.#steps[opinion] ?? 0);
      const bounded = min(MOST_WEIGHT, max(leastWeight, moved));
      this.#weights[opinion] = bounded + restRatio * ((this.#resting[opinion] ?? 0) - bounded);
    }
  }

  /** Scales the weights from the opinion `first` on down until their sum is no more than `mostSum`. */
  limit(first: number, mostSum: number): void {
    let sum = 0;
    for (let opinion = first; opinion < this.#count; opinion += 1) sum += this.#weights[opinion] ?? 0;
    if (sum <= mostSum) return;
    for (let opinion = first; opinion < this.#count; opinion += 1)
      this.#weights[opinion] = ((this.#weights[opinion] ?? 0) * mostSum) / sum;
  }

  save(): CorrectionStackState {
    return { weights: packFloats(this.#weights), evidence: packFloats(this.#evidence) };
  }

  restore({ weights, evidence }: CorrectionStackState): void {
    unpackFloats(weights, this.#weights);
    unpackFloats(evidence, this.#evidence);
  }

  /** The gradient of the log loss, into the steps, and its expected curvature, onto the evidence. */
  #weigh({ answer, answerAt = 0, wanted, wantedAt = 0, gain = 1, share = 1 }: StackLesson): void {
    const classes = this.#classes;
    const corrections = this.#corrections;
    for (let opinion = 0; opinion < this.#count; opinion += 1) {
      let slope = 0;
      let mean = 0;
      for (let index = 0; index < classes; index += 1) {
        const correction = gain * (corrections[opinion * classes + index] ?? 0);
        const probability = answer[answerAt + index] ?? 0;
        slope += ((wanted[wantedAt + index] ?? 0) - probability) * correction;
        mean += probability * correction;
      }
      this.#steps[opinion] = share * slope;
      this.#means[opinion] = mean;
    }
    for (let row = 0; row < this.#count; row += 1) {
      for (let column = 0; column <= row; column += 1) {
        let shared = 0;
        for (let index = 0; index < classes; index += 1)
          shared +=
            (answer[answerAt + index] ?? 0) *
            (corrections[row * classes + index] ?? 0) *
            (corrections[column * classes + index] ?? 0);
        const curvature = share * (gain * gain * shared - (this.#means[row] ?? 0) * (this.#means[column] ?? 0));
        const at = triangleAt(row, column);
        this.#evidence[at] = EVIDENCE_DECAY * (this.#evidence[at] ?? 0) + curvature;
      }
    }
  }

  /** Turns the gradient in the steps into the Newton step: solves (evidence + ridge) x = gradient, symmetric and positive, by elimination. */
  #solve(ridge: number): void {
    const count = this.#count;
    const width = count + 1;
    const system = this.#system;
    const steps = this.#steps;
    for (let row = 0; row < count; row += 1) {
      for (let column = 0; column < count; column += 1) {
        const known = this.#evidence[triangleAt(max(row, column), min(row, column))] ?? 0;
        system[row * width + column] = known + (row === column ? ridge / (this.#stepRatios[row] ?? 1) : 0);
      }
      system[row * width + count] = steps[row] ?? 0;
    }
    for (let pivot = 0; pivot < count; pivot += 1) {
      for (let row = pivot + 1; row < count; row += 1) {
        const factor = (system[row * width + pivot] ?? 0) / (system[pivot * width + pivot] ?? 1);
        for (let column = pivot; column <= count; column += 1) {
          const above = system[pivot * width + column] ?? 0;
          system[row * width + column] = (system[row * width + column] ?? 0) - factor * above;
        }
      }
    }
    for (let row = count - 1; row >= 0; row -= 1) {
      let value = system[row * width + count] ?? 0;
      for (let column = row + 1; column < count; column += 1)
        value -= (system[row * width + column] ?? 0) * (steps[column] ?? 0);
      steps[row] = value / (system[row * width + row] ?? 1);
    }
  }
}
