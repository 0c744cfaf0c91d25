import { done, REFUSALS } from './refusals.ts';
import type { Answer, TimeInForce } from './venue-types.ts';

const SECOND_MS = 1_000;
const LEAST_AHEAD_MS = 600 * SECOND_MS;
/** 9999-12-31 23:59:59 UTC. */
const LATEST_MS = 253_402_300_799_000;

/**
 * Judges until when an order is good: whole seconds, what is finer is cut off. Zero for orders without an end.
 *
 * Denies: -1102 for GTD without a date, -1106 for a date without GTD, -5040 for a date too near or too far.
 */
export const judgeGoodTill = (
  order: { timeInForce?: TimeInForce; goodTillMs?: number },
  nowMs: number,
): Answer<number> => {
  if (order.timeInForce !== 'GTD') return order.goodTillMs === undefined ? done(0) : REFUSALS.tillNotWanted;
  if (order.goodTillMs === undefined) return REFUSALS.tillMissing;
  const goodTillMs = Math.floor(order.goodTillMs / SECOND_MS) * SECOND_MS;
  const isWithin = goodTillMs > nowMs + LEAST_AHEAD_MS && goodTillMs < LATEST_MS;
  return isWithin ? done(goodTillMs) : REFUSALS.tillInvalid;
};

/** What ends by itself, unless it has ended before. */
export interface Expiring {
  readonly isOpen: () => boolean;
  readonly expire: () => void;
}

/** What ends by itself, by time and then by age. */
export class GoodTillDates {
  readonly #entries: (Expiring & { readonly timeMs: number })[] = [];

  /** When the next open one ends. Units: UTC ms; far beyond any market when nothing waits. */
  get nextMs(): number {
    while (this.#entries[0]?.isOpen() === false) this.#entries.shift();
    return this.#entries[0]?.timeMs ?? Number.MAX_SAFE_INTEGER;
  }

  add(timeMs: number, expiring: Expiring): void {
    const later = this.#entries.findIndex((entry) => entry.timeMs > timeMs);
    this.#entries.splice(later < 0 ? this.#entries.length : later, 0, { timeMs, ...expiring });
  }

  expireUntil(timeMs: number): void {
    while (this.nextMs <= timeMs) this.#entries.shift()?.expire();
  }
}
