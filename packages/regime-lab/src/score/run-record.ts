import { REGIME_COUNT } from '@qt/regime';
import type { CausalClassification } from '../causal-classifier.ts';

/** Everything one classifier said of one market, beside the truth. Columns by candle. */
export class RunRecord {
  readonly truth: Uint8Array;
  /** Shape: candles x 18, row by row. */
  readonly probabilities: Float64Array;
  readonly likeliestIds: Uint8Array;
  readonly publishedIds: Uint8Array;
  /** NaN where the classifier says nothing of it. */
  readonly changeWithin10: Float64Array;
  readonly changeWithin30: Float64Array;
  /** Bit `id` is set when the set holds that regime. */
  readonly conformalMasks: Uint32Array;
  /** 1 where a set was given; a set may be empty. */
  readonly hasConformalSet: Uint8Array;
  /** Candles before this one are not scored. */
  readonly firstScored: number;

  constructor(truth: Uint8Array, firstScored: number) {
    const candles = truth.length;
    this.truth = truth;
    this.firstScored = firstScored;
    this.probabilities = new Float64Array(candles * REGIME_COUNT);
    this.likeliestIds = new Uint8Array(candles);
    this.publishedIds = new Uint8Array(candles);
    this.changeWithin10 = new Float64Array(candles);
    this.changeWithin30 = new Float64Array(candles);
    this.conformalMasks = new Uint32Array(candles);
    this.hasConformalSet = new Uint8Array(candles);
  }

  get candles(): number {
    return this.truth.length;
  }

  write(index: number, said: CausalClassification): void {
    const first = index * REGIME_COUNT;
    let best = 0;
    let largest = Number.NEGATIVE_INFINITY;
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      const probability = said.probabilities[id] ?? 0;
      this.probabilities[first + id] = probability;
      if (probability <= largest) continue;
      largest = probability;
      best = id;
    }
    this.likeliestIds[index] = best;
    this.publishedIds[index] = said.publishedId;
    this.changeWithin10[index] = said.changeWithin10Probability ?? Number.NaN;
    this.changeWithin30[index] = said.changeWithin30Probability ?? Number.NaN;
    let mask = 0;
    for (const id of said.conformalSet ?? []) mask |= 1 << id;
    this.conformalMasks[index] = mask;
    this.hasConformalSet[index] = said.conformalSet === undefined ? 0 : 1;
  }
}

/** A change of regime: the first candle of the new one. `lifeCandles`: how long the new one stays. */
export interface RegimeChange {
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly lifeCandles: number;
}

/** Returns the changes of a path from `first` on, of what `factorOf` reads from a regime. */
export const changesIn = (
  path: Uint8Array,
  first: number,
  factorOf: (regimeId: number) => number = (regimeId) => regimeId,
): RegimeChange[] => {
  const found: { at: number; from: number; to: number; lifeCandles: number }[] = [];
  let current = factorOf(path[first] ?? 0);
  for (let index = first + 1; index < path.length; index += 1) {
    const next = factorOf(path[index] ?? 0);
    if (next === current) continue;
    const last = found.at(-1);
    if (last !== undefined) last.lifeCandles = index - last.at;
    found.push({ at: index, from: current, to: next, lifeCandles: path.length - index });
    current = next;
  }
  return found;
};
