import { type Clock, messageOf } from '@qt/kernel';
import { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';
import type { ExchangeLogger } from './exchange-logger.ts';
import {
  BINANCE_LIMITS,
  type BudgetAnswer,
  type BudgetRequest,
  costIn,
  sharesOf,
  type VenueLimits,
  type VenueUsage,
  WINDOW_MS,
  WINDOW_NAMES,
  type WeightBudget,
  type WindowName,
  windowEndMs,
} from './weight-budget.ts';

/** Options of `createRedisWeightBudget`. */
export interface RedisWeightBudgetOptions {
  readonly redisUrl: string;
  /** Names the address whose limit is shared: processes behind one address use one name. */
  readonly address: string;
  /** Wall time: the venue's windows are. */
  readonly clock: Clock;
  readonly logger: ExchangeLogger;
  readonly limits?: VenueLimits;
}

const KEY_PREFIX = 'quantum:venue-budget';
const COMMAND_TIMEOUT_MS = 250;
const FIRST_CONTACT_MS = 1_000;
// A hold is kept as a blocked key; it has no points of its own.
const NO_POINTS = { points: 1, duration: 1 };

class RedisWeightBudget implements WeightBudget {
  readonly #redis: Redis;
  readonly #firstContact: Promise<void>;
  readonly #clock: Clock;
  readonly #address: string;
  readonly #limits: VenueLimits;
  readonly #counters: Readonly<Record<WindowName, RateLimiterRedis>>;
  readonly #holds: RateLimiterRedis;

  constructor(redis: Redis, { address, clock, limits = BINANCE_LIMITS }: RedisWeightBudgetOptions) {
    this.#redis = redis;
    // The first requests wait for the connection, so that they are not counted where nobody else sees them; not for ever.
    this.#firstContact = new Promise((resolve) => {
      const timer = setTimeout(resolve, FIRST_CONTACT_MS);
      for (const event of ['ready', 'error', 'end'] as const) {
        redis.once(event, () => {
          clearTimeout(timer);
          resolve();
        });
      }
    });
    this.#clock = clock;
    this.#address = address;
    this.#limits = limits;
    // Without Redis each process counts for itself: the venue's own header and 429 are what is left.
    const limiter = (name: string, size: { points: number; duration: number }) =>
      new RateLimiterRedis({
        storeClient: redis,
        keyPrefix: `${KEY_PREFIX}:${name}`,
        rejectIfRedisNotReady: true,
        insuranceLimiter: new RateLimiterMemory(size),
        ...size,
      });
    const counter = (name: WindowName) =>
      limiter(name, { points: limits[name], duration: Math.ceil(WINDOW_MS[name] / 1000) });
    this.#counters = {
      weight1m: counter('weight1m'),
      orders10s: counter('orders10s'),
      orders1m: counter('orders1m'),
    };
    this.#holds = limiter('hold', NO_POINTS);
  }

  async take(request: BudgetRequest): Promise<BudgetAnswer> {
    await this.#firstContact;
    const nowMs = this.#clock.nowMs();
    const windows = WINDOW_NAMES.filter((name) => costIn(name, request) > 0);
    // Counted first and given back when it was too much: two processes can never both see the last free unit.
    const [all, normal, ...counts] = await Promise.all([
      this.#heldForMs('all'),
      this.#heldForMs('normal'),
      ...windows.map((name) => this.#counters[name].penalty(this.#key(name, nowMs), costIn(name, request))),
    ]);
    const shares = sharesOf(this.#limits, request.priority);
    const fullIndex = counts.findIndex((count, index) => {
      const name = windows[index];
      return name !== undefined && count.consumedPoints > shares[name];
    });
    const fullWindow = windows[fullIndex];
    const isHeld = all > 0 || (request.priority === 'normal' && normal > 0);
    if (!isHeld && fullWindow === undefined) return { kind: 'granted' };

    await Promise.all(
      windows.map((name) => this.#counters[name].reward(this.#key(name, nowMs), costIn(name, request))),
    );
    if (all > 0) return { kind: 'refused', reason: 'banned', retryAtMs: nowMs + all };
    const retryAtMs = fullWindow === undefined ? nowMs + normal : windowEndMs(fullWindow, nowMs);
    return { kind: 'refused', reason: 'budget', retryAtMs };
  }

  async report(usage: VenueUsage): Promise<void> {
    await this.#firstContact;
    const nowMs = this.#clock.nowMs();
    await Promise.all(
      WINDOW_NAMES.map(async (name) => {
        const theirs = usage[name];
        if (theirs === null) return;
        const ours = (await this.#counters[name].get(this.#key(name, nowMs)))?.consumedPoints ?? 0;
        if (theirs > ours) await this.#counters[name].penalty(this.#key(name, nowMs), theirs - ours);
      }),
    );
  }

  async hold(untilMs: number, scope: 'normal' | 'all'): Promise<void> {
    await this.#firstContact;
    const forMs = untilMs - this.#clock.nowMs();
    if (forMs > (await this.#heldForMs(scope))) {
      await this.#holds.block(`${this.#address}:${scope}`, Math.ceil(forMs / 1000));
    }
  }

  close(): Promise<void> {
    this.#redis.disconnect();
    return Promise.resolve();
  }

  async #heldForMs(scope: 'normal' | 'all'): Promise<number> {
    const held = await this.#holds.get(`${this.#address}:${scope}`);
    return held === null ? 0 : Math.max(held.msBeforeNext, 0);
  }

  #key(name: WindowName, nowMs: number): string {
    return `${this.#address}:${windowEndMs(name, nowMs)}`;
  }
}

/** Returns a budget shared through Redis by all processes that name the same address. It connects at once, in the background. */
export const createRedisWeightBudget = (options: RedisWeightBudgetOptions): WeightBudget => {
  const redis = new Redis(options.redisUrl, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MS,
    retryStrategy: (attempt) => Math.min(attempt * 100, 2_000),
  });
  let isDown = false;
  redis.on('error', (error: Error) => {
    if (!isDown) options.logger.warn('venue budget counts alone: Redis is unreachable', { cause: messageOf(error) });
    isDown = true;
  });
  redis.on('ready', () => {
    isDown = false;
  });
  return new RedisWeightBudget(redis, options);
};
