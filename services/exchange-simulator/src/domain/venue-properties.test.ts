import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aMarket, type CandleRow, MINUTE_MS, START_MS } from '../../test/venue-builders.ts';
import { absolute, type Fixed, fixed, least, textOf, times } from './fixed.ts';
import { Venue } from './venue.ts';
import type { FillView, LedgerRecord, MarketSource, OrderView } from './venue-types.ts';

const SYMBOLS = ['ETHUSDT', 'SOLUSDT'] as const;
const ACCOUNTS = ['first', 'second'] as const;
const CANDLES = 30;

/** What a customer, or time, does next. */
const step = fc.record({
  kind: fc.constantFrom(
    'market',
    'market',
    'limit',
    'limit',
    'stop',
    'close',
    'cancel',
    'advance',
    'advance',
    'leverage',
    'candle',
  ),
  account: fc.constantFrom(...ACCOUNTS),
  symbol: fc.constantFrom(...SYMBOLS),
  side: fc.constantFrom('BUY', 'SELL'),
  force: fc.constantFrom('GTC', 'IOC', 'FOK', 'GTX'),
  size: fc.integer({ min: 1, max: 4_000 }),
  offset: fc.integer({ min: -400, max: 400 }),
  flag: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Candles with gaps between them, flat ones among them, and volumes from nothing to much. */
const rows = (from: number, factor: number): fc.Arbitrary<CandleRow[]> =>
  fc
    .array(
      fc.tuple(
        fc.integer({ min: -60, max: 60 }),
        fc.integer({ min: 0, max: 80 }),
        fc.integer({ min: 0, max: 80 }),
        fc.integer({ min: 0, max: 30_000 }),
      ),
      {
        minLength: CANDLES,
        maxLength: CANDLES,
      },
    )
    .map((moves) => {
      let price = from;
      return moves.map(([small, smallUp, smallDown, volume]): CandleRow => {
        const [move, up, down] = [small * factor, smallUp * factor, smallDown * factor];
        const open = Math.max(price + Math.trunc(move / 8), 5_000);
        const close = Math.max(open + move, 5_000);
        price = close;
        const text = (ticks: number): string => (ticks / 100).toFixed(2);
        return [
          text(open),
          text(Math.max(open, close) + up),
          text(Math.min(open, close) - down),
          text(close),
          String(volume),
        ];
      });
    });

const markets = fc
  .tuple(rows(200_000, 20), rows(9_800, 2))
  .map(([eth, sol]) => aMarket({ ETHUSDT: eth, SOLUSDT: sol }, [], START_MS - (CANDLES / 2) * MINUTE_MS));

const signOf = ({ side }: FillView): bigint => (side === 'BUY' ? 1n : -1n);

class Run {
  readonly venue: Venue;
  readonly ledger: LedgerRecord[] = [];
  readonly #market: MarketSource;
  #fills: { readonly fill: FillView; readonly order: OrderView; readonly lastPrice: Fixed }[] = [];

  constructor(market: MarketSource, seed: number) {
    this.#market = market;
    this.venue = new Venue({ seed, market, speed: 'stepped', ledger: (record) => this.ledger.push(record) });
    // Half of the runs are poor, so that liquidations happen.
    const startBalance = fixed(seed % 2 === 0 ? '20000' : '700');
    for (const accountId of ACCOUNTS) this.venue.openAccount({ accountId, startBalance });
    this.venue.on('order', ({ fill, order }) => {
      if (fill === null) return;
      if (fill.isMaker) this.#judgeTurn(fill, order);
      const { lastPrice } = this.venue.lastTrade(fill.symbol);
      this.#fills.push({ fill, order, lastPrice });
    });
  }

  play(steps: readonly Step[], judge: boolean): this {
    for (const one of steps) {
      this.#do(one);
      this.#judgeFills();
      if (judge) this.#judgeMoney();
    }
    this.venue.advance(START_MS + CANDLES * MINUTE_MS);
    this.venue.closeCandles();
    this.#judgeFills();
    this.venue.end();
    if (judge) this.#judgeMoney();
    return this;
  }

  #do({ kind, account, symbol, side, force, size, offset, flag }: Step): void {
    const { venue } = this;
    const spec = venue.spec(symbol);
    if (spec === null) throw new Error('the symbols are the venue’s');
    const quantity = textOf(BigInt(size) * spec.quantityStep * (symbol === 'ETHUSDT' ? 5n : 20n));
    const price = textOf(venue.lastTrade(symbol).lastPrice + BigInt(offset) * spec.priceStep);
    switch (kind) {
      case 'market':
        venue.placeOrder(account, { symbol, side, type: 'MARKET', quantity, reduceOnly: flag });
        break;
      case 'limit': {
        const answer = venue.placeOrder(account, {
          symbol,
          side,
          type: 'LIMIT',
          timeInForce: force,
          quantity,
          price,
          reduceOnly: flag && size % 2 === 0,
          selfTradePreventionMode: ['EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH'][size % 3] ?? 'NONE',
        });
        if (force === 'FOK' && answer.kind === 'done' && answer.value.executedQuantity > 0n) {
          expect(answer.value.status).toBe('FILLED');
        }
        break;
      }
      case 'stop':
        venue.placeAlgo(account, {
          symbol,
          side,
          type: flag ? 'STOP_MARKET' : 'TAKE_PROFIT_MARKET',
          triggerPrice: price,
          quantity,
          workingType: size % 2 === 0 ? 'MARK_PRICE' : 'CONTRACT_PRICE',
        });
        break;
      case 'close':
        venue.placeAlgo(account, {
          symbol,
          side,
          type: flag ? 'STOP_MARKET' : 'TAKE_PROFIT_MARKET',
          triggerPrice: price,
          closePosition: true,
        });
        break;
      case 'cancel':
        if (flag) venue.cancelAllOrders(account, symbol);
        else venue.cancelAllAlgos(account, symbol);
        break;
      case 'leverage':
        if (flag) venue.setLeverage(account, symbol, (size % 50) + 1);
        else venue.setMarginType(account, symbol, size % 2 === 0 ? 'ISOLATED' : 'CROSSED');
        break;
      case 'candle':
        venue.advance(venue.state().nextCloseMs);
        venue.closeCandles();
        break;
      case 'advance':
        venue.advance(venue.nowMs + size * 10);
        break;
    }
  }

  /** No older order at the same price is passed over; a reduce-only one may have nothing left to give. */
  #judgeTurn(fill: FillView, order: OrderView): void {
    const others = ACCOUNTS.flatMap((accountId) => this.venue.openOrders(accountId, fill.symbol));
    const passed = others.filter(
      (one) => one.side === order.side && one.price === order.price && one.orderId < order.orderId && !one.reduceOnly,
    );
    expect(passed).toEqual([]);
  }

  /**
   * No fill is better than the market was, or outside the candle. Where the house is the other side, the market is the last price: a maker
   * gets its fill when that has gone through its limit, or at it once a print has used up the queue. Where two customers trade, they do so
   * at the maker's price, under one trade id.
   */
  #judgeFills(): void {
    // What the insurance fund takes over it takes at the bankruptcy price, free of commission, wherever the market is.
    const traded = this.#fills.filter(({ fill, order }) => order.origin !== 'liquidation' || fill.fee !== 0n);
    for (const fills of Map.groupBy(traded, ({ fill }) => `${fill.symbol} ${fill.tradeId}`).values()) {
      for (const { fill, order } of fills) {
        const candle = this.#market.candleAt(fill.symbol, Math.floor(fill.timeMs / MINUTE_MS) * MINUTE_MS);
        if (candle !== null) expect(fill.price >= candle.low && fill.price <= candle.high).toBe(true);
        if (order.type === 'LIMIT') expect(signOf(fill) * (order.price - fill.price) >= 0n).toBe(true);
      }
      const maker = fills.find(({ fill }) => fill.isMaker);
      const taker = fills.find(({ fill }) => !fill.isMaker);
      if (maker !== undefined && taker !== undefined) {
        expect(fills).toHaveLength(2);
        expect(maker.fill.price).toBe(maker.order.price);
        expect(taker.fill).toMatchObject({ price: maker.fill.price, quantity: maker.fill.quantity });
        expect(taker.fill.side).not.toBe(maker.fill.side);
        expect(taker.fill.accountId).not.toBe(maker.fill.accountId);
        continue;
      }
      for (const { fill, order, lastPrice } of fills) {
        if (fill.isMaker) expect(signOf(fill) * (order.price - lastPrice) >= 0n).toBe(true);
        expect(signOf(fill) * (fill.price - lastPrice) >= 0n).toBe(true);
      }
    }
    this.#fills = [];
  }

  /** An independent, naive set of books: only fills and incomes are believed. */
  #judgeMoney(): void {
    const { venue } = this;
    const house = Object.values(venue.house()).reduce((sum, value) => sum + value, 0n);
    let wallets = 0n;
    for (const accountId of ACCOUNTS) {
      const account = venue.account(accountId);
      wallets += account.walletBalance;
      const fills = venue.fills(accountId, { limit: 1_000_000 });
      let worth = 0n;
      for (const fill of fills) worth -= times(fill.price, fill.quantity) * (fill.side === 'BUY' ? 1n : -1n) + fill.fee;
      for (const income of venue.income(accountId, { limit: 1_000_000 })) {
        if (income.incomeType !== 'REALIZED_PNL' && income.incomeType !== 'COMMISSION') worth += income.amount;
      }
      for (const position of account.positions) {
        const held = fills
          .filter((fill) => fill.symbol === position.symbol)
          .reduce((sum, fill) => sum + (fill.side === 'BUY' ? fill.quantity : -fill.quantity), 0n);
        expect(position.signedQuantity).toBe(held);
        worth += times(held, position.markPrice);
      }
      expect(account.walletBalance + account.unrealizedPnl).toBe(worth);
      expect(account.crossWalletBalance + account.positions.reduce((sum, one) => sum + one.isolatedWallet, 0n)).toBe(
        account.walletBalance,
      );
    }
    expect(wallets + house).toBe(0n);
  }
}

