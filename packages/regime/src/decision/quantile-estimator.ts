const MARKERS = 5;

export interface QuantileEstimatorState {
  readonly observations: number;
  readonly heights: readonly number[];
  readonly positions: readonly number[];
}

/**
 * Estimates one quantile of everything seen so far with five numbers.
 *
 * Source: the P-square algorithm of Jain and Chlamtac (1985).
 */
export class QuantileEstimator {
  readonly #probability: number;
  readonly #heights = new Float64Array(MARKERS);
  readonly #positions = Float64Array.of(1, 2, 3, 4, 5);
  #observations = 0;

  /** A probability of 0.99 asks for the value that one in a hundred exceeds. */
  constructor(probability: number) {
    this.#probability = probability;
  }

  get observations(): number {
    return this.#observations;
  }

  /** The quantile so far; null before five observations. */
  get estimate(): number | null {
    return this.#observations < MARKERS ? null : (this.#heights[2] ?? 0);
  }

  update(value: number): void {
    this.#observations += 1;
    if (this.#observations <= MARKERS) {
      this.#heights[this.#observations - 1] = value;
      if (this.#observations === MARKERS) this.#heights.sort();
      return;
    }
    this.#place(value);
    for (let marker = 1; marker < MARKERS - 1; marker += 1) this.#adjust(marker);
  }

  save(): QuantileEstimatorState {
    return { observations: this.#observations, heights: [...this.#heights], positions: [...this.#positions] };
  }

  restore(state: QuantileEstimatorState): void {
    this.#observations = state.observations;
    this.#heights.set(state.heights);
    this.#positions.set(state.positions);
  }

  #place(value: number): void {
    const heights = this.#heights;
    let cell = 0;
    if (value < (heights[0] ?? 0)) heights[0] = value;
    else if (value >= (heights[MARKERS - 1] ?? 0)) {
      heights[MARKERS - 1] = value;
      cell = MARKERS - 2;
    } else while (cell < MARKERS - 2 && value >= (heights[cell + 1] ?? 0)) cell += 1;
    for (let marker = cell + 1; marker < MARKERS; marker += 1) {
      this.#positions[marker] = (this.#positions[marker] ?? 0) + 1;
    }
  }

  /** Where a marker ought to stand: at 0, p/2, p, (1 + p)/2 and 1 of the observations. */
  #wantedPosition(marker: number): number {
    const probability = this.#probability;
    const share = marker === 1 ? probability / 2 : marker === 2 ? probability : (1 + probability) / 2;
    return 1 + share * (this.#observations - 1);
  }

  #adjust(marker: number): void {
    const positions = this.#positions;
    const heights = this.#heights;
    const here = positions[marker] ?? 0;
    const below = positions[marker - 1] ?? 0;
    const above = positions[marker + 1] ?? 0;
    const missing = this.#wantedPosition(marker) - here;
    const step = missing >= 1 && above - here > 1 ? 1 : missing <= -1 && below - here < -1 ? -1 : 0;
    if (step === 0) return;

    const height = heights[marker] ?? 0;
    const lower = heights[marker - 1] ?? 0;
    const upper = heights[marker + 1] ?? 0;
    const parabolic =
      height +
      (step / (above - below)) *
        (((here - below + step) * (upper - height)) / (above - here) +
          ((above - here - step) * (height - lower)) / (here - below));
    if (lower < parabolic && parabolic < upper) heights[marker] = parabolic;
    else {
      const neighbor = step === 1 ? upper : lower;
      const distance = step === 1 ? above - here : below - here;
      heights[marker] = height + (step * (neighbor - height)) / distance;
    }
    positions[marker] = here + step;
  }
}
