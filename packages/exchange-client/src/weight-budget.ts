import type { Clock } from '@qt/kernel';

/** What one request costs, and for whom it is. `protective` is everything that lowers risk: exits, stops, cancels, order look-ups. */
export interface BudgetRequest {
  readonly weight: number;
  readonly orders: 0 | 1;
  readonly priority: 'normal' | 'protective';
}

export type BudgetAnswer =
  | { readonly kind: 'granted' }
  | { readonly kind: 'refused'; readonly reason: 'budget' | 'banned'; readonly retryAtMs: number };

/** What the venue's headers said it has counted; null where a header was missing. */
export interface VenueUsage {
  readonly weight1m: number | null;
  readonly orders10s: number | null;
  readonly orders1m: number | null;
}

/**
 * The venue's request limits, which count per address (weight) and per account (orders) whatever process the request comes from.
 * Normal requests stop at 80 % of the weight and 70 % of the orders; protective ones may use what the venue allows, and only a ban stops them.
 */
export interface WeightBudget {
  take(request: BudgetRequest): Promise<BudgetAnswer>;
  /** Raises our counts to what the venue counted: other programs may share the address. */
  report(usage: VenueUsage): Promise<void>;
  /** After 429 (`normal` requests stop) or 418 (`all` stop), until `untilMs`, venue time. */
  hold(untilMs: number, scope: 'normal' | 'all'): Promise<void>;
  close(): Promise<void>;
}

export interface VenueLimits {
  readonly weight1m: number;
  readonly orders10s: number;
  readonly orders1m: number;
}

/** Source: exchangeInfo.rateLimits of USD-M, recorded 2025-08 and 2026-07. */
export const BINANCE_LIMITS: VenueLimits = { weight1m: 2400, orders10s: 300, orders1m: 1200 };

const NORMAL_WEIGHT_RATIO = 0.8;
const NORMAL_ORDER_RATIO = 0.7;

/** Returns the most that a priority may use of each window. */
export const sharesOf = (limits: VenueLimits, priority: BudgetRequest['priority']): VenueLimits =>
  priority === 'protective'
    ? limits
    : {
        weight1m: Math.floor(limits.weight1m * NORMAL_WEIGHT_RATIO),
        orders10s: Math.floor(limits.orders10s * NORMAL_ORDER_RATIO),
        orders1m: Math.floor(limits.orders1m * NORMAL_ORDER_RATIO),
      };

export const WINDOW_MS = { weight1m: 60_000, orders10s: 10_000, orders1m: 60_000 } as const;
export type WindowName = keyof typeof WINDOW_MS;
export const WINDOW_NAMES: readonly WindowName[] = ['weight1m', 'orders10s', 'orders1m'];

/** Returns the first millisecond after the venue's window that holds `nowMs`: its windows are aligned to the clock. */
export const windowEndMs = (name: WindowName, nowMs: number): number =>
  (Math.floor(nowMs / WINDOW_MS[name]) + 1) * WINDOW_MS[name];

/** Returns what a request costs in a window. */
export const costIn = (name: WindowName, request: BudgetRequest): number =>
  name === 'weight1m' ? request.weight : request.orders;

class LocalWeightBudget implements WeightBudget {
  readonly #clock: Clock;
  readonly #limits: VenueLimits;
  readonly #used = { weight1m: 0, orders10s: 0, orders1m: 0 };
  readonly #endsAtMs = { weight1m: 0, orders10s: 0, orders1m: 0 };
  readonly #heldUntilMs = { normal: 0, all: 0 };

  constructor(clock: Clock, limits: VenueLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  take(request: BudgetRequest): Promise<BudgetAnswer> {
    const nowMs = this.#clock.nowMs();
    this.#turnWindows(nowMs);
    const { all, normal } = this.#heldUntilMs;
    if (all > nowMs) return Promise.resolve({ kind: 'refused', reason: 'banned', retryAtMs: all });
    if (request.priority === 'normal' && normal > nowMs) {
      return Promise.resolve({ kind: 'refused', reason: 'budget', retryAtMs: normal });
    }
    const shares = sharesOf(this.#limits, request.priority);
    const full = WINDOW_NAMES.find(
      (name) => this.#used[name] + costIn(name, request) > shares[name] && costIn(name, request) > 0,
    );
    if (full !== undefined)
      return Promise.resolve({ kind: 'refused', reason: 'budget', retryAtMs: this.#endsAtMs[full] });
    for (const name of WINDOW_NAMES) this.#used[name] += costIn(name, request);
    return Promise.resolve({ kind: 'granted' });
  }

  report(usage: VenueUsage): Promise<void> {
    this.#turnWindows(this.#clock.nowMs());
    for (const name of WINDOW_NAMES) this.#used[name] = Math.max(this.#used[name], usage[name] ?? 0);
    return Promise.resolve();
  }

  hold(untilMs: number, scope: 'normal' | 'all'): Promise<void> {
    this.#heldUntilMs[scope] = Math.max(this.#heldUntilMs[scope], untilMs);
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #turnWindows(nowMs: number): void {
    for (const name of WINDOW_NAMES) {
      if (nowMs < this.#endsAtMs[name]) continue;
      this.#used[name] = 0;
      this.#endsAtMs[name] = windowEndMs(name, nowMs);
    }
  }
}

/** Returns a budget that only this process sees: for one process per address, and for replays (with the market clock). */
export const createLocalWeightBudget = (options: { clock: Clock; limits?: VenueLimits }): WeightBudget =>
  new LocalWeightBudget(options.clock, options.limits ?? BINANCE_LIMITS);
