import { refuse } from './protocol-error.ts';

const MINUTE_MS = 60_000;
const TEN_SECONDS_MS = 10_000;

class WindowCounter {
  readonly #lengthMs: number;
  #window = -1;
  #count = 0;

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  add(amount: number, nowMs: number): number {
    const window = Math.floor(nowMs / this.#lengthMs);
    if (window !== this.#window) {
      this.#window = window;
      this.#count = 0;
    }
    this.#count += amount;
    return this.#count;
  }
}

/**
 * Counts request weight per minute and orders per ten seconds and per minute, in wall time, for all clients together:
 * every client of a simulator comes from one address.
 */
export class RateLimits {
  readonly #weightLimit: number | null;
  readonly #weight = new WindowCounter(MINUTE_MS);
  readonly #orders10s = new WindowCounter(TEN_SECONDS_MS);
  readonly #orders1m = new WindowCounter(MINUTE_MS);

  /** `weightLimit` null counts without refusing, for stepped replays that pass hours of market in a second. */
  constructor(weightLimit: number | null) {
    this.#weightLimit = weightLimit;
  }

  /** Returns the weight used in this minute. Throws: 429 -1003 above the limit. */
  useWeight(weight: number, wallMs: number): number {
    const used = this.#weight.add(weight, wallMs);
    if (this.#weightLimit !== null && used > this.#weightLimit) throw refuse.tooManyRequests(this.#weightLimit);
    return used;
  }

  countOrder(wallMs: number): { readonly in10s: number; readonly in1m: number } {
    return { in10s: this.#orders10s.add(1, wallMs), in1m: this.#orders1m.add(1, wallMs) };
  }
}
