import { AppError, invariant } from '@qt/kernel';
import { CandleSeries } from './candle-series.ts';
import { type Fixed, fixedOfNumber, greatest, least, numberOf } from './fixed.ts';
import { intervalMsOf, intervalWords } from './intervals.ts';
import { gaussian, randomOf } from './randomness.ts';
import { specOf } from './symbol-specs.ts';
import type { MarketSource, SymbolSpec, VenueCandle } from './venue-types.ts';

const MINUTE_MS = 60_000;
const SUBSTEPS = 8;
/** Share of a candle's shock that all symbols have in common. */
const COMMON_SHARE = 0.6;

/** Standard deviation of one minute's log return: calm, ordinary and wild crypto days. */
const MINUTE_SIGMAS = [0.0003, 0.0006, 0.0012] as const;

const START_PRICES: Readonly<Record<string, number>> = {
  BTCUSDT: 43_000,
  ETHUSDT: 2_300,
  SOLUSDT: 98,
  BNBUSDT: 310,
  XRPUSDT: 0.55,
  ADAUSDT: 0.5,
  DOGEUSDT: 0.08,
  LTCUSDT: 70,
  ETCUSDT: 22,
  FILUSDT: 5.5,
  NEARUSDT: 3.2,
};

/** Quote turnover of an ordinary minute, USDT. */
const MINUTE_TURNOVERS: Readonly<Record<string, number>> = {
  BTCUSDT: 6_000_000,
  ETHUSDT: 3_000_000,
  SOLUSDT: 1_200_000,
};

/** The regime a symbol is in: what a detector should find. */
export interface GeneratedRegime {
  readonly volatility: 'low' | 'normal' | 'high';
  readonly trend: 'up' | 'down' | 'flat';
  readonly structure: 'trending' | 'mean-reverting' | 'random';
  readonly sinceMs: number;
}

/** What a generated market follows from. */
export interface GeneratedMarketOptions {
  readonly seed: number;
  readonly symbols: readonly string[];
  readonly interval: string;
  /** Rounded up to the interval. */
  readonly startMs: number;
  readonly historyCandles: number;
}

/** A market without end, the same for the same options. */
export interface GeneratedMarket extends MarketSource {
  /** The regime in force in the candle that opens then; null outside the generated span. */
  regimeAt(symbol: string, openTimeMs: number): GeneratedRegime | null;
}

const pick = <T>(random: () => number, choices: readonly [T, ...T[]]): T =>
  choices[Math.min(Math.floor(random() * choices.length), choices.length - 1)] ?? choices[0];

/** How far a price may wander freely from its first one. Units: natural logarithm; 4 is a factor of 55. */
const SIGHT = 4;

/** One symbol's walk: makes its candles one after another. */
class Walk {
  readonly series: CandleSeries;
  readonly regimes: GeneratedRegime[] = [];
  readonly #seed: number;
  readonly #spec: SymbolSpec;
  readonly #firstMs: number;
  readonly #anchor: number;
  readonly #sigmaScale: number;
  readonly #turnover: number;
  readonly #random: () => number;
  #logPrice: number;
  #regimeAnchor: number;
  #previousReturn = 0;
  #candlesLeft = 0;
  #regime: GeneratedRegime;

  constructor(symbol: string, options: GeneratedMarketOptions, firstMs: number, intervalMs: number) {
    const startPrice = START_PRICES[symbol] ?? 10 ** (4 * randomOf(options.seed, symbol, 'price')() - 1);
    this.series = new CandleSeries({ symbol, interval: options.interval, intervalMs });
    this.#seed = options.seed;
    this.#spec = specOf(symbol, { price: fixedOfNumber(startPrice), finestPriceStep: fixedOfNumber(1_000_000) });
    this.#firstMs = firstMs;
    this.#anchor = Math.log(startPrice);
    this.#logPrice = this.#anchor;
    this.#regimeAnchor = this.#anchor;
    this.#sigmaScale = Math.sqrt(intervalMs / MINUTE_MS) * (symbol === 'BTCUSDT' ? 1 : 1.25);
    this.#turnover = ((MINUTE_TURNOVERS[symbol] ?? 400_000) * intervalMs) / MINUTE_MS;
    this.#random = randomOf(options.seed, symbol, 'walk');
    this.#regime = { volatility: 'normal', trend: 'flat', structure: 'random', sinceMs: firstMs };
  }

  get finestPriceStep(): Fixed {
    return this.#spec.priceStep;
  }

