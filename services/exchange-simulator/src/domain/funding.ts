import type { VenueCore } from './core.ts';
import { type Fixed, fixedOfNumber, times } from './fixed.ts';
import { gaussian, randomOf } from './randomness.ts';
import type { FundingPoint } from './venue-types.ts';

const HOUR_MS = 3_600_000;
const FUNDING_MS = 8 * HOUR_MS;
/** One basis point for eight hours, the venue's resting rate, and how far it wanders. */
const RESTING_RATE = 0.0001;
const RATE_SIGMA = 0.00005;

/** Returns the next funding time after `timeMs`: 00, 08 and 16 UTC. */
export const nextFundingAfter = (timeMs: number): number => (Math.floor(timeMs / FUNDING_MS) + 1) * FUNDING_MS;

/** Pays funding between longs and shorts at its hours. */
export class Funding {
  readonly #core: VenueCore;
  readonly #history: FundingPoint[] = [];
  #nextMs: number;

  constructor(core: VenueCore) {
    this.#core = core;
    this.#nextMs = nextFundingAfter(core.nowMs);
  }

  get nextMs(): number {
    return this.#nextMs;
  }

  get history(): readonly FundingPoint[] {
    return this.#history;
  }

  /** The rate that will be paid at the next funding time: recorded if known, else a small one from the seed. */
  rate(symbol: string): Fixed {
    const { market, seed } = this.#core.options;
    const recorded = market.fundingRateAt(symbol, this.#nextMs);
    if (recorded !== null) return recorded;
    const random = randomOf(seed, symbol, 'funding', this.#nextMs);
    return fixedOfNumber(RESTING_RATE + RATE_SIGMA * gaussian(random));
  }

  /** Pays now; longs pay when the rate is positive. */
  settle(): void {
    const core = this.#core;
    for (const market of core.markets.values()) {
      const { symbol, markPrice } = market;
      const fundingRate = this.rate(symbol);
      this.#history.push({ symbol, fundingTimeMs: this.#nextMs, fundingRate, markPrice });
      for (const account of core.accounts.values()) {
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
    this.#nextMs = nextFundingAfter(this.#nextMs);
  }
}
