/** Means over runs of neighbors: single candles are too alike to be counted as evidence one by one. */
export const BLOCK_CANDLES = 50;
export const BLOCK_COUNT = 10;

export interface BlockMeansState {
  readonly blocks: readonly number[];
  readonly sum: number;
  readonly count: number;
}

/** The last ten means of fifty numbers each. */
export class BlockMeans {
  #blocks: number[] = [];
  #sum = 0;
  #count = 0;

  /** Oldest first. */
  get blocks(): readonly number[] {
    return this.#blocks;
  }

  get isFull(): boolean {
    return this.#blocks.length === BLOCK_COUNT;
  }

  add(value: number): void {
    this.#sum += value;
    this.#count += 1;
    if (this.#count < BLOCK_CANDLES) return;
    this.#blocks.push(this.#sum / BLOCK_CANDLES);
    if (this.#blocks.length > BLOCK_COUNT) this.#blocks.shift();
    this.#sum = 0;
    this.#count = 0;
  }

  clear(): void {
    this.#blocks = [];
    this.#sum = 0;
    this.#count = 0;
  }

  save(): BlockMeansState {
    return { blocks: [...this.#blocks], sum: this.#sum, count: this.#count };
  }

  restore({ blocks, sum, count }: BlockMeansState): void {
    this.#blocks = [...blocks];
    this.#sum = sum;
    this.#count = count;
  }
}

/** One-sided, p < .1, nine degrees of freedom; with more the level is a little lower, so this errs on the side of no change. */
const LEAST_T = 1.383;

const meanOf = (values: readonly number[]): number => values.reduce((left, right) => left + right, 0) / values.length;
const varianceOf = (values: readonly number[], mean: number): number =>
  values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);

/**
 * Returns whether the trial's losses are lower than the reference's by more than chance.
 *
 * Source: Welch (1947); `paired` is the t-test of the differences, for losses of the same candles.
 */
export const isLower = (
  trial: readonly number[],
  reference: readonly number[],
  { isPaired }: { isPaired: boolean },
): boolean => {
  if (isPaired) {
    const gains = reference.map((loss, index) => loss - (trial[index] ?? loss));
    const gain = meanOf(gains);
    return gain > 0 && gain > LEAST_T * Math.sqrt(varianceOf(gains, gain) / gains.length);
  }
  const before = meanOf(reference);
  const after = meanOf(trial);
  const error = Math.sqrt(varianceOf(reference, before) / reference.length + varianceOf(trial, after) / trial.length);
  return before - after > 0 && before - after > LEAST_T * error;
};

/** Returns whether the mean of the trial is above that of the reference at all. */
export const isWorse = (trial: readonly number[], reference: readonly number[]): boolean =>
  meanOf(trial) > meanOf(reference);
