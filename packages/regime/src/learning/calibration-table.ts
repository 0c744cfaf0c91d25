import { SLOT_COUNT } from '../regime-fold.ts';
import { FACTOR_COUNT, LEVEL_COUNT, softmaxFactors } from './factors.ts';
import { BASE_AT } from './learner-row.ts';
import type { ModelState, OnlineModel } from './online-model.ts';
import { packFloats, unpackFloats } from './packed-floats.ts';

/** Upper ends of the bins of confidence; the last bin goes to 1. */
const BIN_ENDS = [0.5, 0.7, 0.85, 0.95] as const;
const BIN_COUNT = BIN_ENDS.length + 1;
/** A cell per likeliest class and bin, with one number per class of the factor: first those of levels, then those of slots. */
const SLOT_CELLS_AT = LEVEL_COUNT * BIN_COUNT * LEVEL_COUNT;
const SIZE = SLOT_CELLS_AT + SLOT_COUNT * BIN_COUNT * SLOT_COUNT;
/** A cell forgets over about this many candles spent in it. */
const DECAY = 1 - 1 / 1_000;
/** Candles that a cell must have seen, per class, before it is half believed: labels of neighbors are nearly one label. */
const PRIOR_CANDLES = 10;

const binOf = (confidence: number): number => {
  let bin = 0;
  while (bin < BIN_ENDS.length && confidence > (BIN_ENDS[bin] ?? 1)) bin += 1;
  return bin;
};

/** Where in the tables the cell of a row begins, for the factor whose classes are `first` to `end`. */
const cellOf = (row: Float32Array, first: number, end: number): number => {
  let best = first;
  for (let factor = first + 1; factor < end; factor += 1)
    if ((row[BASE_AT + factor] ?? 0) > (row[BASE_AT + best] ?? 0)) best = factor;
  const cell = (best - first) * BIN_COUNT + binOf(Math.exp(row[BASE_AT + best] ?? 0));
  return first === 0 ? cell * LEVEL_COUNT : SLOT_CELLS_AT + cell * SLOT_COUNT;
};

/**
 * Remembers, for every likeliest class and bin of confidence, how often each class was wanted and how often the base had expected
 * it, and corrects the base by the ratio. It finds within a few hundred candles where the base promises too much, and by how much.
 *
 * Source: histogram binning, Zadrozny and Elkan (2001), as a ratio so that what the base says within a bin is kept.
 */
export class CalibrationTable implements OnlineModel {
  readonly name = 'calibration_table';
  stepFactor = 1;
  readonly #wanted = new Float32Array(SIZE);
  readonly #expected = new Float32Array(SIZE);

  predict(row: Float32Array, into: Float32Array, at: number): void {
    const wanted = this.#wanted;
    const expected = this.#expected;
    for (let which = 0; which < 2; which += 1) {
      const first = which === 0 ? 0 : LEVEL_COUNT;
      const end = which === 0 ? LEVEL_COUNT : FACTOR_COUNT;
      const cell = cellOf(row, first, end);
      for (let factor = first; factor < end; factor += 1) {
        const ratio =
          ((wanted[cell + factor - first] ?? 0) + PRIOR_CANDLES) /
          ((expected[cell + factor - first] ?? 0) + PRIOR_CANDLES);
        into[at + factor] = (row[BASE_AT + factor] ?? 0) + Math.log(ratio);
      }
    }
    softmaxFactors(into, at);
  }

  learn(row: Float32Array, teacher: Float64Array): void {
    const wanted = this.#wanted;
    const expected = this.#expected;
    const gain = this.stepFactor;
    for (let which = 0; which < 2; which += 1) {
      const first = which === 0 ? 0 : LEVEL_COUNT;
      const end = which === 0 ? LEVEL_COUNT : FACTOR_COUNT;
      const cell = cellOf(row, first, end);
      for (let factor = first; factor < end; factor += 1) {
        const index = cell + factor - first;
        wanted[index] = DECAY * (wanted[index] ?? 0) + gain * (teacher[factor] ?? 0);
        expected[index] = DECAY * (expected[index] ?? 0) + gain * Math.exp(row[BASE_AT + factor] ?? 0);
      }
    }
  }

  save(): ModelState {
    return { wanted: packFloats(this.#wanted), expected: packFloats(this.#expected) };
  }

  restore({ wanted = '', expected = '' }: ModelState): void {
    unpackFloats(wanted, this.#wanted);
    unpackFloats(expected, this.#expected);
  }
}
