import { FACTOR_COUNT, type Orientation } from './factors.ts';
import { ROW_LENGTH } from './learner-row.ts';
import { packFloats, unpackFloats } from './packed-floats.ts';

/** A candle that waits for its teacher, with everything that was said about it when it was new. */
export interface PendingCandle {
  readonly row: Float32Array;
  /** Nine probabilities per model, in the row's orientation. */
  readonly said: Float32Array;
  /** Nine probabilities, in the row's orientation. */
  readonly vote: Float32Array;
  /** One number: the way the row was turned. */
  readonly turned: Float32Array;
}

/** The candles whose teacher has not come yet: windows on one buffer of fixed size. */
export class PendingCandles {
  readonly #buffer: Float32Array;
  readonly #slots: readonly PendingCandle[];

  constructor({ lagCandles, modelCount }: { lagCandles: number; modelCount: number }) {
    const lengths = [ROW_LENGTH, modelCount * FACTOR_COUNT, FACTOR_COUNT, 1];
    const total = lengths.reduce((left, right) => left + right, 0);
    const buffer = new Float32Array(lagCandles * total);
    this.#buffer = buffer;
    this.#slots = Array.from({ length: lagCandles }, (_, slot) => {
      let at = slot * total;
      const window = (length: number): Float32Array => {
        at += length;
        return buffer.subarray(at - length, at);
      };
      const [row = 0, said = 0, vote = 0, turned = 0] = lengths;
      return {
        row: window(row),
        said: window(said),
        vote: window(vote),
        turned: window(turned),
      };
    });
  }

  /** Returns the slot of a candle by its number; the same slot held the candle `lagCandles` before it. */
  slotOf(candle: number): PendingCandle {
    const slot = this.#slots[candle % this.#slots.length];
    if (slot === undefined) throw new RangeError(`no slot for candle ${candle}`);
    return slot;
  }

  save(): string {
    return packFloats(this.#buffer);
  }

  restore(state: string): void {
    unpackFloats(state, this.#buffer);
  }
}

/** Returns the orientation a pending candle was seen in. */
export const orientationOf = ({ turned }: PendingCandle): Orientation => {
  const value = turned[0] ?? 0;
  return value > 0 ? 1 : value < 0 ? -1 : 0;
};
