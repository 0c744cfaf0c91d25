import type { CausalClassification } from '../causal-classifier.ts';
import { likeliestOf } from '../held-regime.ts';
import { lossOf } from './calibration-scores.ts';

/** How a classifier did in one part of a run. */
export interface PeriodScores {
  readonly accuracyRatio: number;
  /** In nats. */
  readonly logLoss: number;
}

/** Adds up what was said of the candles `from` to `to - 1`. */
export class PeriodTally {
  readonly #from: number;
  readonly #to: number;
  #candles = 0;
  #right = 0;
  #loss = 0;

  constructor(from: number, to: number) {
    this.#from = from;
    this.#to = to;
  }

  /** `trueId`: the true regime of the candle at `index`; candles outside the part are passed over. */
  add(index: number, said: CausalClassification, trueId: number): void {
    if (index < this.#from || index >= this.#to) return;
    this.#candles += 1;
    if (likeliestOf(said.probabilities) === trueId) this.#right += 1;
    this.#loss += lossOf(said.probabilities[trueId] ?? 0);
  }

  /** NaN of no candle. */
  get scores(): PeriodScores {
    return { accuracyRatio: this.#right / this.#candles, logLoss: this.#loss / this.#candles };
  }
}
