const BLOCK_COUNT = 10;
const BLOCK_CANDLES = 100;
/** Less than this is rounding. */
const LEAST_ADVANTAGE = 1e-5;

export interface AdvantageWindowState {
  readonly blocks: readonly number[];
  readonly sum: number;
  readonly count: number;
}

/** Mean of a number over the last 1000 candles, in ten blocks of 100, so that memory stays fixed and no error piles up. */
export class AdvantageWindow {
  #blocks: number[] = [];
  #sum = 0;
  #count = 0;

  add(value: number): void {
    this.#sum += value;
    this.#count += 1;
    if (this.#count < BLOCK_CANDLES) return;
    this.#blocks.push(this.#sum / BLOCK_CANDLES);
    if (this.#blocks.length > BLOCK_COUNT) this.#blocks.shift();
    this.#sum = 0;
    this.#count = 0;
  }

  /** Null until 1000 candles were counted. */
  get mean(): number | null {
    if (this.#blocks.length < BLOCK_COUNT) return null;
    return this.#blocks.reduce((left, right) => left + right, 0) / BLOCK_COUNT;
  }

  /** True when the mean is above 0 by more than its own standard error: the blocks are nearly independent, candles are not. */
  get isClear(): boolean {
    const { mean } = this;
    if (mean === null || mean < LEAST_ADVANTAGE) return false;
    const squares = this.#blocks.reduce((sum, block) => sum + (block - mean) ** 2, 0);
    return mean > Math.sqrt(squares / (BLOCK_COUNT * (BLOCK_COUNT - 1)));
  }

  save(): AdvantageWindowState {
    return { blocks: [...this.#blocks], sum: this.#sum, count: this.#count };
  }

  restore({ blocks, sum, count }: AdvantageWindowState): void {
    this.#blocks = [...blocks];
    this.#sum = sum;
    this.#count = count;
  }
}
