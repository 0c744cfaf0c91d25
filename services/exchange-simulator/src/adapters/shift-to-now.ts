import { AppError } from '@qt/kernel';
import { CandleSeries } from '../domain/candle-series.ts';
import { createReplayMarket, type FundingSeries, type ReplayMarketOptions } from '../domain/replay-market.ts';
import type { MarketSource } from '../domain/venue-types.ts';

const HOUR_MS = 3_600_000;
/** Funding is paid at 00, 08 and 16 UTC. */
const FUNDING_MS = 8 * HOUR_MS;
/** How much of a recording may be spent on keeping its funding hours. */
const LARGEST_SKIP_SHARE = 0.5;

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));

interface Shift {
  readonly byMs: number;
  /** How much of the market becomes history, so that the funding hours stay the venue's. */
  readonly skippedMs: number;
}

/**
 * Two wishes meet: the first candle played opens at the last whole interval before now, and what was paid at 00, 08 or 16 UTC is paid at
 * 00, 08 or 16 UTC. So the market moves by a multiple of both the interval and eight hours, which may put its first candle up to eight
 * hours before now; what lies between is history. Where that would cost more than half of a short recording, all of it is played
 * instead, and each rate is paid at the funding hour nearest to its own.
 */
const shiftOf = ({ startMs, endMs, intervalMs }: MarketSource, wallMs: number): Shift => {
  const opensMs = Math.floor(wallMs / intervalMs) * intervalMs;
  const gridMs = (FUNDING_MS / greatestCommonDivisor(FUNDING_MS, intervalMs)) * intervalMs;
  const onGridMs = Math.floor((opensMs - startMs) / gridMs) * gridMs;
  const skippedMs = opensMs - startMs - onGridMs;
  const isTooDear = endMs !== null && skippedMs > LARGEST_SKIP_SHARE * (endMs - startMs);
  return isTooDear ? { byMs: opensMs - startMs, skippedMs: 0 } : { byMs: onGridMs, skippedMs };
};

const seriesMoved = (series: CandleSeries, byMs: number): CandleSeries => {
  const { symbol, interval, intervalMs } = series;
  const moved = new CandleSeries({ symbol, interval, intervalMs });
  for (let index = 0; index < series.length; index += 1) {
    const candle = series.at(index);
    if (candle !== null) moved.push({ ...candle, openTimeMs: candle.openTimeMs + byMs });
  }
  return moved;
};

const fundingMoved = ({ symbol, rates }: FundingSeries, byMs: number): FundingSeries => {
  const onHour = (timeMs: number): number =>
    byMs % FUNDING_MS === 0 ? timeMs : Math.round(timeMs / FUNDING_MS) * FUNDING_MS;
  return { symbol, rates: new Map([...rates].map(([timeMs, rate]) => [onHour(timeMs + byMs), rate])) };
};

/**
 * Returns the replay so moved that its first candle opens at the last whole interval before `wallMs`. Prices, volumes and funding rates
 * are as recorded.
 *
 * Throws: as `createReplayMarket`; AppError MARKET_NOT_SHIFTED when the recording begins after `wallMs`.
 */
export const createReplayNow = (options: ReplayMarketOptions, wallMs: number): MarketSource => {
  const recorded = createReplayMarket(options);
  if (recorded.startMs > wallMs) {
    const [start, now] = [recorded.startMs, wallMs].map((timeMs) => new Date(timeMs).toISOString());
    const message = `the market begins at ${start}, after now (${now}); expected one that has been`;
    throw new AppError('MARKET_NOT_SHIFTED', message, { retryable: false });
  }
  const { byMs, skippedMs } = shiftOf(recorded, wallMs);
  return createReplayMarket({
    series: options.series.map((series) => seriesMoved(series, byMs)),
    funding: (options.funding ?? []).map((funding) => fundingMoved(funding, byMs)),
    fromMs: recorded.startMs + skippedMs + byMs,
    ...(recorded.endMs === null ? {} : { toMs: recorded.endMs + byMs }),
  });
};
