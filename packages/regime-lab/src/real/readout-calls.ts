import type { Calls } from './baseline-calls.ts';
import { scaledRows } from './causal-features.ts';
import { UNLABELED } from './factor-labels.ts';
import type { FeatureRows } from './jump-model.ts';
import { fitLogit, likeliestClass, type LogitWeights } from './multinomial-logit.ts';
import { besideEachOther } from './readout-features.ts';
import { foldsOf } from './walk-forward.ts';

/** Candles before the longest trailing window is full, and before an engine without history says much. */
const UNREAD_CANDLES = 100;
/** Labels of neighbors are nearly the same: one in so many is enough to fit on. */
const STRIDE_CANDLES = 8;

/** Features of one fold, scaled by what was known before it. */
interface ReadoutFold {
  readonly from: number;
  readonly to: number;
  /** Candles that are fitted on, and their rows. */
  readonly fittedIndices: readonly number[];
  readonly fitted: FeatureRows;
  /** Rows of candles `from` to `to`. */
  readonly judged: FeatureRows;
}

/** Returns the folds of features that may be read out for any labels. */
export const readoutFolds = (features: FeatureRows): ReadoutFold[] => {
  const { width } = features;
  return foldsOf(features.values.length / width).map(({ from, to, labelsKnownTo }) => {
    const rows = scaledRows(features, { from: UNREAD_CANDLES, fittedTo: labelsKnownTo, to });
    const rowAt = (index: number): Float64Array =>
      rows.values.subarray((index - UNREAD_CANDLES) * width, (index - UNREAD_CANDLES + 1) * width);
    const fittedIndices: number[] = [];
    for (let index = UNREAD_CANDLES; index < labelsKnownTo; index += STRIDE_CANDLES) fittedIndices.push(index);
    const fitted = new Float64Array(fittedIndices.length * width);
    for (const [row, index] of fittedIndices.entries()) fitted.set(rowAt(index), row * width);
    const judged = rows.values.slice((from - UNREAD_CANDLES) * width);
    return { from, to, fittedIndices, fitted: { values: fitted, width }, judged: { values: judged, width } };
  });
};

/**
 * Returns the class that a logistic regression on the features finds likeliest, fitted anew at each fold on the labels known when it
 * begins; UNLABELED before the first fold.
 */
export const readoutCalls = (folds: readonly ReadoutFold[], labels: Int8Array, classes: number): Calls => {
  const calls = new Int8Array(labels.length).fill(UNLABELED);
  let weights: LogitWeights | null = null;
  for (const { from, to, fittedIndices, fitted, judged } of folds) {
    const known = Int8Array.from(fittedIndices, (index) => labels[index] ?? UNLABELED);
    weights = fitLogit({ rows: fitted, labels: known, classes }, weights);
    for (let index = from; index < to; index += 1) calls[index] = likeliestClass(weights, judged, index - from);
  }
  return calls;
};

/** The three things that are read out in the same way. */
export interface Readouts {
  readonly engine: readonly ReadoutFold[];
  readonly windows: readonly ReadoutFold[];
  readonly both: readonly ReadoutFold[];
}

/** Returns the folds of what the engine says, of what the baselines read, and of both side by side. */
export const readoutsOf = (engine: FeatureRows, windows: FeatureRows): Readouts => ({
  engine: readoutFolds(engine),
  windows: readoutFolds(windows),
  both: readoutFolds(besideEachOther(engine, windows)),
});
