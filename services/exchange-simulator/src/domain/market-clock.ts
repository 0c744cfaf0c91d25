import { pathOffsets, POINTS } from './candle-path.ts';

/** Candles whose point times are kept: those around the present, and those that a query walks through. */
const OFFSETS_KEPT = 16;

interface KeptOffsets {
  readonly openTimeMs: number;
  readonly offsets: readonly number[];
}

/**
 * Where the market stands in time: in which candle, and at which point of its path. Only playback moves it; the markets of all symbols read it
 * when they are asked, so that time may pass over any span without their doing anything.
 */
export class MarketClock {
  readonly intervalMs: number;
  readonly #seed: number;
  readonly #kept: KeptOffsets[] = [];
  #nextKept = 0;
  #nowMs: number;
  #openTimeMs: number;
  #point = 0;
  #isClosed = false;
  #stamp = 0;

  constructor(options: { seed: number; startMs: number; intervalMs: number }) {
    this.intervalMs = options.intervalMs;
    this.#seed = options.seed;
    this.#nowMs = options.startMs;
    this.#openTimeMs = options.startMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }
  /** Open time of the present candle. */
  get openTimeMs(): number {
    return this.#openTimeMs;
  }
  /** The point of its path that was reached last. */
  get point(): number {
    return this.#point;
  }
  /** Whether the present candle has ended and no next one has begun. */
  get isClosed(): boolean {
    return this.#isClosed;
  }
  /** Another number after every movement. */
  get stamp(): number {
    return this.#stamp;
  }
  get boundaryMs(): number {
    return this.#openTimeMs + this.intervalMs;
  }
  /** Time of the point reached last. */
  get pointMs(): number {
    return this.#openTimeMs + (this.offsetsOf(this.#openTimeMs)[this.#point] ?? 0);
  }
  /** Time of the next point, or of the candle's end once the last point was reached. */
  get nextPointMs(): number {
    const offset = this.offsetsOf(this.#openTimeMs)[this.#point + 1];
    return offset === undefined ? this.boundaryMs : this.#openTimeMs + offset;
  }

  /** Returns the times of the points of the candle that opens then. Units: ms after the open. */
  offsetsOf(openTimeMs: number): readonly number[] {
    for (const one of this.#kept) if (one.openTimeMs === openTimeMs) return one.offsets;
    const offsets = pathOffsets(this.#seed, openTimeMs, this.intervalMs);
    this.#kept[this.#nextKept] = { openTimeMs, offsets };
    this.#nextKept = (this.#nextKept + 1) % OFFSETS_KEPT;
    return offsets;
  }

  /** Enters the candle that opens then, at its first point. */
  enter(openTimeMs: number): void {
    this.#openTimeMs = openTimeMs;
    this.#isClosed = false;
    this.arrive(0, openTimeMs);
  }

  arrive(point: number, timeMs: number): void {
    this.#point = point;
    this.moveTo(timeMs);
  }

  /** Moves to a time at which no point is reached. */
  moveTo(timeMs: number): void {
    this.#nowMs = timeMs;
    this.#stamp += 1;
  }

  /** Moves to any later time in the present candle. */
  leapTo(timeMs: number): void {
    this.#point = this.pointAt(this.#openTimeMs, timeMs);
    this.moveTo(timeMs);
  }

  /** Ends the candle that opened then. */
  close(openTimeMs: number): void {
    this.#openTimeMs = openTimeMs;
    this.#isClosed = true;
    this.arrive(POINTS - 1, this.boundaryMs);
  }

  /** Returns the last point of a candle that is reached at the time. */
  pointAt(openTimeMs: number, timeMs: number): number {
    const offsets = this.offsetsOf(openTimeMs);
    let point = 0;
    while ((offsets[point + 1] ?? Number.POSITIVE_INFINITY) <= timeMs - openTimeMs) point += 1;
    return point;
  }
}