  extendTo(length: number): void {
    while (this.series.length < length) this.series.push(this.#next());
  }

  #switchRegime(openTimeMs: number): void {
    const random = this.#random;
    const structure = pick<GeneratedRegime['structure']>(random, [
      'trending',
      'trending',
      'mean-reverting',
      'mean-reverting',
      'random',
    ]);
    this.#regime = {
      volatility: pick(random, ['low', 'normal', 'normal', 'high']),
      trend: structure === 'trending' ? pick(random, ['up', 'down']) : 'flat',
      structure,
      sinceMs: openTimeMs,
    };
    this.#regimeAnchor = this.#logPrice;
    // 240 candles at least, 700 on average: long enough to be seen, short enough to change within a day of minutes.
    this.#candlesLeft = 240 + Math.floor(-460 * Math.log(1 - random()));
  }

  #drift(sigma: number): number {
    const { structure, trend } = this.#regime;
    // A weak pull home keeps an endless market within sight of its first price; out of sight it is strong, whatever the interval.
    const away = this.#anchor - this.#logPrice;
    const outOfSight = away - Math.max(-SIGHT, Math.min(SIGHT, away));
    const home = 0.00002 * away + 0.05 * outOfSight;
    if (structure === 'trending') return home + (trend === 'up' ? 1 : -1) * 0.08 * sigma + 0.12 * this.#previousReturn;
    if (structure === 'mean-reverting')
      return home + 0.04 * (this.#regimeAnchor - this.#logPrice) - 0.15 * this.#previousReturn;
    return home;
  }

  #next(): VenueCandle {
    const openTimeMs = this.#firstMs + this.series.length * this.series.intervalMs;
    if (this.#candlesLeft === 0) this.#switchRegime(openTimeMs);
    this.#candlesLeft -= 1;
    this.regimes.push(this.#regime);
    const random = this.#random;
    const level = { low: 0, normal: 1, high: 2 } as const;
    const calm = MINUTE_SIGMAS[level[this.#regime.volatility]];
    const sigma = calm * this.#sigmaScale * (0.8 + 0.4 * random());
    // One candle in 150 is a shock: returns of crypto have fat tails.
    const shock = random() < 1 / 150 ? 3 : 1;
    const drift = this.#drift(sigma);
    const common = gaussian(randomOf(this.#seed, 'common', openTimeMs)) * Math.sqrt(COMMON_SHARE);
    const stepSigma = (sigma * shock) / Math.sqrt(SUBSTEPS);
    const openLog = this.#logPrice;
    let path = 0;
    let highest = 0;
    let lowest = 0;
    for (let step = 1; step <= SUBSTEPS; step += 1) {
      const own = gaussian(random) * Math.sqrt(1 - COMMON_SHARE) * stepSigma;
      path += drift / SUBSTEPS + own + (common * sigma * shock) / SUBSTEPS;
      highest = Math.max(highest, path);
      lowest = Math.min(lowest, path);
    }
    this.#logPrice = openLog + path;
    this.#previousReturn = path;
    const open = this.#onTick(Math.exp(openLog));
    const close = this.#onTick(Math.exp(openLog + path));
    const activity =
      Math.exp(0.5 * gaussian(random)) * (0.5 + (Math.abs(path) + highest - lowest) / (2 * calm * this.#sigmaScale));
    const volume = fixedOfNumber((this.#turnover * activity) / numberOf(close));
    const { quantityStep } = this.#spec;
    return {
      openTimeMs,
      open,
      high: greatest(this.#onTick(Math.exp(openLog + highest)), greatest(open, close)),
      low: least(this.#onTick(Math.exp(openLog + lowest)), least(open, close)),
      close,
      volume: greatest((volume / quantityStep) * quantityStep, quantityStep),
    };
  }

  #onTick(price: number): Fixed {
    const { priceStep, minPrice } = this.#spec;
    return greatest(((fixedOfNumber(price) + priceStep / 2n) / priceStep) * priceStep, minPrice);
  }
}

/**
 * A market without end, made from a seed: each symbol lives through long regimes (volatility level x trend x structure), with fat tails,
 * a shared shock and volumes that follow volatility. History before the start comes from the same walk.
 *
 * Throws: AppError MARKET_OPTIONS_INVALID for an interval that the venue does not know or a list without symbols.
 */
export const createGeneratedMarket = (options: GeneratedMarketOptions): GeneratedMarket => {
  const intervalMs = intervalMsOf(options.interval);
  if (intervalMs === null || options.symbols.length === 0) {
    const found = intervalMs === null ? `interval ${JSON.stringify(options.interval)}` : 'no symbol';
    const expected = intervalMs === null ? `one of ${intervalWords.join(', ')}` : 'at least one symbol';
    throw new AppError('MARKET_OPTIONS_INVALID', `found ${found}, expected ${expected}`, { retryable: false });
  }
  const startMs = Math.ceil(options.startMs / intervalMs) * intervalMs;
  const firstMs = startMs - options.historyCandles * intervalMs;
  const walks = new Map(options.symbols.map((symbol) => [symbol, new Walk(symbol, options, firstMs, intervalMs)]));
  const indexOf = (openTimeMs: number): number => (openTimeMs - firstMs) / intervalMs;
  const walkTo = (symbol: string, openTimeMs: number): Walk | null => {
    const index = indexOf(openTimeMs);
    const walk = walks.get(symbol);
    if (walk === undefined || index < 0 || !Number.isInteger(index)) return null;
    walk.extendTo(index + 1);
    return walk;
  };
  return {
    kind: 'generated',
    symbols: options.symbols,
    interval: options.interval,
    intervalMs,
    startMs,
    endMs: null,
    series: (symbol, untilMs) => {
      const walk = walks.get(symbol);
      invariant(walk !== undefined, `${symbol} is a symbol of this market`);
      walk.extendTo(Math.floor(indexOf(untilMs)) + 1);
      return walk.series;
    },
    history: (symbol) => {
      const walk = walks.get(symbol);
      walk?.extendTo(options.historyCandles);
      const candles: VenueCandle[] = [];
      for (let index = 0; index < options.historyCandles; index += 1) {
        const candle = walk?.series.at(index) ?? null;
        if (candle !== null) candles.push(candle);
      }
      return candles;
    },
    candleAt: (symbol, openTimeMs) => walkTo(symbol, openTimeMs)?.series.at(indexOf(openTimeMs)) ?? null,
    fundingRateAt: () => null,
    fundingIntervalMs: () => null,
    finestPriceStep: (symbol) => walks.get(symbol)?.finestPriceStep ?? 1n,
    regimeAt: (symbol, openTimeMs) => walkTo(symbol, openTimeMs)?.regimes[indexOf(openTimeMs)] ?? null,
  };
};
