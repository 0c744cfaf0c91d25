import { invariant } from '@qt/kernel';

/** The last `length` values, oldest first, in constant memory. Statistics are summed anew over the window, so they never drift. */
export class RollingWindow {
  readonly length: number;
  readonly #values: Float64Array;
  #next = 0;
  #count = 0;

  constructor(length: number) {
    invariant(Number.isInteger(length) && length > 0, `window length is a positive integer, was ${length}`);
    this.length = length;
    this.#values = new Float64Array(length);
  }

  get isFull(): boolean {
    return this.#count === this.length;
  }

  get count(): number {
    return this.#count;
  }

  /** Adds a value and drops the oldest one when the window is full. */
  push(value: number): void {
    invariant(Number.isFinite(value), `a window's value is finite, was ${value}`);
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % this.length;
    if (this.#count < this.length) this.#count += 1;
  }

  /** Calls `visit` for each value, oldest first. */
  forEach(visit: (value: number, index: number) => void): void {
    const first = (this.#next - this.#count + this.length) % this.length;
    for (let index = 0; index < this.#count; index += 1) {
      visit(this.#values[(first + index) % this.length] as number, index);
    }
  }

  /** Returns the values, oldest first: also the saved state. */
  toArray(): number[] {
    const values: number[] = [];
    this.forEach((value) => values.push(value));
    return values;
  }

  /** Returns a window of `length` that holds `values`, oldest first. */
  static of(length: number, values: readonly number[]): RollingWindow {
    invariant(values.length <= length, `at most ${length} values, were ${values.length}`);
    const window = new RollingWindow(length);
    for (const value of values) window.push(value);
    return window;
  }
}
