import type { Bar } from '@qt/regime';
import type { Difficulty, GeneratorName, MarketSettings } from './market-settings.ts';

/** Which market to make. Same recipe, same market, to the bit. */
export interface MarketRecipe {
  readonly generator: GeneratorName;
  readonly difficulty: Difficulty;
  /** Mean life of a regime, in candles. */
  readonly durationCandles: number;
  readonly seed: number;
  readonly candles: number;
}

export const SYNTHETIC_INTERVAL_MS = 60_000;

/** A market whose regimes are known. Columns, oldest first; times are multiples of one minute from zero. */
export class SyntheticMarket {
  readonly recipe: MarketRecipe;
  readonly settings: MarketSettings;
  readonly candles: number;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  /** Shape: candles; the true regime of each, 0 to 17. */
  readonly regimeIds: Uint8Array;

  constructor(recipe: MarketRecipe, settings: MarketSettings) {
    this.recipe = recipe;
    this.settings = settings;
    this.candles = recipe.candles;
    this.open = new Float64Array(recipe.candles);
    this.high = new Float64Array(recipe.candles);
    this.low = new Float64Array(recipe.candles);
    this.close = new Float64Array(recipe.candles);
    this.regimeIds = new Uint8Array(recipe.candles);
  }

  /** Returns one candle; `offsetCandles` moves its time and `priceRatio` its prices, for a market that follows another. */
  barAt(index: number, offsetCandles = 0, priceRatio = 1): Bar {
    return {
      openTimeMs: (index + offsetCandles) * SYNTHETIC_INTERVAL_MS,
      open: priceRatio * (this.open[index] ?? Number.NaN),
      high: priceRatio * (this.high[index] ?? Number.NaN),
      low: priceRatio * (this.low[index] ?? Number.NaN),
      close: priceRatio * (this.close[index] ?? Number.NaN),
      volume: 1,
    };
  }

  /** Returns the first candle of every regime but the first one, in order. */
  changeIndices(): number[] {
    const found: number[] = [];
    for (let index = 1; index < this.candles; index += 1) {
      if (this.regimeIds[index] !== this.regimeIds[index - 1]) found.push(index);
    }
    return found;
  }
}
