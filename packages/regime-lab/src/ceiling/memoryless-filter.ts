import { type Bar, REGIME_COUNT, SLOT_COUNT } from '@qt/regime';
import type { CausalClassification, CausalClassifier } from '../causal-classifier.ts';
import { HeldRegime } from '../held-regime.ts';
import type { MarketSettings } from '../market/market-settings.ts';
import { type CandleLaw, deviationIn } from './candle-law.ts';
import { candleMoveOf } from './candle-move.ts';
import { correctBelief, MemorylessTransition, memorylessChangeChance } from './regime-belief.ts';

// Taken once: this is the hot path.
const { floor } = Math;

/** The Bayes filter of a memoryless market, told everything but the regimes: no causal method can be right more often. */
export class MemorylessFilter implements CausalClassifier {
  readonly #settings: MarketSettings;
  readonly #law: CandleLaw;
  readonly #transition: MemorylessTransition;
  readonly #belief = new Float64Array(REGIME_COUNT).fill(1 / REGIME_COUNT);
  readonly #prior = new Float64Array(REGIME_COUNT);
  readonly #logLikelihoods = new Float64Array(REGIME_COUNT);
  readonly #held = new HeldRegime();
  #previousMove = 0;

  constructor(settings: MarketSettings, law: CandleLaw) {
    this.#settings = settings;
    this.#law = law;
    this.#transition = new MemorylessTransition(settings.durationCandles);
  }

  update(bar: Bar): CausalClassification {
    const candle = candleMoveOf(bar, this.#previousMove);
    this.#transition.predict(this.#belief, this.#prior);
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      const sigma = this.#settings.sigmas[floor(id / SLOT_COUNT)] ?? 0;
      this.#logLikelihoods[id] = this.#law(candle, deviationIn(this.#settings, id, candle), sigma);
    }
    correctBelief(this.#prior, this.#logLikelihoods, this.#belief);
    this.#previousMove = candle.move;
    return {
      probabilities: this.#belief,
      publishedId: this.#held.publish(this.#belief),
      changeWithin10Probability: memorylessChangeChance(this.#settings.durationCandles, 10),
      changeWithin30Probability: memorylessChangeChance(this.#settings.durationCandles, 30),
    };
  }
}
