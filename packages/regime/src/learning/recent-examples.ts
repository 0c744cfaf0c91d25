import { FACTOR_COUNT } from './factors.ts';
import { FEATURE_COUNT, FEATURE_LIMIT, ROW_LENGTH } from './learner-row.ts';
import { packFloats, unpackFloats } from './packed-floats.ts';

const EXAMPLE_COUNT = 48;
/** Every twentieth example is kept: 48 of them reach back over 960 candles. */
const KEEP_EVERY = 20;
const EXAMPLE_LENGTH = ROW_LENGTH + FACTOR_COUNT;
const FEATURE_STEPS = 127 / FEATURE_LIMIT;
const FEATURE_ZERO = 128;
/** Logarithms of probabilities reach down to ln(1e-6), about -13.8. */
const LOGARITHM_STEPS = 18;
const PROBABILITY_STEPS = 255;

/** A thin sample of the last examples for batch refits, one byte per number: what is refitted is judged on live candles anyway. */
export class RecentExamples {
  readonly #bytes = new Uint8Array(EXAMPLE_COUNT * EXAMPLE_LENGTH);
  readonly #row = new Float32Array(ROW_LENGTH);
  readonly #teacher = new Float64Array(FACTOR_COUNT);
  #seen = 0;

  get count(): number {
    return Math.min(EXAMPLE_COUNT, Math.ceil(this.#seen / KEEP_EVERY));
  }

  add(row: Float32Array, teacher: Float64Array): void {
    const isKept = this.#seen % KEEP_EVERY === 0;
    const slot = (this.#seen / KEEP_EVERY) % EXAMPLE_COUNT;
    this.#seen += 1;
    if (!isKept) return;
    const bytes = this.#bytes;
    const first = slot * EXAMPLE_LENGTH;
    for (let index = 0; index < FEATURE_COUNT; index += 1)
      bytes[first + index] = Math.round(FEATURE_ZERO + FEATURE_STEPS * (row[index] ?? 0));
    for (let index = FEATURE_COUNT; index < ROW_LENGTH; index += 1)
      bytes[first + index] = Math.round(-LOGARITHM_STEPS * (row[index] ?? 0));
    for (let factor = 0; factor < FACTOR_COUNT; factor += 1)
      bytes[first + ROW_LENGTH + factor] = Math.round(PROBABILITY_STEPS * (teacher[factor] ?? 0));
  }

  /** Hands every kept example to `visit`, in the order of the store. The arrays are reused from call to call. */
  forEach(visit: (row: Float32Array, teacher: Float64Array) => void): void {
    const bytes = this.#bytes;
    for (let example = 0; example < this.count; example += 1) {
      const first = example * EXAMPLE_LENGTH;
      for (let index = 0; index < FEATURE_COUNT; index += 1)
        this.#row[index] = ((bytes[first + index] ?? 0) - FEATURE_ZERO) / FEATURE_STEPS;
      for (let index = FEATURE_COUNT; index < ROW_LENGTH; index += 1)
        this.#row[index] = -(bytes[first + index] ?? 0) / LOGARITHM_STEPS;
      for (let factor = 0; factor < FACTOR_COUNT; factor += 1)
        this.#teacher[factor] = (bytes[first + ROW_LENGTH + factor] ?? 0) / PROBABILITY_STEPS;
      visit(this.#row, this.#teacher);
    }
  }

  save(): { readonly seen: number; readonly bytes: string } {
    return { seen: this.#seen, bytes: packFloats(this.#bytes) };
  }

  restore({ seen, bytes }: { readonly seen: number; readonly bytes: string }): void {
    this.#seen = seen;
    unpackFloats(bytes, this.#bytes);
  }
}
