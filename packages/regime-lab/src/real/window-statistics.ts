import type { RealSeries } from './real-series.ts';

/** A market that did not move at all has this log variance. */
const MOTIONLESS_LOG_VARIANCE = Math.log(1e-16);

const cumulated = (count: number, valueAt: (index: number) => number): Float64Array => {
  const sums = new Float64Array(count + 1);
  for (let index = 0; index < count; index += 1) sums[index + 1] = (sums[index] ?? 0) + valueAt(index);
  return sums;
};

/**
 * Statistics of any window of a series, each in constant time. Whoever asks chooses the window: one that ends at a candle is causal
 * there, one around it is hindsight.
 *
 * Windows are `first` to `last`, both included.
 */
export class WindowStatistics {
  readonly #squares: Float64Array;
  readonly #prices: Float64Array;
  readonly #indexedPrices: Float64Array;
  readonly #squaredPrices: Float64Array;
  readonly #spans = new Map<number, Float64Array>();
  readonly #series: RealSeries;

  constructor(series: RealSeries) {
    this.#series = series;
    const { logCloses, logReturns } = series;
    const count = logCloses.length;
    // Relative to the first price: differences of large sums lose fewer digits.
    const origin = logCloses[0] ?? 0;
    const price = (index: number): number => (logCloses[index] ?? 0) - origin;
    this.#squares = cumulated(count, (index) => (logReturns[index] ?? 0) ** 2);
    this.#prices = cumulated(count, price);
    this.#indexedPrices = cumulated(count, (index) => index * price(index));
    this.#squaredPrices = cumulated(count, (index) => price(index) ** 2);
  }

  get length(): number {
    return this.#series.logCloses.length;
  }

  /** Returns ln of the mean squared return. */
  logVariance(first: number, last: number): number {
    const mean = this.#sum(this.#squares, first, last) / (last - first + 1);
    return mean > 0 ? Math.log(mean) : MOTIONLESS_LOG_VARIANCE;
  }

  /** Returns the t-value of the slope of log price on time; 0 for a price that did not move. */
  slopeTValue(first: number, last: number): number {
    const count = last - first + 1;
    const meanIndex = (first + last) / 2;
    const sum = this.#sum(this.#prices, first, last);
    const spread = (count * (count * count - 1)) / 12;
    const crossed = this.#sum(this.#indexedPrices, first, last) - meanIndex * sum;
    const total = this.#sum(this.#squaredPrices, first, last) - (sum * sum) / count;
    const slope = crossed / spread;
    const residual = total - slope * crossed;
    if (!(total > 1e-18)) return 0;
    return slope / Math.sqrt(Math.max(residual, 1e-12 * total) / (count - 2) / spread);
  }

  /**
   * Returns the variance of moves over `span` candles against `span` times that of one candle: above 1 where moves go on, below 1
   * where they turn back. 1 for a price that did not move.
   *
   * Source: Lo and MacKinlay (1988), overlapping, without the mean.
   */
  varianceRatio(first: number, last: number, span: number): number {
    const ones = this.#sum(this.#squares, first, last) / (last - first + 1);
    const start = first + span - 1;
    const moves = this.#sum(this.#spanSquares(span), start, last) / (last - start + 1);
    return ones > 0 ? moves / (span * ones) : 1;
  }

  /** Returns the net move against the root of the summed squares: a trend's strength without its fit. */
  netMove(first: number, last: number): number {
    const { logCloses } = this.#series;
    const move = (logCloses[last] ?? 0) - (logCloses[Math.max(0, first - 1)] ?? 0);
    const squares = this.#sum(this.#squares, first, last);
    return squares > 0 ? move / Math.sqrt(squares) : 0;
  }

  #sum(sums: Float64Array, first: number, last: number): number {
    return (sums[last + 1] ?? 0) - (sums[first] ?? 0);
  }

  #spanSquares(span: number): Float64Array {
    const known = this.#spans.get(span);
    if (known !== undefined) return known;
    const { logCloses } = this.#series;
    const made = cumulated(logCloses.length, (index) =>
      index < span ? 0 : ((logCloses[index] ?? 0) - (logCloses[index - span] ?? 0)) ** 2,
    );
    this.#spans.set(span, made);
    return made;
  }
}
