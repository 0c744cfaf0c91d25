import { REGIME_COUNT } from '@qt/regime';

/** A stretch of candles, short enough for a pixel. */
export interface TimelineBucket {
  readonly openTimeMs: number;
  readonly lowClose: number;
  readonly highClose: number;
  readonly lastClose: number;
  /** The regime that most of its candles were in. */
  readonly regimeId: number;
}

/** A series of any length in at most `most` stretches, in memory that does not grow: when they are full, neighbors are joined. */
export class TimelineSketch {
  readonly #most: number;
  readonly #counts: Uint32Array;
  readonly #buckets: { openTimeMs: number; lowClose: number; highClose: number; lastClose: number }[] = [];
  #stride = 1;
  #inLast = 0;
  #candles = 0;

  constructor(most = 1_000) {
    this.#most = most + (most % 2);
    this.#counts = new Uint32Array(REGIME_COUNT * this.#most);
  }

  get candles(): number {
    return this.#candles;
  }

  add(openTimeMs: number, close: number, regimeId: number): void {
    this.#candles += 1;
    if (this.#buckets.length === this.#most && this.#inLast === this.#stride) this.#join();
    const last = this.#buckets.at(-1);
    if (last === undefined || this.#inLast === this.#stride) {
      this.#buckets.push({ openTimeMs, lowClose: close, highClose: close, lastClose: close });
      this.#inLast = 0;
    } else {
      last.lowClose = Math.min(last.lowClose, close);
      last.highClose = Math.max(last.highClose, close);
      last.lastClose = close;
    }
    this.#inLast += 1;
    const cell = (this.#buckets.length - 1) * REGIME_COUNT + regimeId;
    this.#counts[cell] = (this.#counts[cell] ?? 0) + 1;
  }

  /** Returns the stretches, oldest first. */
  buckets(): TimelineBucket[] {
    return this.#buckets.map((bucket, index) => {
      const counts = this.#counts.subarray(index * REGIME_COUNT, (index + 1) * REGIME_COUNT);
      return { ...bucket, regimeId: counts.indexOf(Math.max(...counts)) };
    });
  }

  #join(): void {
    const half = this.#buckets.length / 2;
    for (let index = 0; index < half; index += 1) {
      const first = this.#buckets[2 * index];
      const second = this.#buckets[2 * index + 1];
      if (first === undefined || second === undefined) break;
      this.#buckets[index] = {
        openTimeMs: first.openTimeMs,
        lowClose: Math.min(first.lowClose, second.lowClose),
        highClose: Math.max(first.highClose, second.highClose),
        lastClose: second.lastClose,
      };
      for (let id = 0; id < REGIME_COUNT; id += 1) {
        this.#counts[index * REGIME_COUNT + id] =
          (this.#counts[2 * index * REGIME_COUNT + id] ?? 0) + (this.#counts[(2 * index + 1) * REGIME_COUNT + id] ?? 0);
      }
    }
    this.#buckets.length = half;
    this.#counts.fill(0, half * REGIME_COUNT);
    this.#stride *= 2;
    this.#inLast = this.#stride;
  }
}
