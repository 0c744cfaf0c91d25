export interface ChangeTrackState {
  readonly regimeId: number | null;
  readonly pending: readonly { readonly leftId: number; readonly ageCandles: number }[];
  readonly kept: number;
  readonly undone: number;
  readonly changes: number;
  readonly candles: number;
}

/** A change that goes back to the regime it left within so many candles was undone. */
const UNDONE_WITHIN_CANDLES = 10;
const MIN_CHANGES = 3;

/** Follows the changes of the published regime: how many there are, and how many were undone. False alarms are not free here. */
export class ChangeTrack {
  readonly #decay: number;
  #regimeId: number | null = null;
  #pending: { leftId: number; ageCandles: number }[] = [];
  #kept = 0;
  #undone = 0;
  #changes = 0;
  #candles = 0;

  constructor(decay: number) {
    this.#decay = decay;
  }

  /** Takes in what is published for a candle. Returns how many earlier changes it undid. */
  add(regimeId: number): number {
    let undone = 0;
    const stillPending: { leftId: number; ageCandles: number }[] = [];
    this.#kept *= this.#decay;
    this.#undone *= this.#decay;
    for (const { leftId, ageCandles } of this.#pending) {
      if (leftId === regimeId) undone += 1;
      else if (ageCandles + 1 >= UNDONE_WITHIN_CANDLES) this.#kept += 1;
      else stillPending.push({ leftId, ageCandles: ageCandles + 1 });
    }
    this.#undone += undone;
    const leftId = this.#regimeId;
    const isChange = leftId !== null && leftId !== regimeId;
    // A change back is the end of the first change, not a second one to be judged.
    if (isChange && undone === 0) stillPending.push({ leftId, ageCandles: 0 });
    this.#pending = stillPending;
    this.#changes = this.#decay * this.#changes + (isChange ? 1 : 0);
    this.#candles = this.#decay * this.#candles + 1;
    this.#regimeId = regimeId;
    return undone;
  }

  /** Share of changes not undone within ten candles; null while there were hardly any. */
  get keptRatio(): number | null {
    const total = this.#kept + this.#undone;
    return total < MIN_CHANGES ? null : this.#kept / total;
  }

  get changesPer1000(): number {
    return this.#candles === 0 ? 0 : (1_000 * this.#changes) / this.#candles;
  }

  save(): ChangeTrackState {
    return {
      regimeId: this.#regimeId,
      pending: this.#pending.map((change) => ({ ...change })),
      kept: this.#kept,
      undone: this.#undone,
      changes: this.#changes,
      candles: this.#candles,
    };
  }

  restore(state: ChangeTrackState): void {
    this.#regimeId = state.regimeId;
    this.#pending = state.pending.map((change) => ({ ...change }));
    this.#kept = state.kept;
    this.#undone = state.undone;
    this.#changes = state.changes;
    this.#candles = state.candles;
  }
}
