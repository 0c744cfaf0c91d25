import type { Confusion } from './agreement.ts';
import { UNLABELED } from './factor-labels.ts';

/** Candles of each class in groups that come one after the other. Shape: groups x classes by rows. */
interface GroupedCounts {
  readonly counts: Float64Array;
  readonly classes: number;
}

/** Returns the most candles that are right when every group is called one class and no group a lower one than the group before it. */
const mostRight = ({ counts, classes }: GroupedCounts): number => {
  const best = new Float64Array(classes);
  for (let start = 0; start < counts.length; start += classes) {
    let lower = 0;
    for (let id = 0; id < classes; id += 1) {
      lower = Math.max(lower, best[id] ?? 0);
      best[id] = lower + (counts[start + id] ?? 0);
    }
  }
  return Math.max(...best);
};

/**
 * Returns the accuracy of the calls when each class that is called may stand for any other, in the same order: the best of such names,
 * found afterwards. What it falls short by is no matter of where the levels begin.
 */
export const relabeledAccuracy = (confusion: Confusion): number => {
  const classes = Math.sqrt(confusion.length);
  const byCall = new Float64Array(confusion.length);
  let candles = 0;
  for (let label = 0; label < classes; label += 1) {
    for (let call = 0; call < classes; call += 1) {
      const count = confusion[label * classes + call] ?? 0;
      byCall[call * classes + label] = count;
      candles += count;
    }
  }
  return candles > 0 ? mostRight({ counts: byCall, classes }) / candles : 0;
};

/** Which candles are looked at: those with a label from `from` on. */
interface Judged {
  readonly labels: Int8Array;
  readonly from: number;
}

const judgedIndices = ({ labels, from }: Judged): number[] => {
  const indices: number[] = [];
  for (let index = from; index < labels.length; index += 1) {
    if ((labels[index] ?? UNLABELED) !== UNLABELED) indices.push(index);
  }
  return indices;
};

/** Returns the accuracy of the best fixed cuts through a score, found afterwards: what is known of the label's order. Equal scores stay together. */
export const bestCutsAccuracy = (scores: Float64Array, judged: Judged, classes: number): number => {
  const indices = judgedIndices(judged).sort((left, right) => (scores[left] ?? 0) - (scores[right] ?? 0));
  if (indices.length === 0) return 0;
  const counts: number[] = [];
  let last = Number.NaN;
  for (const index of indices) {
    const score = scores[index] ?? 0;
    if (score !== last) for (let id = 0; id < classes; id += 1) counts.push(0);
    last = score;
    const cell = counts.length - classes + (judged.labels[index] ?? 0);
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  return mostRight({ counts: Float64Array.from(counts), classes }) / indices.length;
};

/** Returns ranks from 1, equal values sharing the mean of theirs. */
const ranksOf = (values: Float64Array): Float64Array => {
  const order = [...values.keys()].sort((left, right) => (values[left] ?? 0) - (values[right] ?? 0));
  const ranks = new Float64Array(values.length);
  for (let first = 0; first < order.length; ) {
    let next = first;
    while (next < order.length && values[order[next] ?? 0] === values[order[first] ?? 0]) next += 1;
    for (let at = first; at < next; at += 1) ranks[order[at] ?? 0] = (first + next + 1) / 2;
    first = next;
  }
  return ranks;
};

const correlationOf = (one: Float64Array, other: Float64Array): number => {
  const mean = (one.length + 1) / 2;
  let both = 0;
  let ofOne = 0;
  let ofOther = 0;
  for (let index = 0; index < one.length; index += 1) {
    const left = (one[index] ?? 0) - mean;
    const right = (other[index] ?? 0) - mean;
    both += left * right;
    ofOne += left * left;
    ofOther += right * right;
  }
  return ofOne > 0 && ofOther > 0 ? both / Math.sqrt(ofOne * ofOther) : 0;
};

/** Returns Spearman's rank correlation of a score and the labels in their order; 0 where either is constant. Cuts do not matter to it. */
export const rankCorrelation = (scores: ArrayLike<number>, judged: Judged): number => {
  const indices = judgedIndices(judged);
  const picked = (values: ArrayLike<number>): Float64Array => Float64Array.from(indices, (index) => values[index] ?? 0);
  return correlationOf(ranksOf(picked(scores)), ranksOf(picked(judged.labels)));
};
