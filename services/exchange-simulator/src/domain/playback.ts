import type { AlgoOrders } from './algo-orders.ts';
import { POINTS } from './candle-path.ts';
import type { VenueCore } from './core.ts';
import type { Funding } from './funding.ts';
import type { Liquidations } from './liquidation.ts';
import type { MarginMarket } from './margin.ts';
import type { MarketClock } from './market-clock.ts';
import type { PlainOrders } from './plain-orders.ts';
import { isAnyPositionHeld, isAtRest, isWatched, touchedMarkets } from './rest.ts';
import type { SymbolMarket } from './symbol-market.ts';
import type { CandleView, MarkPoint } from './venue-types.ts';

/** Stations on the way from a point to the next: where an order or a position may be touched between the two. */
const WALK_STEPS = 32;

interface PlaybackParts {
  readonly core: VenueCore;
  readonly orders: PlainOrders;
  readonly algos: AlgoOrders;
  readonly liquidations: Liquidations;
  readonly funding: Funding;
}

/**
 * Moves time: from point to point of every symbol's path, through candle ends, funding hours and countdowns, always in order of time. While the
 * venue is at rest it leaps over all of that: the state after a leap is the state after a walk.
 */
export class Playback {
  readonly #parts: PlaybackParts;
  readonly #markets: readonly SymbolMarket[];
  readonly #clock: MarketClock;
  readonly #startMs: number;
  readonly #endMs: number;
  /** Open time of the candle that has closed and was not yet reported so. */
  #waitingMs: number | null = null;
  #isOver = false;
  /** The clock's stamp when prices did their work last. */
  #workedStamp = -1;

  constructor(parts: PlaybackParts) {
    this.#parts = parts;
    const { market } = parts.core.options;
    this.#markets = [...parts.core.markets.values()];
    this.#clock = parts.core.clock;
    this.#startMs = market.startMs;
    this.#endMs = market.endMs ?? Number.MAX_SAFE_INTEGER;
    this.#enterCandle(market.startMs);
  }

  get nextCloseMs(): number {
    return Math.min(this.#clock.boundaryMs, this.#endMs);
  }
  get candlesPlayed(): number {
    const { openTimeMs, intervalMs, isClosed } = this.#clock;
    return (openTimeMs - this.#startMs) / intervalMs + Number(isClosed);
  }
  get isFinished(): boolean {
    return this.#isOver && this.#waiting().length === 0;
  }

  advance(untilMs: number): void {
    const { core } = this.#parts;
    const target = Math.min(untilMs, this.#endMs);
    if (target > core.nowMs) this.#reportClosed();
    while (!this.#isOver) {
      if (isAtRest(core)) {
        if (core.nowMs >= target) return;
        this.#leap(target);
        continue;
      }
      const nextMs = this.#nextTimeMs();
      if (nextMs > target) break;
      this.#travel(nextMs);
      this.#happen(nextMs, target);
    }
    if (core.nowMs < target) this.#travel(target);
  }

  closeCandles(): readonly CandleView[] {
    const closed = this.#waiting();
    this.#waitingMs = null;
    for (const candle of closed) this.#parts.core.emit('candleClosed', candle);
    return closed;
  }

  markPoint(market: SymbolMarket): MarkPoint {
    const { core, funding } = this.#parts;
    return {
      symbol: market.symbol,
      timeMs: core.nowMs,
      markPrice: market.markPrice,
      indexPrice: market.indexPrice,
      estimatedSettlePrice: market.indexPrice,
      fundingRate: funding.rate(market.symbol),
      nextFundingTimeMs: funding.nextMsOf(market.symbol),
    };
  }

  /** Lets the prices of this moment do what they do to orders and positions: for accounts that have just come in. */
  meet(): void {
    this.#work();
  }

  /** As `meet`, unless they have done it: before somebody acts between two stations, so that nobody takes back what is due already. */
  catchUp(): void {
    if (!this.isCaughtUp) this.#work();
  }

  /** Whether the prices of this moment have done what they do. */
  get isCaughtUp(): boolean {
    return this.#workedStamp === this.#clock.stamp;
  }

  set isCaughtUp(isCaughtUp: boolean) {
    this.#workedStamp = isCaughtUp ? this.#clock.stamp : -1;
  }

  /** Passes over points that nobody sees: to the target, or to the candle's end where somebody hears of closed candles. */
  #leap(target: number): void {
    const { core, funding } = this.#parts;
    const clock = this.#clock;
    const { boundaryMs, intervalMs } = clock;
    const spans = core.hears('candleClosed') ? 0 : Math.floor((target - boundaryMs) / intervalMs);
    const endMs = boundaryMs + Math.max(spans, 0) * intervalMs;
    if (target < boundaryMs) clock.leapTo(target);
    else {
      clock.close(endMs - intervalMs);
      this.#endCandle(endMs, target);
    }
    funding.passTo(core.nowMs);
  }

  #nextTimeMs(): number {
    return Math.min(this.#clock.nextPointMs, this.#nextDueMs());
  }

  /** The next time at which something happens that is no point of a path. */
  #nextDueMs(): number {
    const { core, funding } = this.#parts;
    let next = Math.min(funding.nextMs, core.goodTill.nextMs);
    for (const account of core.accounts.values()) {
      for (const deadlineMs of account.countdowns.values()) next = Math.min(next, deadlineMs);
    }
    return next;
  }

  /** Does what is due at a time, in a fixed order: countdowns, orders that are good till then, funding, then the path's point or the end of the candle. */
  #happen(timeMs: number, untilMs: number): void {
    const { core, funding } = this.#parts;
    for (const account of core.accounts.values()) {
      for (const [symbol, deadlineMs] of account.countdowns) {
        if (deadlineMs > timeMs) continue;
        account.countdowns.delete(symbol);
        this.#parts.orders.cancelAll(account, symbol);
      }
    }
    core.goodTill.expireUntil(timeMs);
    if (funding.nextMs <= timeMs) funding.settle();
    const clock = this.#clock;
    if (clock.nextPointMs !== timeMs) return;
    if (clock.point < POINTS - 1) {
      clock.arrive(clock.point + 1, timeMs);
      this.#arrive();
    } else {
      clock.close(clock.openTimeMs);
      this.#endCandle(timeMs, untilMs);
    }
  }

