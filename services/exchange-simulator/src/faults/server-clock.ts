/** The clock that the venue shows and holds timestamps against: market time, unless it has been made to jump. Events keep market time. */
export class ServerClock {
  readonly #marketMs: () => number;
  #offsetMs = 0;

  constructor(marketMs: () => number) {
    this.#marketMs = marketMs;
  }

  nowMs(): number {
    return this.#marketMs() + this.#offsetMs;
  }

  /** How far it is ahead of market time. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  jump(byMs: number): void {
    this.#offsetMs += byMs;
  }
}
