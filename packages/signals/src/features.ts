import {
  AverageTrueRange,
  type AverageTrueRangeState,
  averageTrueRangeOf,
  EwmaVolatility,
  type EwmaVolatilityState,
  ewmaVolatilityOf,
  ExponentialAverage,
  type ExponentialAverageState,
  exponentialAverageOf,
  LogReturns,
  logReturnsOf,
  type Moments,
  RelativeStrength,
  type RelativeStrengthState,
  RollingMoments,
  RollingTrendLine,
  RollingWindow,
  relativeStrengthOf,
  rollingMomentsOf,
  type TrendLine,
  trendLinesOf,
} from '@qt/market-math';
import type { MarketCandle } from './market-candle.ts';

/** What the models see after one closed candle. Every value is known at that close: there is no way to ask for a later one. */
export interface FeatureVector {
  readonly openTimeMs: number;
  readonly close: number;
  /** Log return of the candle against the one before. */
  readonly returnRatio: number;
  /** Average true range over close, per candle. */
  readonly atrRatio: number;
  /** Exponentially weighted standard deviation of log returns, per candle. */
  readonly volatilityRatio: number;
  /** Fast less slow exponential average, in average true ranges. */
  readonly emaSpreadAtr: number;
  /** t-statistic of the slope of log closes. */
  readonly slopeT: number;
  /** Place of the close in the range of the candles before it: -1 at its low, 1 at its high, beyond when it broke out. */
  readonly channelPosition: number;
  /** Close less its rolling mean, in standard deviations; 0 while the price stands still. */
  readonly zScore: number;
  /** Relative strength index, 0 to 100. */
  readonly rsi: number;
  /** Logarithm of 1 + volume less its rolling mean, in standard deviations; 0 while volume stands still. */
  readonly volumeZ: number;
}

/** Lengths in candles. Changing one changes what every model sees, so it changes `FEATURES_ID`. */
const LENGTHS = {
  atr: 14,
  rsi: 14,
  fastAverage: 12,
  slowAverage: 48,
  slope: 32,
  channel: 48,
  mean: 48,
  volatilityWarmup: 32,
} as const;
const VOLATILITY_DECAY_RATIO = 0.94;

/** Names the feature set that models are fitted to. */
export const FEATURES_ID = 'price-volume@1';

/** Candles that must have been seen before the first vector. */
export const FEATURE_WARMUP_CANDLES = LENGTHS.channel + 1;

/** Everything a `FeatureStream` remembers: a bounded amount, JSON-safe. */
export interface FeatureState {
  readonly returns: number | null;
  readonly atr: AverageTrueRangeState;
  readonly volatility: EwmaVolatilityState;
  readonly fast: ExponentialAverageState;
  readonly slow: ExponentialAverageState;
  readonly rsi: RelativeStrengthState;
  readonly slope: readonly number[];
  readonly highs: readonly number[];
  readonly lows: readonly number[];
  readonly closes: readonly number[];
  readonly volumes: readonly number[];
}

/** The features of one market, candle by candle, in constant memory. */
export class FeatureStream {
  readonly #returns: LogReturns;
  readonly #atr: AverageTrueRange;
  readonly #volatility: EwmaVolatility;
  readonly #fast: ExponentialAverage;
  readonly #slow: ExponentialAverage;
  readonly #rsi: RelativeStrength;
  readonly #slope: RollingTrendLine;
  readonly #highs: RollingWindow;
  readonly #lows: RollingWindow;
  readonly #closes: RollingMoments;
  readonly #volumes: RollingMoments;

  constructor(saved?: FeatureState) {
    this.#returns = new LogReturns(saved?.returns ?? null);
    this.#atr = new AverageTrueRange(LENGTHS.atr, saved?.atr);
    this.#volatility = new EwmaVolatility(VOLATILITY_DECAY_RATIO, LENGTHS.volatilityWarmup, saved?.volatility);
    this.#fast = new ExponentialAverage(LENGTHS.fastAverage, saved?.fast);
    this.#slow = new ExponentialAverage(LENGTHS.slowAverage, saved?.slow);
    this.#rsi = new RelativeStrength(LENGTHS.rsi, saved?.rsi);
    this.#slope = new RollingTrendLine(LENGTHS.slope, saved?.slope);
    this.#highs = RollingWindow.of(LENGTHS.channel, saved?.highs ?? []);
    this.#lows = RollingWindow.of(LENGTHS.channel, saved?.lows ?? []);
    this.#closes = new RollingMoments(LENGTHS.mean, saved?.closes);
    this.#volumes = new RollingMoments(LENGTHS.mean, saved?.volumes);
  }

