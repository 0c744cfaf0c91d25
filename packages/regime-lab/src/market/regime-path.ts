import { SLOT_COUNT } from '@qt/regime';
import type { MarketRandom } from './market-random.ts';
import { SLOT_CHANGE_SHARE, VOLATILITY_CHANGE_SHARE } from './market-settings.ts';

// Taken once: this is the hot path.
const { max } = Math;

/** Semi-Markov lives: so many memoryless stages after one another, then a fixed time in which the end shows. */
export const LIFE_STAGES = 4;
export const PRECURSOR_CANDLES = 20;

/** Where a market stands, candle by candle. */
export interface RegimePath {
  readonly level: number;
  readonly slot: number;
  /** Candles left in a regime that is about to end, from 20 down to 1; 0 while its end is not decided. */
  readonly candlesLeft: number;
  /** Whether the slot will change at that end. */
  readonly isSlotEnding: boolean;
  advance(): void;
}

const changesOf = (random: MarketRandom): { readonly level: boolean; readonly slot: boolean } => {
  const kind = random.uniform();
  return {
    level: kind < VOLATILITY_CHANGE_SHARE || kind >= VOLATILITY_CHANGE_SHARE + SLOT_CHANGE_SHARE,
    slot: kind >= VOLATILITY_CHANGE_SHARE,
  };
};
const otherLevel = (level: number, random: MarketRandom): number => (level + 1 + random.below(2)) % 3;
const otherSlot = (slot: number, random: MarketRandom): number =>
  (slot + 1 + random.below(SLOT_COUNT - 1)) % SLOT_COUNT;

/** Changes with the same chance at every candle, whatever came before. */
export class MemorylessPath implements RegimePath {
  readonly #random: MarketRandom;
  readonly #hazardRatio: number;
  readonly candlesLeft = 0;
  readonly isSlotEnding = false;
  level: number;
  slot: number;

  constructor(durationCandles: number, random: MarketRandom) {
    this.#random = random;
    this.#hazardRatio = 1 / durationCandles;
    this.level = random.below(3);
    this.slot = random.below(SLOT_COUNT);
  }

  advance(): void {
    if (this.#random.uniform() >= this.#hazardRatio) return;
    const changes = changesOf(this.#random);
    if (changes.level) this.level = otherLevel(this.level, this.#random);
    if (changes.slot) this.slot = otherSlot(this.slot, this.#random);
  }
}

/** Lives of four stages and twenty last candles: young regimes hardly ever end, and the end announces itself. */
export class AgeingPath implements RegimePath {
  readonly #random: MarketRandom;
  readonly #stageEndRatio: number;
  #stage = 0;
  #isLevelEnding = false;
  candlesLeft = 0;
  isSlotEnding = false;
  level: number;
  slot: number;

  constructor(durationCandles: number, random: MarketRandom) {
    this.#random = random;
    this.#stageEndRatio = stageEndRatioOf(durationCandles);
    this.level = random.below(3);
    this.slot = random.below(SLOT_COUNT);
  }

  advance(): void {
    if (this.candlesLeft > 0) this.#nearTheEnd();
    else if (this.#random.uniform() < this.#stageEndRatio) this.#nextStage();
  }

  #nearTheEnd(): void {
    this.candlesLeft -= 1;
    if (this.candlesLeft > 0) return;
    if (this.#isLevelEnding) this.level = otherLevel(this.level, this.#random);
    if (this.isSlotEnding) this.slot = otherSlot(this.slot, this.#random);
    this.#stage = 0;
    this.#isLevelEnding = false;
    this.isSlotEnding = false;
  }

  #nextStage(): void {
    this.#stage += 1;
    if (this.#stage < LIFE_STAGES) return;
    const changes = changesOf(this.#random);
    this.#isLevelEnding = changes.level;
    this.isSlotEnding = changes.slot;
    this.candlesLeft = PRECURSOR_CANDLES;
  }
}

/** Returns the chance that a stage ends at a candle, so that stages and last candles together last `durationCandles` in the mean. */
export const stageEndRatioOf = (durationCandles: number): number =>
  LIFE_STAGES / max(LIFE_STAGES, durationCandles - PRECURSOR_CANDLES);
