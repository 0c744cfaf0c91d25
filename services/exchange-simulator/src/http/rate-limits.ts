import { refuse } from './protocol-error.ts';

const SECOND_MS = 1_000;
const TEN_SECONDS_MS = 10_000;
const MINUTE_MS = 60_000;
/** Source: Binance USD-M general info, "IP Limits": bans scale "from 2 minutes to 3 days". */
const FIRST_BAN_MS = 2 * MINUTE_MS;
const LONGEST_BAN_MS = 3 * 24 * 60 * MINUTE_MS;
/** How often within a minute a client may go on after a 429. The venue names no number; this one is stricter than what is seen there. */
const REFUSALS_BEFORE_BAN = 10;

/** What a client may do in wall time; null counts without refusing, for stepped replays that pass hours of market in a second. */
export interface LimitsOfUse {
  readonly weightPerMinute: number | null;
  readonly ordersPerTenSeconds: number | null;
  readonly ordersPerMinute: number | null;
}

/** What one request has used up, for the headers of its answer. */
export interface Usage {
  weightIn1m?: number;
  ordersIn10s?: number;
  ordersIn1m?: number;
  /** When the client may come again. Units: seconds. */
  retryAfterSeconds?: number;
}

/** An address that asks, and when. */
export interface Visit {
  readonly ip: string;
  readonly wallMs: number;
}

/** What is sent against the order rate. */
interface SentOrders {
  readonly accountId: string;
  /** Within ten seconds; within a minute it is one. */
  readonly countsAsOrders: number;
}

class WindowCounter {
  readonly #lengthMs: number;
  #window = -1;
  #count = 0;

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  count(nowMs: number): number {
    return this.add(0, nowMs);
  }

  add(amount: number, nowMs: number): number {
    const window = Math.floor(nowMs / this.#lengthMs);
    if (window !== this.#window) {
      this.#window = window;
      this.#count = 0;
    }
    this.#count += amount;
    return this.#count;
  }

  /** Returns the time until the window ends. */
  restMs(nowMs: number): number {
    return this.#lengthMs - (nowMs % this.#lengthMs);
  }
}

/** What is known of one address. */
class Address {
  readonly weight = new WindowCounter(MINUTE_MS);
  readonly refusals = new WindowCounter(MINUTE_MS);
  bans = 0;
  bannedUntilMs = 0;
}

class OrderRate {
  readonly in10s = new WindowCounter(TEN_SECONDS_MS);
  readonly in1m = new WindowCounter(MINUTE_MS);
}

/**
 * Counts request weight per address and minute, and orders per account in ten seconds and a minute, in wall time. Who goes on after a 429
 * is banned: two minutes the first time, twice as long each time after, three days at most.
 *
 * Source: Binance USD-M general info, "Limits".
 */
export class RateLimits {
  readonly limits: LimitsOfUse;
  readonly #venueMsAt: (wallMs: number) => number;
  readonly #addresses = new Map<string, Address>();
  readonly #orders = new Map<string, OrderRate>();

  /** `venueMsAt`: what the venue's clock will show at a moment of wall time, for the end of a ban. */
  constructor(limits: LimitsOfUse, venueMsAt: (wallMs: number) => number) {
    this.limits = limits;
    this.#venueMsAt = venueMsAt;
  }

  /** Throws: 418 -1003 while the address is banned. */
  admitAddress({ ip, wallMs }: Visit, usage: Usage): void {
    const { bannedUntilMs } = this.#address(ip);
    if (wallMs >= bannedUntilMs) return;
    usage.retryAfterSeconds = Math.ceil((bannedUntilMs - wallMs) / SECOND_MS);
    throw refuse.banned(ip, Math.round(this.#venueMsAt(bannedUntilMs)));
  }

  /** Notes the weight used in this minute. Throws: 429 -1003 above the limit, 418 -1003 when banned. */
  useWeight(weight: number, visit: Visit, usage: Usage): void {
    this.admitAddress(visit, usage);
    const address = this.#address(visit.ip);
    const { weightPerMinute } = this.limits;
    const used = address.weight.add(weight, visit.wallMs);
    usage.weightIn1m = used;
    if (weightPerMinute === null || used <= weightPerMinute) return;
    this.#refuse(visit, address.weight, usage);
    throw refuse.tooManyRequests(visit.ip, weightPerMinute);
  }

  /** Notes an order, or a batch of them, of the account. Throws: 429 -1015 above a limit; what is refused does not count. */
  countOrder({ accountId, countsAsOrders }: SentOrders, visit: Visit, usage: Usage): void {
    const rate = this.#orders.get(accountId) ?? new OrderRate();
    this.#orders.set(accountId, rate);
    const { ordersPerTenSeconds, ordersPerMinute } = this.limits;
    const in10s = { limit: ordersPerTenSeconds, interval: '10 SECOND', more: countsAsOrders };
    this.#checkOrders(rate.in10s, in10s, visit, usage);
    this.#checkOrders(rate.in1m, { limit: ordersPerMinute, interval: '1 MINUTE', more: 1 }, visit, usage);
    usage.ordersIn10s = rate.in10s.add(countsAsOrders, visit.wallMs);
    usage.ordersIn1m = rate.in1m.add(1, visit.wallMs);
  }

  #checkOrders(
    counter: WindowCounter,
    { limit, interval, more }: { limit: number | null; interval: string; more: number },
    visit: Visit,
    usage: Usage,
  ): void {
    if (limit === null || counter.count(visit.wallMs) + more <= limit) return;
    this.#refuse(visit, counter, usage);
    throw refuse.tooManyOrders(limit, interval);
  }

  #refuse(visit: Visit, counter: WindowCounter, usage: Usage): void {
    const address = this.#address(visit.ip);
    if (address.refusals.add(1, visit.wallMs) > REFUSALS_BEFORE_BAN) {
      address.bannedUntilMs = visit.wallMs + Math.min(FIRST_BAN_MS * 2 ** address.bans, LONGEST_BAN_MS);
      address.bans += 1;
      this.admitAddress(visit, usage);
    }
    usage.retryAfterSeconds = Math.ceil(counter.restMs(visit.wallMs) / SECOND_MS);
  }

  #address(ip: string): Address {
    let address = this.#addresses.get(ip);
    if (address === undefined) {
      address = new Address();
      this.#addresses.set(ip, address);
    }
    return address;
  }
}
