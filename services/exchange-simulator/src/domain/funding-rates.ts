import { type Fixed, fixedOfNumber } from './fixed.ts';
import type { SymbolMarket } from './symbol-market.ts';
import type { MarketSource } from './venue-types.ts';

const HOUR_MS = 3_600_000;
/** Payments come at 00, 08 and 16 UTC unless recorded rates stand closer together. */
const FUNDING_MS = 8 * HOUR_MS;
/** Interest of eight hours, the room in which the premium is ignored, and the cap and floor of a rate. */
const INTEREST_RATIO = 0.0001;
const DAMPER_RATIO = 0.0005;
const CAP_RATIO = 0.02;

const within = (value: number, bound: number): number => Math.min(Math.max(value, -bound), bound);

/** A running average whose later samples weigh more: the nth counts n times. */
interface PremiumAverage {
  fundingTimeMs: number;
  /** Place of the next candle to be added, and of the first. */
  next: number;
  first: number;
  weighted: number;
}

/**
 * Funding rates of one symbol: recorded ones where the market knows them, else premium + clamp(interest - premium, ±0.05 %), held within ±2 %.
 * The premium is the average over the candles of the funding interval that have ended, by their closes, the nth counted n times; while none
 * has, that of the last one before. Mark prices follow from the candle and the one before it, so a rate depends on no more than its interval.
 *
 * Source: Binance, Introduction to Binance Futures Funding Rates (formula, time-weighted average).
 */
export class FundingRates {
  readonly intervalMs: number;
  readonly #market: SymbolMarket;
  readonly #source: MarketSource;
  readonly #average: PremiumAverage = { fundingTimeMs: Number.NaN, next: 0, first: 0, weighted: 0 };

  constructor(market: SymbolMarket, source: MarketSource) {
    this.#market = market;
    this.#source = source;
    this.intervalMs = source.fundingIntervalMs(market.symbol) ?? FUNDING_MS;
  }

  /** The next funding time after a time. */
  nextAfter(timeMs: number): number {
    return (Math.floor(timeMs / this.intervalMs) + 1) * this.intervalMs;
  }

  /** The rate of a funding time as it stands at `nowMs`, no later than that. */
  at(fundingTimeMs: number, nowMs: number): Fixed {
    const recorded = this.#source.fundingRateAt(this.#market.symbol, fundingTimeMs);
    if (recorded !== null) return recorded;
    const premium = this.#premium(fundingTimeMs, nowMs);
    const interest = (INTEREST_RATIO * this.intervalMs) / FUNDING_MS;
    return fixedOfNumber(within(premium + within(interest - premium, DAMPER_RATIO), CAP_RATIO));
  }

  #premium(fundingTimeMs: number, nowMs: number): number {
    const { series } = this.#market;
    const average = this.#average;
    const ended = series.indexFrom(nowMs - series.intervalMs + 1);
    if (average.fundingTimeMs !== fundingTimeMs || average.next > ended) {
      average.fundingTimeMs = fundingTimeMs;
      average.first = series.indexFrom(fundingTimeMs - this.intervalMs);
      average.next = average.first;
      average.weighted = 0;
    }
    for (; average.next < ended; average.next += 1) {
      average.weighted += (average.next - average.first + 1) * this.#premiumAt(average.next);
    }
    const count = average.next - average.first;
    if (count > 0) return average.weighted / ((count * (count + 1)) / 2);
    return ended > 0 ? this.#premiumAt(ended - 1) : 0;
  }

  #premiumAt(index: number): number {
    return this.#market.markCandles.closeOfPremium(index) / 1e8;
  }
}
