import type { PriceFilter } from './price-filter.ts';

const { abs } = Math;

const WINDOW_CANDLES = 10;
/** Smoothing of exponential averages over 2 and 30 candles: the ends between which efficiency chooses. */
const FAST_STEP = 2 / 3;
const SLOW_STEP = 2 / 31;

/**
 * Average whose speed is the efficiency of the last ten moves: net move over path. A straight price is followed at once, a price
 * that goes back and forth hardly moves it.
 *
 * Source: Kaufman, Smarter Trading (1995), with his windows of 10, 2 and 30.
 */
export class EfficiencyAverage implements PriceFilter {
  readonly #prices = new Float64Array(WINDOW_CANDLES + 1);
  #position = 0;
  #value = 0;
  #efficiencyRatio = 0;

  get value(): number {
    return this.#value;
  }

  get forecast(): number {
    return this.#value;
  }

  /** Net move over path of the last ten moves: 1 for a straight line, near 0 for noise. */
  get efficiencyRatio(): number {
    return this.#efficiencyRatio;
  }

  update(logPrice: number): void {
    this.#prices[this.#position] = logPrice;
    this.#position = (this.#position + 1) % (WINDOW_CANDLES + 1);
    // Summed anew each time: a running sum would carry rounding with it for ever.
    let path = 0;
    let at = this.#position;
    let earlier = this.#prices[at] ?? logPrice;
    const net = abs(logPrice - earlier);
    for (let step = 0; step < WINDOW_CANDLES; step += 1) {
      at = at === WINDOW_CANDLES ? 0 : at + 1;
      const price = this.#prices[at] ?? logPrice;
      path += abs(price - earlier);
      earlier = price;
    }
    this.#efficiencyRatio = path > 0 ? net / path : 0;
    const speed = SLOW_STEP + this.#efficiencyRatio * (FAST_STEP - SLOW_STEP);
    this.#value += speed * speed * (logPrice - this.#value);
  }

  restart(logPrice: number): void {
    this.#prices.fill(logPrice);
    this.#value = logPrice;
    this.#efficiencyRatio = 0;
  }

  save(): readonly number[] {
    return [this.#position, this.#value, this.#efficiencyRatio, ...this.#prices];
  }

  restore(state: readonly number[]): void {
    const [position, value, efficiencyRatio, ...prices] = state;
    this.#position = position ?? 0;
    this.#value = value ?? 0;
    this.#efficiencyRatio = efficiencyRatio ?? 0;
    this.#prices.set(prices);
  }
}
