import type { Observation } from '../likelihood-filter.ts';
import { packFloats, unpackFloats } from '../learning/packed-floats.ts';
import { LABEL_LAG_CANDLES } from './scoring-method.ts';

/** Where each feature stands. Returns are in units of the return scale, log ranges relative to the medium level's. */
export const MEAN_5 = 0;
export const MEAN_20 = 1;
export const MEAN_60 = 2;
export const RANGE_5 = 3;
export const RANGE_20 = 4;
export const AUTOCORRELATION_20 = 5;
export const AUTOCORRELATION_60 = 6;
/** Net move over path, signed. */
export const EFFICIENCY_20 = 7;
/** Share of candles that turn the one before, over 20 candles. */
export const FLIPS_20 = 8;
/** Details of the causal Haar transform over 2, 4, 8 and 16 candles. */
export const DETAIL_2 = 9;
export const DETAIL_4 = 10;
export const DETAIL_8 = 11;
export const DETAIL_16 = 12;
/** Up candles less down candles, over 20 and 60. */
export const VOTES_20 = 13;
export const VOTES_60 = 14;
export const FEATURE_COUNT = 15;

export interface FeatureInput {
  readonly observation: Observation;
  readonly returnScale: number;
  readonly mediumReturnScale: number;
  readonly filteredLogPrice: number;
}

interface MarketFeaturesState {
  readonly averages: readonly number[];
  readonly prices: readonly number[];
  readonly ripening: string;
  readonly candles: number;
}

const { abs, log, max, min, sign, sqrt } = Math;
const gainOf = (candles: number): number => 1 - 0.5 ** (1 / candles);
const GAIN_5 = gainOf(3.5);
const GAIN_20 = gainOf(14);
const GAIN_60 = gainOf(42);
const RETURN_LIMIT = 4;
// Positions among the averages; the others are features themselves.
const VARIANCE_20 = 0;
const PRODUCT_20 = 1;
const VARIANCE_60 = 2;
const PRODUCT_60 = 3;
const PATH_20 = 4;
const PREVIOUS = 5;
const AVERAGE_COUNT = 6;
const PRICES = 32;
const RIPENING = LABEL_LAG_CANDLES + 1;

/** What the methods that follow the price and the shape of its path look at: measured once per candle, in fixed memory. */
export class MarketFeatures {
  /** Shape: 15, by the positions above. */
  readonly now = new Float64Array(FEATURE_COUNT);
  readonly #averages = new Float64Array(AVERAGE_COUNT);
  readonly #prices = new Float64Array(PRICES);
  readonly #ripening = new Float32Array(RIPENING * FEATURE_COUNT);
  readonly #ripe = new Float64Array(FEATURE_COUNT);
  #candles = 0;

  constructor() {
    this.#averages.set([1, 0, 1, 0, 1, 0]);
  }

  /** The features of `LABEL_LAG_CANDLES` ago; null while there are none. */
  get ripe(): Float64Array | null {
    if (this.#candles <= LABEL_LAG_CANDLES) return null;
    const at = this.#candles % RIPENING;
    for (let index = 0; index < FEATURE_COUNT; index += 1) {
      this.#ripe[index] = this.#ripening[at * FEATURE_COUNT + index] ?? 0;
    }
    return this.#ripe;
  }

  update(input: FeatureInput): void {
    const { observation, returnScale, mediumReturnScale, filteredLogPrice } = input;
    const move = max(-RETURN_LIMIT, min(RETURN_LIMIT, observation.logReturn / returnScale));
    this.#follow(move, observation.elapsedCandles === 1);
    if (observation.logRange !== null) {
      const range = max(-3, min(3, observation.logRange - log(mediumReturnScale) - 0.36));
      this.#approach(RANGE_5, GAIN_5, range);
      this.#approach(RANGE_20, GAIN_20, range);
    }
    this.#detail(filteredLogPrice, returnScale, observation.elapsedCandles === 1);
    this.#keep();
  }

  save(): MarketFeaturesState {
    return {
      averages: [...this.now, ...this.#averages],
      prices: [...this.#prices],
      ripening: packFloats(this.#ripening),
      candles: this.#candles,
    };
  }

  restore(state: unknown): void {
    const { averages, prices, ripening, candles } = state as MarketFeaturesState;
    this.now.set(averages.slice(0, FEATURE_COUNT));
    this.#averages.set(averages.slice(FEATURE_COUNT));
    this.#prices.set(prices);
    unpackFloats(ripening, this.#ripening);
    this.#candles = candles;
  }

  #follow(move: number, isContinuous: boolean): void {
    const { now } = this;
    const averages = this.#averages;
    const previous = averages[PREVIOUS] ?? 0;
    this.#approach(MEAN_5, GAIN_5, move);
    this.#approach(MEAN_20, GAIN_20, move);
    this.#approach(MEAN_60, GAIN_60, move);
    const centre = now[MEAN_20] ?? 0;
    const apart = move - centre;
    const product = isContinuous ? apart * (previous - centre) : 0;
    this.#average(VARIANCE_20, GAIN_20, apart * apart);
    this.#average(PRODUCT_20, GAIN_20, product);
    this.#average(VARIANCE_60, GAIN_60, apart * apart);
    this.#average(PRODUCT_60, GAIN_60, product);
    now[AUTOCORRELATION_20] = (averages[PRODUCT_20] ?? 0) / max(averages[VARIANCE_20] ?? 0, 1e-3);
    now[AUTOCORRELATION_60] = (averages[PRODUCT_60] ?? 0) / max(averages[VARIANCE_60] ?? 0, 1e-3);
    this.#average(PATH_20, GAIN_20, abs(move));
    now[EFFICIENCY_20] = (now[MEAN_20] ?? 0) / max(averages[PATH_20] ?? 0, 1e-3);
    this.#approach(FLIPS_20, GAIN_20, move * previous < 0 ? 1 : 0);
    this.#approach(VOTES_20, GAIN_20, sign(move));
    this.#approach(VOTES_60, GAIN_60, sign(move));
    averages[PREVIOUS] = move;
  }

  #detail(filteredLogPrice: number, returnScale: number, isContinuous: boolean): void {
    const prices = this.#prices;
    if (isContinuous && this.#candles > 0) {
      prices.copyWithin(1, 0, PRICES - 1);
      prices[0] = filteredLogPrice;
    } else prices.fill(filteredLogPrice);
    let newer = this.#meanOfPrices(0, 1);
    for (let level = 0, span = 2; level < 4; level += 1, span *= 2) {
      const smooth = this.#meanOfPrices(0, span);
      this.now[DETAIL_2 + level] = max(-6, min(6, (newer - smooth) / (returnScale * sqrt(span))));
      newer = smooth;
    }
  }

  #meanOfPrices(first: number, count: number): number {
    let sum = 0;
    for (let index = first; index < first + count; index += 1) {
      sum += (this.#prices[index] ?? 0) - (this.#prices[0] ?? 0);
    }
    return sum / count;
  }

  #keep(): void {
    const at = this.#candles % RIPENING;
    for (let index = 0; index < FEATURE_COUNT; index += 1) {
      this.#ripening[at * FEATURE_COUNT + index] = this.now[index] ?? 0;
    }
    this.#candles += 1;
  }

  #approach(feature: number, gain: number, value: number): void {
    const before = this.now[feature] ?? 0;
    this.now[feature] = before + gain * (value - before) + 0;
  }

  #average(position: number, gain: number, value: number): void {
    const before = this.#averages[position] ?? 0;
    this.#averages[position] = before + gain * (value - before) + 0;
  }
}
