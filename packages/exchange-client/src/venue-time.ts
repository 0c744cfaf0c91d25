import type { Clock, MarketClock } from '@qt/kernel';

/** Knows the venue's time: measured against our clock, or carried by the market clock that the streams move. */
export interface VenueTime {
  nowMs(): number;
  /** Measures anew. Returns venue minus ours, zero with a market clock. Units: ms. */
  sync(): Promise<number>;
  /** Makes sure that a first measurement exists, and starts another in the background when the last one is old. */
  ready(): Promise<void>;
}

const SAMPLES = 5;
const REFRESH_AFTER_MS = 60_000;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

class MeasuredTime implements VenueTime {
  readonly #clock: Clock;
  readonly #serverTimeMs: () => Promise<number>;
  #offsetMs = 0;
  #measuredAtMs: number | null = null;
  #running: Promise<number> | null = null;

  constructor(clock: Clock, serverTimeMs: () => Promise<number>) {
    this.#clock = clock;
    this.#serverTimeMs = serverTimeMs;
  }

  nowMs(): number {
    return Math.round(this.#clock.nowMs() + this.#offsetMs);
  }

  sync(): Promise<number> {
    this.#running ??= this.#measure().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async ready(): Promise<void> {
    if (this.#measuredAtMs === null) await this.sync();
    else if (this.#clock.nowMs() - this.#measuredAtMs > REFRESH_AFTER_MS) {
      // Nobody waits for this one; when it fails the old offset stands and the next call tries again.
      this.sync().catch(() => undefined);
    }
  }

  async #measure(): Promise<number> {
    const offsets: number[] = [];
    for (let sample = 0; sample < SAMPLES; sample += 1) {
      const sentAtMs = this.#clock.nowMs();
      const serverMs = await this.#serverTimeMs();
      // The answer was written about half way through the round trip.
      offsets.push(serverMs - (sentAtMs + this.#clock.nowMs()) / 2);
    }
    this.#offsetMs = median(offsets);
    this.#measuredAtMs = this.#clock.nowMs();
    return Math.round(this.#offsetMs);
  }
}

class MarketTime implements VenueTime {
  readonly #clock: MarketClock;
  readonly #serverTimeMs: () => Promise<number>;

  constructor(clock: MarketClock, serverTimeMs: () => Promise<number>) {
    this.#clock = clock;
    this.#serverTimeMs = serverTimeMs;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  async sync(): Promise<number> {
    this.#clock.advanceTo(await this.#serverTimeMs());
    return 0;
  }

  async ready(): Promise<void> {
    if (this.#clock.nowMs() === 0) await this.sync();
  }
}

/**
 * Returns the venue's time. With a market clock that clock is the venue's time (no wall time enters); otherwise the offset of `clock` is the
 * median of five midpoint samples, measured again after 60 s.
 */
export const createVenueTime = (options: {
  clock: Clock;
  marketClock: MarketClock | null;
  serverTimeMs: () => Promise<number>;
}): VenueTime =>
  options.marketClock === null
    ? new MeasuredTime(options.clock, options.serverTimeMs)
    : new MarketTime(options.marketClock, options.serverTimeMs);
