/** Candles within which going back counts as undoing. */
const UNDONE_CANDLES = 10;

export interface UndoneChangesState {
  /** Changes not old enough to judge: what was left, and candles since. */
  readonly pending: readonly { readonly leftValue: number; readonly candles: number }[];
  readonly stood: number;
  readonly undone: number;
}

/**
 * Counts which changes of a published path, of regimes or of one factor, stood and which were undone: back where it was within ten
 * candles. It is the one quality of a path that can be measured live without knowing the truth.
 */
export class UndoneChanges {
  // At most one change per candle can be pending, so ten at most.
  readonly #leftValues = new Int8Array(UNDONE_CANDLES);
  readonly #ages = new Int8Array(UNDONE_CANDLES);
  #pending = 0;
  #stood = 0;
  #undone = 0;

  /** Share of the judged changes that stood; null before the first was. */
  get standingRatio(): number | null {
    const judged = this.#stood + this.#undone;
    return judged === 0 ? null : this.#stood / judged;
  }

  /** Takes one candle of the published path and returns how many changes were found to have stood or to be undone with it. */
  update(path: { value: number; leftValue: number | null }): { stood: number; undone: number } {
    const { value, leftValue } = path;
    let stood = 0;
    let undone = 0;
    let kept = 0;
    for (let index = 0; index < this.#pending; index += 1) {
      const age = (this.#ages[index] ?? 0) + 1;
      const left = this.#leftValues[index] ?? 0;
      if (leftValue !== null && left === value) undone += 1;
      else if (age >= UNDONE_CANDLES) stood += 1;
      else {
        this.#ages[kept] = age;
        this.#leftValues[kept] = left;
        kept += 1;
      }
    }
    if (leftValue !== null) {
      this.#ages[kept] = 0;
      this.#leftValues[kept] = leftValue;
      kept += 1;
    }
    this.#pending = kept;
    this.#stood += stood;
    this.#undone += undone;
    return { stood, undone };
  }

  save(): UndoneChangesState {
    return {
      pending: Array.from({ length: this.#pending }, (_, index) => ({
        leftValue: this.#leftValues[index] ?? 0,
        candles: this.#ages[index] ?? 0,
      })),
      stood: this.#stood,
      undone: this.#undone,
    };
  }

  restore(state: UndoneChangesState): void {
    this.#pending = state.pending.length;
    state.pending.forEach(({ leftValue, candles }, index) => {
      this.#leftValues[index] = leftValue;
      this.#ages[index] = candles;
    });
    this.#stood = state.stood;
    this.#undone = state.undone;
  }
}
