import { AppError } from '@qt/kernel';
import type { MarketSource, VenueCandle } from '../domain/venue-types.ts';

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
 * instead, and each funding hour takes the rate of the nearest one recorded.
 */
const shiftOf = ({ startMs, endMs, intervalMs }: MarketSource, wallMs: number): Shift => {
  const opensMs = Math.floor(wallMs / intervalMs) * intervalMs;
  const gridMs = (FUNDING_MS / greatestCommonDivisor(FUNDING_MS, intervalMs)) * intervalMs;
  const onGridMs = Math.floor((opensMs - startMs) / gridMs) * gridMs;
  const skippedMs = opensMs - startMs - onGridMs;
  const isTooDear = endMs !== null && skippedMs > LARGEST_SKIP_SHARE * (endMs - startMs);
  return isTooDear ? { byMs: opensMs - startMs, skippedMs: 0 } : { byMs: onGridMs, skippedMs };
};

/**
 * Returns the same market so moved that its first candle opens at the last whole interval before `wallMs`. Prices, volumes and funding
 * rates are as recorded.
 *
 * Throws: AppError MARKET_NOT_SHIFTED when the market has begun after `wallMs`.
 */
export const shiftToNow = (source: MarketSource, wallMs: number): MarketSource => {
  if (source.startMs > wallMs) {
    const [start, now] = [source.startMs, wallMs].map((timeMs) => new Date(timeMs).toISOString());
    const message = `the market begins at ${start}, after now (${now}); expected one that has been`;
    throw new AppError('MARKET_NOT_SHIFTED', message, { retryable: false });
  }
  const { byMs, skippedMs } = shiftOf(source, wallMs);
  const { intervalMs } = source;
  const moved = (candle: VenueCandle): VenueCandle => ({ ...candle, openTimeMs: candle.openTimeMs + byMs });
  const skipped = (symbol: string): VenueCandle[] => {
    const candles: VenueCandle[] = [];
    for (let openTimeMs = source.startMs; openTimeMs < source.startMs + skippedMs; openTimeMs += intervalMs) {
      const candle = source.candleAt(symbol, openTimeMs);
      if (candle !== null) candles.push(candle);
    }
    return candles;
  };
  return {
    ...source,
    startMs: source.startMs + skippedMs + byMs,
    endMs: source.endMs === null ? null : source.endMs + byMs,
    history: (symbol) => [...source.history(symbol), ...skipped(symbol)].map(moved),
    candleAt: (symbol, openTimeMs) => {
      const candle = source.candleAt(symbol, openTimeMs - byMs);
      return candle === null ? null : moved(candle);
    },
    fundingRateAt: (symbol, fundingTimeMs) => {
      const recordedMs = fundingTimeMs - byMs;
      const exact = source.fundingRateAt(symbol, recordedMs);
      return exact ?? source.fundingRateAt(symbol, Math.round(recordedMs / FUNDING_MS) * FUNDING_MS);
    },
  };
};
