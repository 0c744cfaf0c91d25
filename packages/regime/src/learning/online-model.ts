/**
 * A model that learns from each example once. Every model starts at the base's own marginals and moves away only as far as the
 * examples take it; all but `NaiveBayes` stay corrections of the base.
 */
export interface OnlineModel {
  readonly name: string;
  /** Multiplies every learning step; 1 unless the market drifts. */
  stepFactor: number;
  /** Writes nine probabilities from `at`: levels, then slots. */
  predict(row: Float32Array, into: Float32Array, at: number): void;
  /** One step on one example. Shape of the teacher: nine probabilities in the row's orientation. */
  learn(row: Float32Array, teacher: Float64Array): void;
  /** Plain JSON; `restore` of it continues bit for bit. */
  save(): ModelState;
  restore(state: ModelState): void;
}

/** Packed numbers by name. */
export type ModelState = Readonly<Record<string, string>>;
