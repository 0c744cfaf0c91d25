import { REGIME_COUNT, SLOT_COUNT } from '../regime-fold.ts';

const LEVEL_COUNT = REGIME_COUNT / SLOT_COUNT;
// How a change is shared out: volatility alone, slot alone, both. Divided by the number of states each can reach.
const TO_OTHER_VOLATILITY = 0.35 / 2;
const TO_OTHER_SLOT = 0.5 / 5;
const TO_BOTH_OTHER = 0.15 / 10;

/** Mean life of a regime in candles that the base detector assumes; its filters lose nothing measurable when it is 600. */
export const ASSUMED_LIFE_CANDLES = 300;

interface SmoothingStep {
  /** What was thought of the candle when it closed. Shape: 18 by regime id. */
  readonly filtered: Float64Array;
  /** What is thought now of the candle after it; becomes what is thought now of this one. */
  readonly later: Float64Array;
  /** Candles from one to the other. */
  readonly elapsedCandles: number;
}

/**
 * The Markov law of regime changes: with the hazard of one candle a regime ends, and the next one differs in volatility (.35), in slot
 * (.50) or in both (.15). The law is symmetric: one product serves forward prediction and backward smoothing alike.
 */
export class TransitionLaw {
  readonly #hazardRatio: number;
  readonly #predicted = new Float64Array(REGIME_COUNT);
  readonly #slotSums = new Float64Array(SLOT_COUNT);
  readonly #levelSums = new Float64Array(LEVEL_COUNT);

  constructor(lifeCandles: number = ASSUMED_LIFE_CANDLES) {
    this.#hazardRatio = 1 / lifeCandles;
  }

  /** Returns the chance that the volatility level changes over this many candles. */
  levelChangeRatio(elapsedCandles: number): number {
    return this.#hazardOver(elapsedCandles) * 2 * (TO_OTHER_VOLATILITY + 5 * TO_BOTH_OTHER);
  }

  /**
   * Writes the law times `from` into `to`; they may be the same array.
   *
   * Shape: 18 each, by regime id; `elapsedCandles` ≥ 1 candles pass, more than one after a gap.
   */
  advance(from: Float64Array, to: Float64Array, elapsedCandles: number): void {
    const hazard = this.#hazardOver(elapsedCandles);
    const slotSums = this.#slotSums.fill(0);
    const levelSums = this.#levelSums.fill(0);
    let total = 0;
    for (let level = 0, id = 0; level < LEVEL_COUNT; level += 1) {
      let levelSum = 0;
      for (let slot = 0; slot < SLOT_COUNT; slot += 1, id += 1) {
        const value = from[id] as number;
        slotSums[slot] = (slotSums[slot] as number) + value;
        levelSum += value;
      }
      levelSums[level] = levelSum;
      total += levelSum;
    }
    const stayShare = 1 - hazard - hazard * (TO_OTHER_VOLATILITY + TO_OTHER_SLOT - TO_BOTH_OTHER);
    const slotShare = hazard * (TO_OTHER_VOLATILITY - TO_BOTH_OTHER);
    const levelShare = hazard * (TO_OTHER_SLOT - TO_BOTH_OTHER);
    const anyShare = hazard * TO_BOTH_OTHER * total;
    for (let level = 0, id = 0; level < LEVEL_COUNT; level += 1) {
      const base = levelShare * (levelSums[level] as number) + anyShare;
      for (let slot = 0; slot < SLOT_COUNT; slot += 1, id += 1) {
        to[id] = stayShare * (from[id] as number) + slotShare * (slotSums[slot] as number) + base;
      }
    }
  }

  /**
   * Corrects what was thought of a candle by what is thought of the one after it, and writes it over the latter.
   *
   * Source: backward recursion of Kim (1994).
   */
  smooth({ filtered, later, elapsedCandles }: SmoothingStep): void {
    const predicted = this.#predicted;
    this.advance(filtered, predicted, elapsedCandles);
    for (let id = 0; id < REGIME_COUNT; id += 1) later[id] = (later[id] as number) / (predicted[id] as number);
    this.advance(later, later, elapsedCandles);
    let total = 0;
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      const joint = (later[id] as number) * (filtered[id] as number);
      later[id] = joint;
      total += joint;
    }
    for (let id = 0; id < REGIME_COUNT; id += 1) later[id] = (later[id] as number) / total;
  }

  /** Returns the chance that a regime ends within so many candles. */
  #hazardOver(elapsedCandles: number): number {
    return elapsedCandles === 1 ? this.#hazardRatio : 1 - (1 - this.#hazardRatio) ** elapsedCandles;
  }
}
