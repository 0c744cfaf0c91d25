import type { Account } from './account.ts';
import type { VenueCore } from './core.ts';
import { type Fixed, times } from './fixed.ts';
import { FundingRates } from './funding-rates.ts';
import type { FundingPoint } from './venue-types.ts';

/** One symbol's funding times: how far they have been passed, and what was paid at them as far as somebody asked. */
interface FundingClock {
  readonly rates: FundingRates;
  readonly points: FundingPoint[];
  nextMs: number;
}

const holdsAny = (account: Account, symbol: string): boolean => {
  for (const position of account.positions()) if (position.symbol === symbol && position.quantity !== 0n) return true;
  return false;
};

/**
 * Pays funding between longs and shorts at its hours. The rate is the recorded one where the market knows it, else the venue's formula over the
 * premium (`FundingRates`). What was paid, and at which mark, follows from market and time, and is made when somebody asks or holds a position.
 */
export class Funding {
  readonly #core: VenueCore;
  readonly #clocks = new Map<string, FundingClock>();
  #nextMs: number;

  constructor(core: VenueCore) {
    this.#core = core;
    const { market: source } = core.options;
    for (const market of core.markets.values()) {
      const rates = new FundingRates(market, source);
      this.#clocks.set(market.symbol, { rates, points: [], nextMs: rates.nextAfter(core.nowMs) });
    }
    this.#nextMs = this.#earliest();
  }

  /** The next time at which any symbol pays. */
  get nextMs(): number {
    return this.#nextMs;
  }

  nextMsOf(symbol: string): number {
    return this.#clockOf(symbol).nextMs;
  }

  /** Time between a symbol's payments. */
  intervalMsOf(symbol: string): number {
    return this.#clockOf(symbol).rates.intervalMs;
  }

  /** The rate that will be paid at the next funding time, as it stands now. */
  rate(symbol: string): Fixed {
    const { rates, nextMs } = this.#clockOf(symbol);
    return rates.at(nextMs, this.#core.nowMs);
  }

  /** Payments of one symbol or of all, oldest first. `limit` counts from the start when `startMs` is given, else from the end. */
  history(query: { symbol?: string; startMs?: number; endMs?: number; limit: number }): readonly FundingPoint[] {
    const { symbol, startMs = 0, endMs = Number.MAX_SAFE_INTEGER, limit } = query;
    const symbols = symbol === undefined ? [...this.#clocks.keys()] : [symbol];
    const all = symbols.flatMap((one) => this.#historyOf(one));
    const found = all.filter(({ fundingTimeMs }) => fundingTimeMs >= startMs && fundingTimeMs <= endMs);
    if (symbols.length > 1) found.sort((left, right) => left.fundingTimeMs - right.fundingTimeMs);
    return query.startMs === undefined ? found.slice(-limit) : found.slice(0, limit);
  }

  /** Payments of a symbol since the first candle of its history, oldest first. */
  #historyOf(symbol: string): readonly FundingPoint[] {
    const { rates, points, nextMs } = this.#clockOf(symbol);
    const market = this.#core.market(symbol);
    let fundingTimeMs = rates.nextAfter(points.at(-1)?.fundingTimeMs ?? market.series.openTimeAt(0));
    for (; fundingTimeMs < nextMs; fundingTimeMs += rates.intervalMs) {
      const fundingRate = rates.at(fundingTimeMs, fundingTimeMs);
      points.push({ symbol, fundingTimeMs, fundingRate, markPrice: market.markAt(fundingTimeMs) });
    }
    return points;
  }

  /** Lets funding times pass at which nobody holds anything. */
  passTo(timeMs: number): void {
    if (this.#nextMs > timeMs) return;
    for (const clock of this.#clocks.values()) clock.nextMs = clock.rates.nextAfter(timeMs);
    this.#nextMs = this.#earliest();
  }

  /** Pays now; longs pay when the rate is positive. */
  settle(): void {
    const timeMs = this.#nextMs;
    for (const market of this.#core.markets.values()) {
      const clock = this.#clockOf(market.symbol);
      if (clock.nextMs > timeMs) continue;
      const fundingRate = clock.rates.at(timeMs, timeMs);
      this.#pay(market.symbol, market.markPrice, fundingRate);
      clock.nextMs = clock.rates.nextAfter(timeMs);
    }
    this.#nextMs = this.#earliest();
  }

  #pay(symbol: string, markPrice: Fixed, fundingRate: Fixed): void {
    const core = this.#core;
    for (const account of core.accounts.values()) {
      if (!holdsAny(account, symbol)) continue;
      for (const position of account.positionsOf(symbol)) {
        if (position.quantity === 0n) continue;
        const amount = -times(times(position.quantity, markPrice), fundingRate);
        if (amount === 0n) continue;
        const isIsolated = account.setup(symbol).marginType === 'ISOLATED';
        if (isIsolated) position.isolatedWallet += amount;
        core.book(account, { incomeType: 'FUNDING_FEE', amount, symbol, positionSide: position.positionSide });
        // The venue names the position only where its own margin changed.
        core.announce(account, {
          reason: 'FUNDING_FEE',
          balanceChange: amount,
          positions: isIsolated ? [position] : [],
        });
      }
    }
  }

  #clockOf(symbol: string): FundingClock {
    const clock = this.#clocks.get(symbol);
    if (clock === undefined) throw new RangeError(`no funding for ${symbol}`);
    return clock;
  }

  #earliest(): number {
    let next = Number.MAX_SAFE_INTEGER;
    for (const { nextMs } of this.#clocks.values()) next = Math.min(next, nextMs);
    return next;
  }
}