  #endCandle(boundaryMs: number, untilMs: number): void {
    this.#waitingMs = boundaryMs - this.#clock.intervalMs;
    if (boundaryMs < untilMs) this.#reportClosed();
    this.#isOver = boundaryMs >= this.#endMs;
    if (!this.#isOver) this.#enterCandle(boundaryMs);
  }

  #enterCandle(openTimeMs: number): void {
    this.#clock.enter(openTimeMs);
    this.#arrive();
  }

  /** Arrives at a point with all symbols: prints first, then what they do to orders and positions. */
  #arrive(): void {
    const { core, orders } = this.#parts;
    const isHeard = isWatched(core);
    for (const market of isHeard ? this.#markets : touchedMarkets(core)) {
      const trade = market.print();
      if (isHeard && trade !== null) core.emit('trade', trade);
      orders.arrived(market, trade);
      if (isHeard) this.#tell(market);
    }
    this.#work();
  }

  #tell(market: SymbolMarket): void {
    const { core } = this.#parts;
    if (!market.isForming) return;
    if (core.hears('mark')) core.emit('mark', this.markPoint(market));
    // A new candle stays silent until the one before it has been reported closed.
    if (core.hears('candle') && this.#waitingMs === null) {
      const forming = market.forming();
      if (forming !== null) core.emit('candle', forming);
    }
  }

  /** As `closeCandles`, making no candles for nobody. */
  #reportClosed(): void {
    if (this.#parts.core.hears('candleClosed')) this.closeCandles();
    else this.#waitingMs = null;
  }

  #waiting(): readonly CandleView[] {
    const openTimeMs = this.#waitingMs;
    return openTimeMs === null ? [] : this.#markets.flatMap((market) => market.endedCandle(openTimeMs) ?? []);
  }

  #work(): void {
    this.#workedStamp = this.#clock.stamp;
    const { core, orders, algos, liquidations } = this.#parts;
    const markets = touchedMarkets(core);
    for (const market of markets) {
      if (!core.isTrading(market.symbol)) continue;
      orders.matchResting(market);
      algos.fire(market);
    }
    if (markets.length > 0 || !isAtRest(core)) liquidations.sweep();
  }

  /**
   * Moves all prices to a time that is no later than the next point. What is touched on the way is touched at the first station after it:
   * stations stand at fixed times, so that it is all one how often time is moved.
   */
  #travel(timeMs: number): void {
    const { core } = this.#parts;
    const clock = this.#clock;
    const fromMs = clock.pointMs;
    const wholeMs = clock.nextPointMs - fromMs;
    const stations = Math.min(WALK_STEPS, wholeMs);
    const partOf = (station: number): number => Math.floor((wholeMs * station) / stations);
    const isAhead = (station: number): boolean => fromMs + partOf(station) > core.nowMs;
    const isEventfulAt = (station: number): boolean => isAhead(station) && this.#isEventful(partOf(station), wholeMs);
    while (core.nowMs < timeMs && isEventfulAt(stations)) {
      // With a position every station matters, if only for a margin call.
      const station = firstOf(stations, isAnyPositionHeld(core) ? isAhead : isEventfulAt);
      const stationMs = fromMs + partOf(station);
      if (stationMs > timeMs || stationMs === fromMs + wholeMs) break;
      this.#moveTo(stationMs);
      this.#work();
    }
    if (core.nowMs !== timeMs) this.#moveTo(timeMs);
  }

  #moveTo(timeMs: number): void {
    const { core, orders } = this.#parts;
    this.#clock.moveTo(timeMs);
    if (core.hears('depth')) for (const market of this.#markets) orders.traveled(market);
  }

  /** Whether any order or position would be touched on the way. */
  #isEventful(partMs: number, wholeMs: number): boolean {
    const { core, orders, algos, liquidations } = this.#parts;
    if (core.accounts.size === 0 || partMs <= 0) return false;
    const ahead = new Map<string, MarginMarket>();
    for (const market of touchedMarkets(core)) {
      const prices = market.pricesWithin(partMs, wholeMs);
      if (orders.isCrossedAt(market.symbol, prices.last) || algos.isTriggeredAt(market.symbol, prices)) return true;
      ahead.set(market.symbol, { spec: market.spec, markPrice: prices.mark });
    }
    return ahead.size > 0 && liquidations.isDueAt((symbol) => ahead.get(symbol) ?? core.lookup(symbol));
  }
}

/**
 * Returns the first station that is such, of which the last is known to be one. Between two points prices run straight, so that what is
 * touched once stays touched and the first station can be searched for.
 */
const firstOf = (last: number, isSuch: (station: number) => boolean): number => {
  let low = 0;
  let high = last;
  while (low + 1 < high) {
    const middle = (low + high) >>> 1;
    if (isSuch(middle)) high = middle;
    else low = middle;
  }
  return high;
};
