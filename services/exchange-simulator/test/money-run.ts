import { fixed, type Fixed, textOf } from '../src/domain/fixed.ts';
import { Venue } from '../src/domain/venue.ts';
import type { FillView, LedgerRecord, MarketSource, OrderEvent, OrderView } from '../src/domain/venue-types.ts';
import { MoneyModel } from './money-model.ts';
import { aMarket, type CandleRow, MINUTE_MS, START_MS } from './venue-builders.ts';

export const SYMBOLS = ['ETHUSDT', 'SOLUSDT'] as const;
export const ACCOUNTS = ['ann', 'bob', 'cy', 'dee'] as const;
const CANDLES = 90;
const SIDES = ['BUY', 'SELL'] as const;
const FORCES = ['GTC', 'GTC', 'IOC', 'FOK', 'GTX'] as const;
export const BNB_PRICE = fixed('612.5');

/** A fast generator of numbers that look random (mulberry32): the same seed, the same numbers. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Returns a whole number from 0 to `sides` - 1. */
  roll(sides: number): number {
    this.#state = (this.#state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * sides);
  }

  pick<T>(from: readonly T[]): T {
    const one = from[this.roll(from.length)];
    if (one === undefined) throw new RangeError('expected something to pick from');
    return one;
  }
}

/** Candles that walk wildly, with gaps, and with volumes from nothing to much. */
const wildRows = (dice: Dice, from: number): CandleRow[] => {
  let last = from;
  return Array.from({ length: CANDLES }, (): CandleRow => {
    const step = (share: number): number => Math.trunc((last * (dice.roll(2_001) - 1_000) * share) / 1_000);
    const open = Math.max(last + step(0.01), 500);
    const close = Math.max(open + step(dice.roll(5) === 0 ? 0.12 : 0.02), 500);
    const [high, low] = [Math.max(open, close) + dice.roll(30), Math.min(open, close) - dice.roll(30)];
    last = close;
    const [o, h, l, c] = [open, high, low, close].map((ticks) => (ticks / 100).toFixed(2));
    return [o ?? '', h ?? '', l ?? '', c ?? '', String(dice.roll(6) === 0 ? dice.roll(3) : dice.roll(40_000))];
  });
};

/** Returns a wild market of two symbols that crosses a funding hour. */
export const aWildMarket = (seed: number): MarketSource => {
  const dice = new Dice(seed);
  const rows = { ETHUSDT: wildRows(dice, 200_000), SOLUSDT: wildRows(dice, 9_800) };
  return aMarket(rows, [], START_MS - 20 * MINUTE_MS);
};

interface SeenFill {
  readonly fill: FillView;
  readonly order: OrderView;
  readonly lastPrice: Fixed;
}

/** A venue on which four customers do as the dice say, and the naive books of it. */
export class MoneyRun {
  readonly venue: Venue;
  readonly model = new MoneyModel();
  readonly complaints: string[] = [];
  readonly #trades = new Map<string, readonly SeenFill[]>();
  readonly #dice: Dice;
  readonly #market: MarketSource;

