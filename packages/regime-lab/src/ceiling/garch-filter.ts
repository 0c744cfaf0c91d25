import { type Bar, REGIME_COUNT, SLOT_COUNT } from '@qt/regime';
import type { CausalClassification, CausalClassifier } from '../causal-classifier.ts';
import { HeldRegime } from '../held-regime.ts';
import { GARCH } from '../market/candle-shocks.ts';
import type { MarketSettings } from '../market/market-settings.ts';
import { deviationIn } from './candle-law.ts';
import { type CandleMove, candleMoveOf } from './candle-move.ts';
import { correctBelief, MemorylessTransition, memorylessChangeChance } from './regime-belief.ts';

// Taken once: this is the hot path.
const { exp, floor, log, max, sqrt } = Math;

/** Log density of a return that is normal, or normal and a jump; constants of the candle are left out. */
const jumpyReturn = (deviation: number, variance: number, levelSigma: number): number => {
  const wide = variance + (GARCH.jumpSigmas * levelSigma) ** 2;
  const square = deviation * deviation;
  const calm = ((1 - GARCH.jumpRatio) / sqrt(variance)) * exp(-square / (2 * variance));
  const jumped = (GARCH.jumpRatio / sqrt(wide)) * exp(-square / (2 * wide));
  return log(max(calm + jumped, Number.MIN_VALUE));
};

/**
 * A filter for the GARCH market, told all its parameters. The variance of today hangs on the whole path of regimes; here every regime
 * carries the mean of it over the regimes it can have come from. So it is no ceiling but a lower bound of one.
 *
 * Source: Klaassen (2002), regime-switching GARCH.
 */
export class GarchFilter implements CausalClassifier {
  readonly #settings: MarketSettings;
  readonly #transition: MemorylessTransition;
  readonly #belief = new Float64Array(REGIME_COUNT).fill(1 / REGIME_COUNT);
  readonly #prior = new Float64Array(REGIME_COUNT);
  readonly #logLikelihoods = new Float64Array(REGIME_COUNT);
  /** What each regime hands on: the share of its variance and its last square that GARCH remembers. */
  readonly #remembered = new Float64Array(REGIME_COUNT);
  readonly #variances = new Float64Array(REGIME_COUNT);
  readonly #held = new HeldRegime();
  #previousMove = 0;

  constructor(settings: MarketSettings) {
    this.#settings = settings;
    this.#transition = new MemorylessTransition(settings.durationCandles);
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      this.#remembered[id] = (GARCH.onShock + GARCH.onVariance) * this.#sigmaOf(id) ** 2;
    }
  }

  update(bar: Bar): CausalClassification {
    const candle = candleMoveOf(bar, this.#previousMove);
    this.#transition.predict(this.#belief, this.#prior);
    for (let id = 0; id < REGIME_COUNT; id += 1) this.#variances[id] = this.#variancePredicted(id);
    for (let id = 0; id < REGIME_COUNT; id += 1) this.#weigh(id, candle);
    correctBelief(this.#prior, this.#logLikelihoods, this.#belief);
    this.#previousMove = candle.move;
    return {
      probabilities: this.#belief,
      publishedId: this.#held.publish(this.#belief),
      changeWithin10Probability: memorylessChangeChance(this.#settings.durationCandles, 10),
      changeWithin30Probability: memorylessChangeChance(this.#settings.durationCandles, 30),
    };
  }

  #sigmaOf(id: number): number {
    return this.#settings.sigmas[floor(id / SLOT_COUNT)] ?? 0;
  }

  #variancePredicted(id: number): number {
    let handedOn = 0;
    for (let from = 0; from < REGIME_COUNT; from += 1) {
      handedOn += (this.#belief[from] ?? 0) * this.#transition.chance(from, id) * (this.#remembered[from] ?? 0);
    }
    const unconditional = this.#sigmaOf(id) ** 2;
    return unconditional * (1 - GARCH.onShock - GARCH.onVariance) + handedOn / (this.#prior[id] ?? 1);
  }

  #weigh(id: number, candle: CandleMove): void {
    const variance = this.#variances[id] ?? 1;
    const deviation = deviationIn(this.#settings, id, candle);
    this.#logLikelihoods[id] =
      jumpyReturn(deviation, variance, this.#sigmaOf(id)) - 2 * log(variance) - candle.extremeSquare / variance;
    this.#remembered[id] = GARCH.onShock * deviation * deviation + GARCH.onVariance * variance;
  }
}
