import { packFloats, unpackFloats } from '../learning/packed-floats.ts';
import { REGIME_COUNT } from '../regime-fold.ts';

const SLOT_LENGTH = REGIME_COUNT + 1;

/** What was published for the last candles, until their labels come: fixed memory, single precision. */
export class SaidHistory {
  readonly #lagCandles: number;
  readonly #values: Float32Array;
  readonly #probabilities: readonly Float32Array[];

  constructor(lagCandles: number) {
    this.#lagCandles = lagCandles;
    this.#values = new Float32Array(lagCandles * SLOT_LENGTH);
    this.#probabilities = Array.from({ length: lagCandles }, (_, slot) =>
      this.#values.subarray(slot * SLOT_LENGTH, slot * SLOT_LENGTH + REGIME_COUNT),
    );
  }

  /** Returns the 18 probabilities published `lagCandles` before this candle: read them before `put` overwrites them. */
  probabilitiesBefore(candle: number): Float32Array {
    const slot = this.#probabilities[candle % this.#lagCandles];
    if (slot === undefined) throw new RangeError(`no slot for candle ${candle}`);
    return slot;
  }

  /** Returns the regime published `lagCandles` before this candle. */
  regimeBefore(candle: number): number {
    return this.#values[(candle % this.#lagCandles) * SLOT_LENGTH + REGIME_COUNT] ?? 0;
  }

  put(candle: number, regimeId: number, probabilities: ArrayLike<number>): void {
    const first = (candle % this.#lagCandles) * SLOT_LENGTH;
    for (let id = 0; id < REGIME_COUNT; id += 1) this.#values[first + id] = probabilities[id] ?? 0;
    this.#values[first + REGIME_COUNT] = regimeId;
  }

  save(): string {
    return packFloats(this.#values);
  }

  restore(state: string): void {
    unpackFloats(state, this.#values);
  }
}