  /** Takes the next candle; null while too few have been seen. The caller guards order and gaps. */
  update(candle: MarketCandle): FeatureVector | null {
    const { close } = candle;
    const returnRatio = this.#returns.update(close);
    const volumeLog = Math.log1p(candle.volume);
    const channel = this.#highs.isFull ? rangeOf(this.#highs.toArray(), this.#lows.toArray()) : null;
    this.#highs.push(candle.high);
    this.#lows.push(candle.low);
    return vectorOf(candle, {
      returnRatio,
      channel,
      atr: this.#atr.update(candle),
      volatility: returnRatio === null ? null : this.#volatility.update(returnRatio),
      fast: this.#fast.update(close),
      slow: this.#slow.update(close),
      rsi: this.#rsi.update(close),
      line: this.#slope.update(Math.log(close)),
      closes: this.#closes.update(close),
      volumeLog,
      volumes: this.#volumes.update(volumeLog),
    });
  }

  save(): FeatureState {
    return {
      returns: this.#returns.save(),
      atr: this.#atr.save(),
      volatility: this.#volatility.save(),
      fast: this.#fast.save(),
      slow: this.#slow.save(),
      rsi: this.#rsi.save(),
      slope: this.#slope.save(),
      highs: this.#highs.toArray(),
      lows: this.#lows.toArray(),
      closes: this.#closes.save(),
      volumes: this.#volumes.save(),
    };
  }
}

/**
 * Returns the features of a whole history at once, each null until enough candles stand before it: what training reads.
 *
 * Shape: `candles[n]`, oldest first, without a gap; the result has n entries, equal to the stream's to 1e-12.
 */
export const featuresOf = (candles: readonly MarketCandle[]): (FeatureVector | null)[] => {
  const closes = candles.map((candle) => candle.close);
  const volumeLogs = candles.map((candle) => Math.log1p(candle.volume));
  const returns = logReturnsOf(closes);
  const atr = averageTrueRangeOf(candles, LENGTHS.atr);
  const volatility = [
    null,
    ...ewmaVolatilityOf(
      returns.slice(1).map((value) => value ?? 0),
      VOLATILITY_DECAY_RATIO,
      LENGTHS.volatilityWarmup,
    ),
  ];
  const fast = exponentialAverageOf(closes, LENGTHS.fastAverage);
  const slow = exponentialAverageOf(closes, LENGTHS.slowAverage);
  const rsi = relativeStrengthOf(closes, LENGTHS.rsi);
  const lines = trendLinesOf(closes.map(Math.log), LENGTHS.slope);
  const moments = rollingMomentsOf(closes, LENGTHS.mean);
  const volumes = rollingMomentsOf(volumeLogs, LENGTHS.mean);
  return candles.map((candle, index) => {
    const before = candles.slice(Math.max(0, index - LENGTHS.channel), index);
    return vectorOf(candle, {
      returnRatio: returns[index] ?? null,
      channel:
        before.length < LENGTHS.channel
          ? null
          : rangeOf(
              before.map(({ high }) => high),
              before.map(({ low }) => low),
            ),
      atr: atr[index] ?? null,
      volatility: volatility[index] ?? null,
      fast: fast[index] ?? null,
      slow: slow[index] ?? null,
      rsi: rsi[index] ?? null,
      line: lines[index] ?? null,
      closes: moments[index] ?? null,
      volumeLog: volumeLogs[index] as number,
      volumes: volumes[index] ?? null,
    });
  });
};

interface PriceChannel {
  readonly high: number;
  readonly low: number;
}

const rangeOf = (highs: readonly number[], lows: readonly number[]): PriceChannel => ({
  high: Math.max(...highs),
  low: Math.min(...lows),
});

interface Indicators {
  readonly returnRatio: number | null;
  readonly channel: PriceChannel | null;
  readonly atr: number | null;
  readonly volatility: number | null;
  readonly fast: number | null;
  readonly slow: number | null;
  readonly rsi: number | null;
  readonly line: TrendLine | null;
  readonly closes: Moments | null;
  readonly volumeLog: number;
  readonly volumes: Moments | null;
}

const vectorOf = (candle: MarketCandle, at: Indicators): FeatureVector | null => {
  const { returnRatio, channel, atr, volatility, fast, slow, rsi, line, closes, volumes } = at;
  if (returnRatio === null || channel === null || atr === null || volatility === null || fast === null) return null;
  if (slow === null || rsi === null || line === null || closes === null || volumes === null) return null;
  const { close } = candle;
  return {
    openTimeMs: candle.openTimeMs,
    close,
    returnRatio,
    atrRatio: atr / close,
    volatilityRatio: volatility,
    emaSpreadAtr: atr === 0 ? 0 : (fast - slow) / atr,
    slopeT: line.tStatistic,
    channelPosition:
      channel.high === channel.low ? 0 : (2 * close - channel.high - channel.low) / (channel.high - channel.low),
    zScore: deviationsFrom(closes, close),
    rsi,
    volumeZ: deviationsFrom(volumes, at.volumeLog),
  };
};

/** Below this share of the mean a deviation is rounding, not movement. */
const FLAT_RATIO = 1e-12;

const deviationsFrom = ({ mean, standardDeviation }: Moments, value: number): number =>
  standardDeviation <= Math.abs(mean) * FLAT_RATIO ? 0 : (value - mean) / standardDeviation;
