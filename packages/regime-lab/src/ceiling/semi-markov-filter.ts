import { type Bar, REGIME_COUNT, SLOT_COUNT } from '@qt/regime';
import type { CausalClassification, CausalClassifier } from '../causal-classifier.ts';
import { HeldRegime } from '../held-regime.ts';
import { PRECURSOR, precursorShare } from '../market/candle-shocks.ts';
import { type MarketSettings, VOLATILITY_CHANGE_SHARE } from '../market/market-settings.ts';
import { LIFE_STAGES, PRECURSOR_CANDLES, stageEndRatioOf } from '../market/regime-path.ts';
import { deviationIn, gaussianLaw } from './candle-law.ts';
import { type CandleMove, candleMoveOf } from './candle-move.ts';
import { changeChance, correctBelief } from './regime-belief.ts';

// Taken once: this is the hot path.
const { floor, max, min } = Math;

// Positions of one regime's states: four stages of life, then the last candles (20 left first) of a life that ends with the level alone,
// then those of one that ends with the slot.
const LEVEL_ENDING = LIFE_STAGES;
const SLOT_ENDING = LEVEL_ENDING + PRECURSOR_CANDLES;
const STATES = SLOT_ENDING + PRECURSOR_CANDLES;
const ALL_STATES = REGIME_COUNT * STATES;

/** Returns the chance of at least `wanted` successes in `trials`. */
const atLeast = (wanted: number, trials: number, chance: number): number => {
  let failed = 0;
  let term = (1 - chance) ** trials;
  for (let successes = 0; successes < min(wanted, trials + 1); successes += 1) {
    failed += term;
    term *= ((trials - successes) / (successes + 1)) * (chance / (1 - chance));
  }
  return 1 - failed;
};

/**
 * The Bayes filter of the semi-Markov market, told everything but the regimes. Ages are states of their own, so it is exact: the ceiling
 * of accuracy and of early warning.
 */
export class SemiMarkovFilter implements CausalClassifier {
  readonly #settings: MarketSettings;
  readonly #stageEndRatio: number;
  readonly #belief = new Float64Array(ALL_STATES);
  readonly #prior = new Float64Array(ALL_STATES);
  readonly #logLikelihoods = new Float64Array(ALL_STATES);
  readonly #probabilities = new Float64Array(REGIME_COUNT);
  readonly #levelEnds = new Float64Array(REGIME_COUNT);
  readonly #slotEnds = new Float64Array(REGIME_COUNT);
  readonly #held = new HeldRegime();
  #previousMove = 0;

  constructor(settings: MarketSettings) {
    this.#settings = settings;
    this.#stageEndRatio = stageEndRatioOf(settings.durationCandles);
    for (let id = 0; id < REGIME_COUNT; id += 1) this.#belief[id * STATES] = 1 / REGIME_COUNT;
  }

  update(bar: Bar): CausalClassification {
    const candle = candleMoveOf(bar, this.#previousMove);
    this.#predict();
    for (let id = 0; id < REGIME_COUNT; id += 1) this.#weigh(id, candle);
    correctBelief(this.#prior, this.#logLikelihoods, this.#belief);
    this.#previousMove = candle.move;
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      let mass = 0;
      for (let state = 0; state < STATES; state += 1) mass += this.#belief[id * STATES + state] ?? 0;
      this.#probabilities[id] = mass;
    }
    return {
      probabilities: this.#probabilities,
      publishedId: this.#held.publish(this.#probabilities),
      changeWithin10Probability: this.#changeChanceWithin(10),
      changeWithin30Probability: this.#changeChanceWithin(30),
    };
  }

  #predict(): void {
    const belief = this.#belief;
    const prior = this.#prior;
    const ends = this.#stageEndRatio;
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      const first = id * STATES;
      this.#levelEnds[id] = belief[first + SLOT_ENDING - 1] ?? 0;
      this.#slotEnds[id] = belief[first + STATES - 1] ?? 0;
      for (let state = STATES - 1; state > LEVEL_ENDING; state -= 1)
        prior[first + state] = belief[first + state - 1] ?? 0;
      const announced = ends * (belief[first + LIFE_STAGES - 1] ?? 0);
      prior[first + LEVEL_ENDING] = VOLATILITY_CHANGE_SHARE * announced;
      prior[first + SLOT_ENDING] = (1 - VOLATILITY_CHANGE_SHARE) * announced;
      for (let stage = LIFE_STAGES - 1; stage > 0; stage -= 1) {
        prior[first + stage] = (1 - ends) * (belief[first + stage] ?? 0) + ends * (belief[first + stage - 1] ?? 0);
      }
      prior[first] = (1 - ends) * (belief[first] ?? 0);
    }
    for (let to = 0; to < REGIME_COUNT; to += 1) prior[to * STATES] = (prior[to * STATES] ?? 0) + this.#bornInto(to);
  }

  #bornInto(to: number): number {
    let mass = 0;
    for (let from = 0; from < REGIME_COUNT; from += 1) {
      const isSameSlot = from % SLOT_COUNT === to % SLOT_COUNT;
      const share = isSameSlot ? VOLATILITY_CHANGE_SHARE : 1 - VOLATILITY_CHANGE_SHARE;
      const ended = isSameSlot ? this.#levelEnds[from] : this.#slotEnds[from];
      mass += ((ended ?? 0) * changeChance(from, to)) / share;
    }
    return mass;
  }

  #weigh(id: number, candle: CandleMove): void {
    const sigma = this.#settings.sigmas[floor(id / SLOT_COUNT)] ?? 0;
    const first = id * STATES;
    const deviation = deviationIn(this.#settings, id, candle);
    const quiet = gaussianLaw(candle, deviation, sigma);
    for (let stage = 0; stage < LIFE_STAGES; stage += 1) this.#logLikelihoods[first + stage] = quiet;
    for (let passed = 0; passed < PRECURSOR_CANDLES; passed += 1) {
      const share = precursorShare(PRECURSOR_CANDLES - passed);
      const grown = sigma * (1 + PRECURSOR.volatilityGrowthRatio * share);
      const shifted = deviationIn(this.#settings, id, candle, PRECURSOR.autoregressionGrowth * share);
      this.#logLikelihoods[first + LEVEL_ENDING + passed] = gaussianLaw(candle, deviation, grown);
      this.#logLikelihoods[first + SLOT_ENDING + passed] = gaussianLaw(candle, shifted, grown);
    }
  }

  /** `candles` of at most 40. */
  #changeChanceWithin(candles: number): number {
    let chance = 0;
    const firstPassed = max(0, PRECURSOR_CANDLES - candles);
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      const first = id * STATES;
      for (let passed = firstPassed; passed < PRECURSOR_CANDLES; passed += 1) {
        chance +=
          (this.#belief[first + LEVEL_ENDING + passed] ?? 0) + (this.#belief[first + SLOT_ENDING + passed] ?? 0);
      }
      if (candles <= PRECURSOR_CANDLES) continue;
      for (let stage = 0; stage < LIFE_STAGES; stage += 1) {
        chance +=
          (this.#belief[first + stage] ?? 0) *
          atLeast(LIFE_STAGES - stage, candles - PRECURSOR_CANDLES, this.#stageEndRatio);
      }
    }
    return min(1, chance);
  }
}
