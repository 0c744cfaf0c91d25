import { BlockMeans, type BlockMeansState } from '../feedback/block-means.ts';

const BLOCK_COUNT = 10;
const BLOCK_CANDLES = 100;
const LEAST_STANDARD_ERRORS = 1.5;
/** Less than this is rounding. */
const LEAST_ADVANTAGE = 1e-5;

/** Mean of a number over the last 1000 candles, in ten blocks of 100, so that memory stays fixed and no error piles up. */
export class AdvantageWindow {
  readonly #means = new BlockMeans({ blockCandles: BLOCK_CANDLES, blockCount: BLOCK_COUNT });

  add(value: number): void {
    this.#means.add(value);
  }

  /** Null until 1000 candles were counted. */
  get mean(): number | null {
    if (!this.#means.isFull) return null;
    return this.#means.blocks.reduce((left, right) => left + right, 0) / BLOCK_COUNT;
  }

  /** True when the mean is above 0 by one and a half of its own standard errors: the blocks are nearly independent, candles are not. */
  get isClear(): boolean {
    const { mean } = this;
    if (mean === null || mean < LEAST_ADVANTAGE) return false;
    const squares = this.#means.blocks.reduce((sum, block) => sum + (block - mean) ** 2, 0);
    return mean > LEAST_STANDARD_ERRORS * Math.sqrt(squares / (BLOCK_COUNT * (BLOCK_COUNT - 1)));
  }

  save(): BlockMeansState {
    return this.#means.save();
  }

  restore(state: BlockMeansState): void {
    this.#means.restore(state);
  }
}
