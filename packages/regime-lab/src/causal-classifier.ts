import type { Bar } from '@qt/regime';

/** What a classifier says after one candle. Arrays may be its own: read them before its next update. */
export interface CausalClassification {
  /** Shape: 18 by regime id, summing to 1. */
  readonly probabilities: ArrayLike<number>;
  /** The regime it stands by; others may be likelier for a while. */
  readonly publishedId: number;
  /** Probability that the true regime changes within so many candles, this one not counted; left out by those that do not say. */
  readonly changeWithin10Probability?: number;
  readonly changeWithin30Probability?: number;
  /** Regimes that together are to hold the true one in nine of ten candles. */
  readonly conformalSet?: readonly number[];
}

/** Anything that names the regime candle by candle and has seen no later one. */
export interface CausalClassifier {
  update(bar: Bar): CausalClassification;
  /** Takes in the unlabeled candles before the first; a classifier without it is updated with each of them instead. */
  calibrate?(history: readonly Bar[]): void;
}
