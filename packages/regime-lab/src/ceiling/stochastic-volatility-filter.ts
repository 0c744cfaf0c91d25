import { type Bar, REGIME_COUNT, SLOT_COUNT } from '@qt/regime';
import type { CausalClassification, CausalClassifier } from '../causal-classifier.ts';
import { HeldRegime } from '../held-regime.ts';
import { STOCHASTIC_VOLATILITY } from '../market/candle-shocks.ts';
import type { MarketSettings } from '../market/market-settings.ts';
import { deviationIn, gaussianLaw } from './candle-law.ts';
import { type CandleMove, candleMoveOf } from './candle-move.ts';
import { LogSigmaGrid } from './log-sigma-grid.ts';
import { correctBelief, MemorylessTransition, memorylessChangeChance } from './regime-belief.ts';

// Taken once: this is the hot path.
const { exp, floor, log, sqrt } = Math;

const { burstStartRatio, burstEndRatio, jumpRatio, jumpSigmas } = STOCHASTIC_VOLATILITY;
const JUMPED_VARIANCE = 1 + jumpSigmas * jumpSigmas;
const JUMPED_WEIGHT = jumpRatio / sqrt(JUMPED_VARIANCE);
const JUMPED_EXPONENT = 0.5 * (1 - 1 / JUMPED_VARIANCE);
/** From here on the calm part of the mixture is below the last bit of the other. */
const LARGE_EXPONENT = 40;

/** Returns what a candle of a burst is likelier than the same candle outside, as a logarithm. `shock`: in sigmas of the candle. */
const burstAdvantage = (shock: number): number => {
  const exponent = JUMPED_EXPONENT * shock * shock;
  return exponent > LARGE_EXPONENT ? log(JUMPED_WEIGHT) + exponent : log(1 - jumpRatio + JUMPED_WEIGHT * exp(exponent));
};

/**
 * The Bayes filter of the market with stochastic volatility, told everything but the regimes. Its states are regime, log volatility and
 * burst; leverage needs no more, because each state says what shock the candle was. The log volatility lives on a grid so fine that a finer
 * one says the same, so this is the ceiling itself.
 */
export class StochasticVolatilityFilter implements CausalClassifier {
  readonly #settings: MarketSettings;
  readonly #transition: MemorylessTransition;
  readonly #grid: LogSigmaGrid;
  /** Shape of all: calm then burst, by point of the grid, by regime. */
  readonly #belief: Float64Array;
  readonly #spread: Float64Array;
  readonly #prior: Float64Array;
  readonly #logLikelihoods: Float64Array;
  /** Shape: by point of the grid, by regime; the last candle's deviation in sigmas. */
  readonly #shocks: Float64Array;
  readonly #probabilities = new Float64Array(REGIME_COUNT);
  readonly #held = new HeldRegime();
  #previousMove = 0;

  constructor(settings: MarketSettings, grid = new LogSigmaGrid()) {
    this.#settings = settings;
    this.#transition = new MemorylessTransition(settings.durationCandles);
    this.#grid = grid;
    const calm = grid.count * REGIME_COUNT;
    this.#belief = new Float64Array(2 * calm);
    this.#spread = new Float64Array(2 * calm);
    this.#prior = new Float64Array(2 * calm);
    this.#logLikelihoods = new Float64Array(2 * calm);
    this.#shocks = new Float64Array(calm);
    for (let state = 0; state < calm; state += 1) {
      this.#belief[state] = (grid.stationary[floor(state / REGIME_COUNT)] ?? 0) / REGIME_COUNT;
    }
  }

  update(bar: Bar): CausalClassification {
    const candle = candleMoveOf(bar, this.#previousMove);
    this.#spreadVolatility();
    this.#mixBursts();
    this.#changeRegimes();
    for (let id = 0; id < REGIME_COUNT; id += 1) this.#weigh(id, candle);
    correctBelief(this.#prior, this.#logLikelihoods, this.#belief);
    this.#previousMove = candle.move;
    this.#probabilities.fill(0);
    for (let state = 0; state < this.#belief.length; state += 1) {
      const id = state % REGIME_COUNT;
      this.#probabilities[id] = (this.#probabilities[id] ?? 0) + (this.#belief[state] ?? 0);
    }
    return {
      probabilities: this.#probabilities,
      publishedId: this.#held.publish(this.#probabilities),
      changeWithin10Probability: memorylessChangeChance(this.#settings.durationCandles, 10),
      changeWithin30Probability: memorylessChangeChance(this.#settings.durationCandles, 30),
    };
  }

  /** Before the regimes change: what the volatility does next hangs on the shock in the regime that was. */
  #spreadVolatility(): void {
    const spread = this.#spread.fill(0);
    const calm = this.#shocks.length;
    for (let state = 0; state < calm; state += 1) {
      const calmMass = this.#belief[state] ?? 0;
      const burstMass = this.#belief[calm + state] ?? 0;
      if (calmMass + burstMass === 0) continue;
      const { first, chances } = this.#grid.stepFrom(floor(state / REGIME_COUNT), this.#shocks[state] ?? 0);
      for (let place = 0; place < chances.length; place += 1) {
        const chance = chances[place] ?? 0;
        if (chance === 0) continue;
        const to = (first + place) * REGIME_COUNT + (state % REGIME_COUNT);
        spread[to] = (spread[to] ?? 0) + chance * calmMass;
        spread[calm + to] = (spread[calm + to] ?? 0) + chance * burstMass;
      }
    }
  }

  #mixBursts(): void {
    const calm = this.#shocks.length;
    for (let state = 0; state < calm; state += 1) {
      const calmMass = this.#spread[state] ?? 0;
      const burstMass = this.#spread[calm + state] ?? 0;
      this.#spread[state] = (1 - burstStartRatio) * calmMass + burstEndRatio * burstMass;
      this.#spread[calm + state] = burstStartRatio * calmMass + (1 - burstEndRatio) * burstMass;
    }
  }

  #changeRegimes(): void {
    for (let first = 0; first < this.#spread.length; first += REGIME_COUNT) {
      const end = first + REGIME_COUNT;
      this.#transition.predict(this.#spread.subarray(first, end), this.#prior.subarray(first, end));
    }
  }

  #weigh(id: number, candle: CandleMove): void {
    const levelSigma = this.#settings.sigmas[floor(id / SLOT_COUNT)] ?? 0;
    const deviation = deviationIn(this.#settings, id, candle);
    const calm = this.#shocks.length;
    for (let point = 0; point < this.#grid.count; point += 1) {
      const state = point * REGIME_COUNT + id;
      const sigma = levelSigma * exp(this.#grid.values[point] ?? 0);
      const shock = deviation / sigma;
      const quiet = gaussianLaw(candle, deviation, sigma);
      this.#shocks[state] = shock;
      this.#logLikelihoods[state] = quiet;
      this.#logLikelihoods[calm + state] = quiet + burstAdvantage(shock);
    }
  }
}
