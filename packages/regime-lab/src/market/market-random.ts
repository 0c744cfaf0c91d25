import { seededRandom } from '@qt/kernel';

// Taken once: this is the hot path.
const { PI, cos, floor, imul, log, max, sqrt } = Math;

const SMALLEST = 2 ** -33;

/** The draws a market is made of. Same seed and stream, same draws. */
export class MarketRandom {
  readonly #next: () => number;

  /** `stream`: seeds that are neighbours, or the same for two purposes, must not give related draws. */
  constructor(seed: number, stream: number) {
    this.#next = seededRandom(imul(seed ^ (seed >>> 16), 0x9e3779b1) ^ imul(stream + 1, 0x85ebca6b));
  }

  /** Returns a number above 0 and below 1. */
  uniform(): number {
    return max(this.#next(), SMALLEST);
  }

  /** Returns a whole number from 0 to `count - 1`. */
  below(count: number): number {
    return floor(this.#next() * count);
  }

  normal(): number {
    return sqrt(-2 * log(this.uniform())) * cos(2 * PI * this.uniform());
  }

  /** Returns the variance that turns a normal into a Student-t with 4 degrees of freedom; its mean is 2. */
  mixingVarianceOfT4(): number {
    // A chi-square of 4 degrees is twice the sum of two exponentials.
    return 2 / -log(this.uniform() * this.uniform());
  }
}