/** What each execution of a reducing order made of the position. */
const reductions = (ledger: readonly LedgerRecord[]): (readonly [before: bigint, after: bigint])[] => {
  const isReducing = (record: LedgerRecord): boolean => record.kind === 'order' && record['reduceOnly'] === true;
  const reducing = new Set(ledger.filter(isReducing).map((record) => record['orderId']));
  const held = new Map<string, bigint>();
  const seen: [bigint, bigint][] = [];
  for (const record of ledger) {
    const { kind, accountId, symbol, positionAfter, orderId = 0 } = record;
    if (kind !== 'fill' || typeof positionAfter !== 'string') continue;
    const key = JSON.stringify([accountId, symbol]);
    const before = held.get(key) ?? 0n;
    const after = fixed(positionAfter);
    held.set(key, after);
    if (reducing.has(orderId)) seen.push([before, after]);
  }
  return seen;
};

describe('Venue', () => {
  it('property: no money is made or lost, positions equal fills, no fill beats the market', () => {
    fc.assert(
      fc.property(markets, fc.integer(), fc.array(step, { minLength: 20, maxLength: 60 }), (market, seed, steps) => {
        new Run(market, seed).play(steps, true);
      }),
      { numRuns: 70, endOnFailure: true },
    );
  });

  it('property: an order that reduces never opens or flips', () => {
    let seen = 0;
    fc.assert(
      fc.property(markets, fc.integer(), fc.array(step, { minLength: 20, maxLength: 60 }), (market, seed, steps) => {
        const { ledger } = new Run(market, seed).play(steps, false);
        for (const [before, after] of reductions(ledger)) {
          seen += 1;
          expect(absolute(after) < absolute(before)).toBe(true);
          expect(after === 0n || after > 0n === before > 0n).toBe(true);
        }
      }),
      { numRuns: 60, endOnFailure: true },
    );
    expect(seen).toBeGreaterThan(0);
  });

  it('property: the same calls give the same ledger, without gaps and in order of time', () => {
    fc.assert(
      fc.property(markets, fc.integer(), fc.array(step, { minLength: 20, maxLength: 60 }), (market, seed, steps) => {
        const [left, right] = [new Run(market, seed).play(steps, false), new Run(market, seed).play(steps, false)];
        expect(left.ledger.map((record) => JSON.stringify(record))).toEqual(
          right.ledger.map((record) => JSON.stringify(record)),
        );
        expect(left.ledger.every((record, index) => record.seq === index + 1)).toBe(true);
        expect(left.ledger.every((record, index) => record.timeMs >= (left.ledger[index - 1]?.timeMs ?? 0))).toBe(true);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });

  it('property: a larger market order never gets a better average price', () => {
    fc.assert(
      fc.property(
        markets,
        fc.integer(),
        fc.integer({ min: 1, max: 900 }),
        fc.integer({ min: 1, max: 900 }),
        (market, seed, small, extra) => {
          const average = (size: number): OrderView | null => {
            const venue = new Venue({ seed, market, speed: 'stepped', ledger: () => undefined });
            venue.openAccount({ accountId: 'whale', startBalance: fixed('90000000') });
            venue.advance(START_MS);
            const answer = venue.placeOrder('whale', {
              symbol: 'ETHUSDT',
              side: 'BUY',
              type: 'MARKET',
              quantity: String(size),
            });
            return answer.kind === 'done' ? answer.value : null;
          };
          const [one, two] = [average(small), average(small + extra)];
          if (one === null || two === null) return;
          expect(least(one.averagePrice, two.averagePrice)).toBe(one.averagePrice);
        },
      ),
      { numRuns: 60, endOnFailure: true },
    );
  });
});
