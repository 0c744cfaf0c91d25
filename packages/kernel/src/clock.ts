/** Where a process reads its time. Decisions never call it; they take times as arguments. */
export interface Clock {
  /** Units: UTC milliseconds. */
  nowMs(): number;
}

/** The machine's own clock. */
export const wallClock: Clock = { nowMs: () => Date.now() };

/**
 * A clock that stands still until an event from the market moves it: venue time in replays and in accelerated paper trading.
 * It never goes back.
 */
export class MarketClock implements Clock {
  #nowMs: number;

  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  /** Moves the clock to `timeMs` when that is later than now. */
  advanceTo(timeMs: number): void {
    if (timeMs > this.#nowMs) this.#nowMs = timeMs;
  }
}
