import type { AlgoOrders } from './algo-orders.ts';
import { pathOffsets, POINTS } from './candle-path.ts';
import type { VenueCore } from './core.ts';
import type { Funding } from './funding.ts';
import type { Liquidations } from './liquidation.ts';
import type { MarginMarket } from './margin.ts';
import type { PlainOrders } from './plain-orders.ts';
import type { SymbolMarket } from './symbol-market.ts';
import type { CandleView, MarkPoint, TradePoint } from './venue-types.ts';

/** Where orders or positions are touched between two points, the way there is walked in this many steps. */
const WALK_STEPS = 32;

interface PlaybackParts {
  readonly core: VenueCore;
  readonly orders: PlainOrders;
  readonly algos: AlgoOrders;
  readonly liquidations: Liquidations;
  readonly funding: Funding;
}

/** Moves time: from point to point of every symbol's path, through candle ends, funding hours and countdowns, always in order of time. */
export class Playback {
  readonly #parts: PlaybackParts;
  readonly #markets: readonly SymbolMarket[];
  readonly #intervalMs: number;
  readonly #endMs: number;
  #openTimeMs: number;
  #offsets: readonly number[] = [];
  #point = 0;
  #waiting: CandleView[] = [];
  #candlesPlayed = 0;
  #isOver = false;

  constructor(parts: PlaybackParts) {
    this.#parts = parts;
    const { market } = parts.core.options;
    this.#markets = [...parts.core.markets.values()];
    this.#intervalMs = market.intervalMs;
    this.#endMs = market.endMs ?? Number.MAX_SAFE_INTEGER;
    this.#openTimeMs = market.startMs;
    this.#enterCandle(market.startMs);
  }

  get nextCloseMs(): number {
    return Math.min(this.#openTimeMs + this.#intervalMs, this.#endMs);
  }
  get candlesPlayed(): number {
    return this.#candlesPlayed;
  }
  get isFinished(): boolean {
    return this.#isOver && this.#waiting.length === 0;
  }

  advance(untilMs: number): void {
    const { core } = this.#parts;
    const target = Math.min(untilMs, this.#endMs);
    if (target > core.nowMs) this.closeCandles();
    for (let nextMs = this.#nextTimeMs(); nextMs <= target && !this.#isOver; nextMs = this.#nextTimeMs()) {
      this.#travel(nextMs);
      this.#happen(nextMs, target);
    }
    if (core.nowMs < target) this.#travel(target);
  }

  closeCandles(): readonly CandleView[] {
    const closed = this.#waiting;
    this.#waiting = [];
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
      nextFundingTimeMs: funding.nextMs,
    };
  }

  #boundaryMs(): number {
    return this.#openTimeMs + this.#intervalMs;
  }

  /** Time of the next point, or of the candle's end once the last point was reached. */
  #nextPointMs(): number {
    const offset = this.#offsets[this.#point + 1];
    return offset === undefined ? this.#boundaryMs() : this.#openTimeMs + offset;
  }

  #nextTimeMs(): number {
    const { core, funding } = this.#parts;
    let next = Math.min(this.#nextPointMs(), funding.nextMs, core.goodTill.nextMs);
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
    if (this.#nextPointMs() !== timeMs) return;
    if (this.#point < POINTS - 1) {
      this.#point += 1;
      this.#arrive(timeMs);
    } else this.#endCandle(timeMs, untilMs);
  }

  #endCandle(boundaryMs: number, untilMs: number): void {
    for (const market of this.#markets) {
      const closed = market.closeCandle();
      if (closed !== null) this.#waiting.push(closed);
    }
    this.#candlesPlayed += 1;
    if (boundaryMs < untilMs) this.closeCandles();
    this.#isOver = boundaryMs >= this.#endMs;
    if (!this.#isOver) this.#enterCandle(boundaryMs);
  }

  #enterCandle(openTimeMs: number): void {
    const { seed } = this.#parts.core.options;
    this.#openTimeMs = openTimeMs;
    this.#offsets = pathOffsets(seed, openTimeMs, this.#intervalMs);
    this.#point = 0;
    for (const market of this.#markets) market.openCandle(openTimeMs, this.#offsets);
    this.#arrive(openTimeMs);
  }

  /** Arrives at a point with all symbols: prints first, then what they do to orders and positions. */
  #arrive(timeMs: number): void {
    for (const market of this.#markets) {
      const trade = market.arrive(this.#point, timeMs);
      if (trade !== null) this.#print(market, trade);
      else this.#parts.orders.arrived(market, null);
    }
    this.#work();
  }

  #print(market: SymbolMarket, trade: TradePoint): void {
    const { core, orders } = this.#parts;
    core.emit('trade', trade);
    orders.arrived(market, trade);
    if (core.hears('mark')) core.emit('mark', this.markPoint(market));
    // A new candle stays silent until the one before it has been reported closed.
    if (core.hears('candle') && this.#waiting.length === 0) {
      const forming = market.forming();
      if (forming !== null) core.emit('candle', forming);
    }
  }

  /** Lets the prices of this moment do what they do to orders and positions: for accounts that have just come in. */
  meet(): void {
    this.#work();
  }

  #work(): void {
    const { orders, algos, liquidations } = this.#parts;
    for (const market of this.#markets) {
      if (!this.#parts.core.isTrading(market.symbol)) continue;
      orders.matchResting(market);
      algos.fire(market);
    }
    liquidations.sweep();
  }

  /** Moves all prices to a time that is no later than the next point. */
  #travel(timeMs: number): void {
    const { core } = this.#parts;
    const fromMs = this.#openTimeMs + (this.#offsets[this.#point] ?? 0);
    const wholeMs = this.#nextPointMs() - fromMs;
    const startMs = core.nowMs;
    const steps = this.#isEventful(timeMs - fromMs, wholeMs) ? Math.min(WALK_STEPS, timeMs - startMs) : 1;
    for (let step = 1; step <= steps; step += 1) {
      core.nowMs = step === steps ? timeMs : startMs + Math.floor(((timeMs - startMs) * step) / steps);
      for (const market of this.#markets) {
        market.moveWithin(core.nowMs - fromMs, wholeMs);
        this.#parts.orders.traveled(market);
      }
      if (steps > 1) this.#work();
    }
  }

  /** Whether any order or position would be touched on the way. */
  #isEventful(partMs: number, wholeMs: number): boolean {
    const { core, orders, algos, liquidations } = this.#parts;
    if (core.accounts.size === 0 || partMs <= 0) return false;
    const ahead = new Map<string, MarginMarket>();
    for (const market of this.#markets) {
      const prices = market.pricesWithin(partMs, wholeMs);
      if (orders.isCrossedAt(market.symbol, prices.last) || algos.isTriggeredAt(market.symbol, prices)) return true;
      ahead.set(market.symbol, { spec: market.spec, markPrice: prices.mark });
    }
    return liquidations.isDueAt((symbol) => ahead.get(symbol) ?? core.lookup(symbol));
  }
}
