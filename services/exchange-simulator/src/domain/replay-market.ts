import { AppError } from '@qt/kernel';
import type { CandleSeries } from './candle-series.ts';
import { type Fixed, ONE } from './fixed.ts';
import type { MarketSource, VenueCandle } from './venue-types.ts';

const HOUR_MS = 3_600_000;
const FUNDING_INTERVALS_MS = [8 * HOUR_MS, 4 * HOUR_MS, 2 * HOUR_MS, HOUR_MS] as const;

/** Rates of one symbol by funding time. */
export interface FundingSeries {
  readonly symbol: string;
  /** Keys: UTC ms, rounded to the whole hour; the venue's own times jitter by some milliseconds. */
  readonly rates: ReadonlyMap<number, Fixed>;
}

/** What a replay plays. */
export interface ReplayMarketOptions {
  readonly series: readonly CandleSeries[];
  readonly funding?: readonly FundingSeries[];
  /** First open time to play; earlier candles become history. */
  readonly fromMs?: number;
  /** End of the last candle to play. */
  readonly toMs?: number;
}

const stop = (message: string): never => {
  throw new AppError('MARKET_FILES_UNUSABLE', message, { retryable: false });
};

const isoOf = (timeMs: number): string => new Date(timeMs).toISOString();

/** Returns the finest power of ten among the prices of a sample of a series. */
const finestStepOf = (series: CandleSeries): Fixed => {
  let step = Number(ONE);
  const stride = Math.max(1, Math.floor(series.length / 20_000));
  for (let index = 0; index < series.length; index += stride) {
    const prices = [series.openAt(index), series.highAt(index), series.lowAt(index), series.closeAt(index)];
    for (const price of prices) while (price % step !== 0) step /= 10;
  }
  return BigInt(step);
};

/** Returns the interval on whose grid all recorded payments stand: eight hours, or less where they come more often. */
const spacingOf = ({ rates }: FundingSeries): number => {
  const times = [...rates.keys()];
  return FUNDING_INTERVALS_MS.find((intervalMs) => times.every((timeMs) => timeMs % intervalMs === 0)) ?? HOUR_MS;
};

/**
 * A market that replays recorded candles of one or more symbols over the span that all of them cover.
 *
 * Throws: AppError MARKET_FILES_UNUSABLE when there is no series, a symbol stands twice, intervals differ or the spans do not meet.
 */
export const createReplayMarket = ({ series, funding = [], fromMs, toMs }: ReplayMarketOptions): MarketSource => {
  const [first] = series;
  if (first === undefined) return stop('no candle file was given, expected at least one');
  const bySymbol = new Map<string, CandleSeries>();
  for (const one of series) {
    if (bySymbol.has(one.symbol)) stop(`${one.symbol} stands in two candle files, expected one file for each symbol`);
    if (one.interval !== first.interval) {
      stop(
        `${one.symbol} has interval ${one.interval}, ${first.symbol} has ${first.interval}; expected one interval for all`,
      );
    }
    if (one.length === 0) stop(`${one.symbol} has no candles, expected at least one`);
    bySymbol.set(one.symbol, one);
  }
  const { intervalMs } = first;
  const starts = series.map((one) => one.openTimeAt(0));
  const ends = series.map((one) => one.openTimeAt(one.length - 1) + intervalMs);
  const startMs = Math.ceil(Math.max(...starts, fromMs ?? Number.NEGATIVE_INFINITY) / intervalMs) * intervalMs;
  const endMs = Math.floor(Math.min(...ends, toMs ?? Number.POSITIVE_INFINITY) / intervalMs) * intervalMs;
  if (endMs <= startMs) {
    const spans = series.map(
      (one, index) => `${one.symbol} ${isoOf(starts[index] ?? 0)} to ${isoOf(ends[index] ?? 0)}`,
    );
    const [from, to] = [fromMs === undefined ? 'start' : isoOf(fromMs), toMs === undefined ? 'end' : isoOf(toMs)];
    const cut = fromMs === undefined && toMs === undefined ? '' : ` within the cut ${from} to ${to}`;
    stop(`the candle files have no common span${cut}: ${spans.join('; ')}`);
  }
  const rates = new Map(funding.map((one) => [one.symbol, one.rates]));
  const intervals = new Map(funding.map((one) => [one.symbol, spacingOf(one)]));
  const steps = new Map(series.map((one) => [one.symbol, finestStepOf(one)]));
  return {
    kind: 'replay',
    symbols: series.map((one) => one.symbol),
    interval: first.interval,
    intervalMs,
    startMs,
    endMs,
    series: (symbol) => bySymbol.get(symbol) ?? stop(`${symbol} stands in no candle file`),
    history: (symbol) => {
      const one = bySymbol.get(symbol);
      const candles: VenueCandle[] = [];
      for (let index = 0; one !== undefined && one.openTimeAt(index) < startMs; index += 1) {
        const candle = one.at(index);
        if (candle !== null) candles.push(candle);
      }
      return candles;
    },
    candleAt: (symbol, openTimeMs) =>
      openTimeMs >= startMs && openTimeMs < endMs ? (bySymbol.get(symbol)?.find(openTimeMs) ?? null) : null,
    fundingIntervalMs: (symbol) => intervals.get(symbol) ?? null,
    fundingRateAt: (symbol, fundingTimeMs) => rates.get(symbol)?.get(fundingTimeMs) ?? null,
    finestPriceStep: (symbol) => steps.get(symbol) ?? ONE,
  };
};
