import { LABEL_HALF_WINDOW_CANDLES, UNLABELED } from './factor-labels.ts';

/** Candles between two refits. */
export const FOLD_CANDLES = 500;
/** Candles that models with a window look back. */
export const TRAIN_CANDLES = 2_000;
/** A label reaches this far into its future; as much again is left out so that nothing leaks through what follows a label. */
export const PURGED_CANDLES = 2 * LABEL_HALF_WINDOW_CANDLES;

/** A stretch that is judged, and what may be known when it begins. */
export interface Fold {
  /** First candle that is judged. */
  readonly from: number;
  /** First candle that is not. */
  readonly to: number;
  /** Labels of candles before this one are known: purge and embargo are taken off. */
  readonly labelsKnownTo: number;
}

/** Returns the folds of a series, one after the other, from the first candle that has `TRAIN_CANDLES` behind it. */
export const foldsOf = (candles: number): Fold[] => {
  const folds: Fold[] = [];
  for (let from = TRAIN_CANDLES; from < candles; from += FOLD_CANDLES) {
    folds.push({ from, to: Math.min(candles, from + FOLD_CANDLES), labelsKnownTo: from - PURGED_CANDLES });
  }
  return folds;
};

/** Returns for each state the class that its labeled candles in `from` to `to` (excluded) have most often; 0 where there is none. */
export const namesOfStates = (
  states: ArrayLike<number>,
  labels: Int8Array,
  span: { readonly from: number; readonly to: number; readonly states: number; readonly classes: number },
): { readonly names: Int8Array; readonly hitRatio: number } => {
  const counts = new Float64Array(span.states * span.classes);
  const all = new Float64Array(span.classes);
  for (let index = span.from; index < span.to; index += 1) {
    const label = labels[index] ?? UNLABELED;
    const state = states[index] ?? UNLABELED;
    if (label === UNLABELED || state < 0) continue;
    counts[state * span.classes + label] = (counts[state * span.classes + label] ?? 0) + 1;
    all[label] = (all[label] ?? 0) + 1;
  }
  const likeliest = (values: Float64Array): number => {
    const most = Math.max(...values);
    return most > 0 ? values.indexOf(most) : all.indexOf(Math.max(...all));
  };
  let hits = 0;
  const names = Int8Array.from({ length: span.states }, (_, state) => {
    const ofState = counts.subarray(state * span.classes, (state + 1) * span.classes);
    hits += Math.max(...ofState);
    return likeliest(ofState);
  });
  const total = all.reduce((sum, count) => sum + count, 0);
  return { names, hitRatio: total > 0 ? hits / total : 0 };
};

/** Returns calls made of states, renamed at each fold by the labels known when it begins; UNLABELED before the first fold. */
export const renamed = (
  states: ArrayLike<number>,
  labels: Int8Array,
  counts: { readonly states: number; readonly classes: number },
): Int8Array => {
  const calls = new Int8Array(labels.length).fill(UNLABELED);
  for (const { from, to, labelsKnownTo } of foldsOf(labels.length)) {
    const { names } = namesOfStates(states, labels, { from: 0, to: labelsKnownTo, ...counts });
    for (let index = from; index < to; index += 1) {
      const state = states[index] ?? UNLABELED;
      calls[index] = state < 0 ? UNLABELED : (names[state] ?? 0);
    }
  }
  return calls;
};