  constructor(market: MarketSource, seed: number, ledger: (record: LedgerRecord) => void = () => undefined) {
    this.#market = market;
    this.#dice = new Dice(seed);
    const take = (record: LedgerRecord): void => {
      ledger(record);
      this.model.take(record);
    };
    const insuranceFund = fixed(seed % 2 === 0 ? '3' : '100000');
    this.venue = new Venue({ seed, market, speed: 'stepped', ledger: take, bnbPrice: BNB_PRICE, insuranceFund });
    for (const [index, accountId] of ACCOUNTS.entries()) {
      const startBalance = fixed(String(400 + this.#dice.roll(4_000)));
      const startBnb = fixed(index % 2 === 0 ? '0.02' : '0');
      this.venue.openAccount({ accountId, startBalance, startBnb, feeTier: index });
      this.#prepare(accountId);
    }
    this.venue.on('order', (event) => this.#note(event));
  }

  /** Margin types, position modes and leverages as they may be: later on they can be changed by the flat alone. */
  #prepare(accountId: string): void {
    if (this.#dice.roll(2) === 0) this.venue.setHedgeMode(accountId, true);
    for (const symbol of SYMBOLS) {
      if (this.#dice.roll(2) === 0) this.venue.setMarginType(accountId, symbol, 'ISOLATED');
      this.venue.setLeverage(accountId, symbol, this.#dice.pick([3, 10, 25, 50, 100]));
    }
  }

  get isOver(): boolean {
    return this.venue.state().isFinished;
  }

  /** Lets `steps` things happen. */
  play(steps: number): void {
    for (let step = 0; step < steps; step += 1) {
      this.#do();
      this.#judgeFills();
    }
  }

  #do(): void {
    const { venue } = this;
    const dice = this.#dice;
    const accountId = dice.pick(ACCOUNTS);
    const symbol = dice.pick(SYMBOLS);
    const what = dice.roll(100);
    if (what < 24) this.#order(accountId, symbol, 'MARKET');
    else if (what < 48) this.#order(accountId, symbol, 'LIMIT');
    else if (what < 56) this.#algo(accountId, symbol);
    else if (what < 80) venue.advance(venue.nowMs + 1 + dice.roll(14_000));
    else if (what < 84) venue.setLeverage(accountId, symbol, dice.pick([1, 5, 20, 50, 75, 100]));
    else if (what < 88) this.#configure(accountId, symbol);
    else if (what < 92) this.#moveMargin(accountId, symbol);
    else if (what < 94) venue.cancelAllOrders(accountId, symbol);
    else if (what < 97) this.#pay(accountId);
    else this.#actFromOutside(accountId, symbol);
  }

  #quantity(symbol: string): string {
    const thousandths = 1 + this.#dice.roll(this.#dice.roll(4) === 0 ? 9_000 : 900);
    return symbol === 'ETHUSDT' ? (thousandths / 1_000).toFixed(3) : String(Math.ceil(thousandths / 40));
  }

  #positionSide(accountId: string): { positionSide?: 'LONG' | 'SHORT' } {
    return this.model.account(accountId).hedgeMode ? { positionSide: this.#dice.pick(['LONG', 'SHORT'] as const) } : {};
  }

  #price(symbol: string): string {
    const { lastPrice } = this.venue.lastTrade(symbol);
    const step = this.venue.spec(symbol)?.priceStep ?? 1n;
    const offset = (lastPrice * BigInt(this.#dice.roll(61) - 30)) / 10_000n;
    return textOf(((lastPrice + offset) / step) * step);
  }

  #order(accountId: string, symbol: string, type: 'MARKET' | 'LIMIT'): void {
    const dice = this.#dice;
    const limit = type === 'LIMIT' ? { timeInForce: dice.pick(FORCES), price: this.#price(symbol) } : {};
    const sided = this.#positionSide(accountId);
    const reducing = sided.positionSide === undefined && dice.roll(4) === 0 ? { reduceOnly: true } : {};
    const order = {
      symbol,
      side: dice.pick(SIDES),
      type,
      quantity: this.#quantity(symbol),
      ...limit,
      ...sided,
      ...reducing,
    };
    this.venue.placeOrder(accountId, order);
  }

  #algo(accountId: string, symbol: string): void {
    const dice = this.#dice;
    const size = dice.roll(2) === 0 ? { closePosition: true } : { quantity: this.#quantity(symbol) };
    this.venue.placeAlgo(accountId, {
      symbol,
      side: dice.pick(SIDES),
      type: dice.pick(['STOP_MARKET', 'TAKE_PROFIT_MARKET'] as const),
      triggerPrice: this.#price(symbol),
      workingType: dice.pick(['MARK_PRICE', 'CONTRACT_PRICE'] as const),
      ...this.#positionSide(accountId),
      ...size,
    });
  }

  #configure(accountId: string, symbol: string): void {
    const { venue } = this;
    const kind = this.#dice.roll(6);
    if (kind < 3) venue.setMarginType(accountId, symbol, this.#dice.pick(['ISOLATED', 'CROSSED'] as const));
    else if (kind === 3) venue.setHedgeMode(accountId, this.#dice.roll(2) === 0);
    else if (kind === 4) venue.setFeeBurn(accountId, this.#dice.roll(3) > 0);
    else venue.setMultiAssetsMode(accountId, this.#dice.roll(2) === 0);
  }

  #moveMargin(accountId: string, symbol: string): void {
    const amount = (1 + this.#dice.roll(5_000) / 100).toFixed(2);
    const type = this.#dice.roll(2) === 0 ? 1 : 2;
    this.venue.changePositionMargin(accountId, { symbol, type, amount, ...this.#positionSide(accountId) });
  }

  #pay(accountId: string): void {
    const amount: Fixed = fixed(String(this.#dice.roll(900) - 300));
    if (amount !== 0n) this.venue.transfer(accountId, amount);
    if (this.#dice.roll(8) === 0) this.venue.transfer(accountId, fixed('0.01'), 'BNB');
  }

  #actFromOutside(accountId: string, symbol: string): void {
    const { venue } = this;
    const kind = this.#dice.roll(10);
    if (kind < 3) venue.liquidate(accountId, symbol);
    else if (kind < 6) venue.deleverage(accountId, symbol, this.#dice.roll(2) === 0 ? null : fixed('1'));
    else if (kind === 6) {
      venue.settleSymbol(symbol);
      venue.setSymbolStatus(symbol, 'TRADING');
    } else venue.setSymbolStatus(symbol, this.#dice.pick(['HALT', 'TRADING', 'TRADING', 'TRADING'] as const));
  }

  #note({ fill, order }: OrderEvent): void {
    if (fill === null) return;
    const seen = { fill, order, lastPrice: this.venue.lastTrade(fill.symbol).lastPrice };
    const key = `${fill.symbol} ${fill.tradeId}`;
    this.#trades.set(key, [...(this.#trades.get(key) ?? []), seen]);
  }

  /**
   * No fill is better than the market was, beyond the order's limit, or outside the candle. Two customers who trade with one another do
   * so at the maker's price.
   */
  #judgeFills(): void {
    for (const fills of this.#trades.values()) {
      for (const one of fills) if (!this.#isFair(one, fills)) this.complaints.push(unfair(one));
    }
    this.#trades.clear();
  }

  #isFair({ fill, order, lastPrice }: SeenFill, trade: readonly SeenFill[]): boolean {
    // Past the book and free of the market: takeovers at the bankruptcy price, deleveraging and settlement.
    if (/^(adl_|settlement_)/.test(order.clientOrderId)) return true;
    if (order.origin === 'liquidation' && fill.fee === 0n) return true;
    const candle = this.#market.candleAt(fill.symbol, Math.floor(fill.timeMs / MINUTE_MS) * MINUTE_MS);
    const sign = fill.side === 'BUY' ? 1n : -1n;
    if (order.type === 'LIMIT' && sign * (order.price - fill.price) < 0n) return false;
    if (candle !== null && (fill.price < candle.low || fill.price > candle.high)) return false;
    const maker = trade.find((one) => one.fill.isMaker);
    if (trade.length === 2 && maker !== undefined) return fill.price === maker.order.price;
    return candle === null || sign * (fill.price - lastPrice) >= 0n;
  }
}

const unfair = ({ fill, order, lastPrice }: SeenFill): string =>
  `filled at ${textOf(fill.price)} of ${textOf(lastPrice)}: ${order.clientOrderId} ${order.side}`;
