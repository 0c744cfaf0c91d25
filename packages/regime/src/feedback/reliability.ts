export interface ReliabilityState {
  readonly weights: readonly number[];
  readonly confidences: readonly number[];
  readonly hits: readonly number[];
}

const BIN_COUNT = 10;

/** Compares how sure the likeliest regime was said to be with how often it was right, in ten bins of decaying counts. */
export class Reliability {
  readonly #decay: number;
  readonly #weights = new Float64Array(BIN_COUNT);
  readonly #confidences = new Float64Array(BIN_COUNT);
  readonly #hits = new Float64Array(BIN_COUNT);

  constructor(decay: number) {
    this.#decay = decay;
  }

  /** `hitProbability` is what the label gives the regime that was said. */
  add(confidence: number, hitProbability: number): void {
    const bin = Math.min(BIN_COUNT - 1, Math.floor(confidence * BIN_COUNT));
    for (let index = 0; index < BIN_COUNT; index += 1) {
      this.#weights[index] = this.#decay * (this.#weights[index] ?? 0) + (index === bin ? 1 : 0);
      this.#confidences[index] = this.#decay * (this.#confidences[index] ?? 0) + (index === bin ? confidence : 0);
      this.#hits[index] = this.#decay * (this.#hits[index] ?? 0) + (index === bin ? hitProbability : 0);
    }
  }

  /** Expected calibration error; null before the first candle. */
  get calibrationError(): number | null {
    return this.#mean((apart) => Math.abs(apart));
  }

  /** Above 0 when more was promised than kept; null before the first candle. */
  get overconfidence(): number | null {
    return this.#mean((apart) => apart);
  }

  save(): ReliabilityState {
    return { weights: [...this.#weights], confidences: [...this.#confidences], hits: [...this.#hits] };
  }

  restore({ weights, confidences, hits }: ReliabilityState): void {
    this.#weights.set(weights);
    this.#confidences.set(confidences);
    this.#hits.set(hits);
  }

  #mean(of: (apart: number) => number): number | null {
    let sum = 0;
    let total = 0;
    for (let index = 0; index < BIN_COUNT; index += 1) {
      sum += of((this.#confidences[index] ?? 0) - (this.#hits[index] ?? 0));
      total += this.#weights[index] ?? 0;
    }
    return total === 0 ? null : sum / total;
  }
}
