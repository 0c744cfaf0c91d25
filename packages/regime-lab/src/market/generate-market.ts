import { invariant } from '@qt/kernel';
import { SLOT_COUNT } from '@qt/regime';
import { type ShockSource, shockSourceOf } from './candle-shocks.ts';
import { MarketRandom } from './market-random.ts';
import { type GeneratorName, marketSettings } from './market-settings.ts';
import { AgeingPath, MemorylessPath } from './regime-path.ts';
import { type MarketRecipe, SyntheticMarket } from './synthetic-market.ts';

// Taken once: this is the hot path.
const { exp, log, max, min, sqrt } = Math;

export const GENERATOR_NAMES: readonly GeneratorName[] = [
  'gaussian',
  'student-t4',
  'shared-scale-t4',
  'untied-range-t4',
  'garch-jumps',
  'semi-markov',
  'stochastic-volatility',
];
const START_LOG_PRICE = log(30_000);
/** Steps of the bridge whose extremes are the high and low of `untied-range-t4`. */
export const BRIDGE_STEPS = 24;

/** High and low of one candle over its open, as logarithms. */
interface Extremes {
  readonly high: number;
  readonly low: number;
}

/** Draws high and low, each from the law of the maximum of a Brownian bridge that ends at `move`. */
const brownianExtremes = (move: number, sigma: number, random: MarketRandom): Extremes => {
  const reach = (): number => sqrt(move * move - 2 * sigma * sigma * log(random.uniform()));
  return { high: (move + reach()) / 2, low: (move - reach()) / 2 };
};

/** Draws the extremes of one bridge of 24 steps that ends at `move`. */
const steppedExtremes = (move: number, sigma: number, random: MarketRandom): Extremes => {
  let high = max(0, move);
  let low = min(0, move);
  let at = 0;
  for (let left = BRIDGE_STEPS; left > 1; left -= 1) {
    at += (move - at) / left + sigma * sqrt((left - 1) / (left * BRIDGE_STEPS)) * random.normal();
    high = max(high, at);
    low = min(low, at);
  }
  return { high, low };
};

/**
 * Returns a market with its true regimes.
 *
 * Source: 18-state chain in which 35 % of the changes move the volatility level, 50 % the slot and 15 % both; returns with drift and
 * first-order autoregression by slot; extremes from the Brownian bridge.
 */
export const generateMarket = (recipe: MarketRecipe): SyntheticMarket => {
  invariant(recipe.candles > 0 && recipe.durationCandles >= 1, 'a market has candles, and regimes last at least one');
  const settings = marketSettings(recipe.difficulty, recipe.durationCandles);
  const market = new SyntheticMarket(recipe, settings);
  const random = new MarketRandom(recipe.seed, GENERATOR_NAMES.indexOf(recipe.generator));
  const Path = recipe.generator === 'semi-markov' ? AgeingPath : MemorylessPath;
  const path = new Path(recipe.durationCandles, random);
  const shockOf: ShockSource = shockSourceOf(recipe.generator, settings, random);
  const extremesOf = recipe.generator === 'untied-range-t4' ? steppedExtremes : brownianExtremes;
  let logPrice = START_LOG_PRICE;
  let price = exp(logPrice);
  let previous = 0;
  for (let index = 0; index < recipe.candles; index += 1) {
    path.advance();
    const shock = shockOf(path);
    const drift = (settings.drifts[path.slot] ?? 0) * (settings.sigmas[path.level] ?? 0);
    const autoregression = (settings.autoregressions[path.slot] ?? 0) + shock.autoregressionShift;
    const move = drift + autoregression * (previous - drift) + shock.deviation;
    const { high, low } = extremesOf(move, shock.pathSigma, random);
    const close = exp(logPrice + move);
    market.open[index] = price;
    market.high[index] = max(price * exp(high), price, close);
    market.low[index] = min(price * exp(low), price, close);
    market.close[index] = close;
    market.regimeIds[index] = SLOT_COUNT * path.level + path.slot;
    previous = move;
    logPrice += move;
    price = close;
  }
  return market;
};
