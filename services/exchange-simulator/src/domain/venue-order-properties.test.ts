import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aMarket, type CandleRow, MINUTE_MS, START_MS } from '../../test/venue-builders.ts';
import { fixed, type Fixed, textOf } from './fixed.ts';
import { Venue } from './venue.ts';
import type { AlgoKind, LedgerRecord, PriceMatch, TimeInForce } from './venue-types.ts';

const SYMBOL = 'ETHUSDT';
const ACCOUNTS = ['first', 'second'] as const;
const CANDLES = 40;
const KINDS: readonly AlgoKind[] = ['STOP', 'TAKE_PROFIT', 'STOP_MARKET', 'TAKE_PROFIT_MARKET', 'TRAILING_STOP_MARKET'];
const MATCHES: readonly PriceMatch[] = ['OPPONENT', 'OPPONENT_20', 'QUEUE', 'QUEUE_5'];

/** What a customer, or time, does next. */
const step = fc.record({
  kind: fc.constantFrom('plain', 'plain', 'algo', 'algo', 'algo', 'amend', 'cancel', 'advance', 'advance', 'advance'),
  account: fc.constantFrom(...ACCOUNTS),
  side: fc.constantFrom('BUY', 'SELL'),
  type: fc.constantFrom(...KINDS),
  force: fc.constantFrom<TimeInForce>('GTC', 'IOC', 'FOK', 'GTX', 'GTD'),
  size: fc.integer({ min: 10, max: 3_000 }),
  /** Hundredths of a percent away from the market. */
  offset: fc.integer({ min: -120, max: 120 }),
  flag: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const rows: fc.Arbitrary<CandleRow[]> = fc
  .array(
    fc.tuple(fc.integer({ min: -40, max: 40 }), fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 })),
    {
      minLength: CANDLES,
      maxLength: CANDLES,
    },
  )
  .map((moves) => {
    let price = 2_000;
    return moves.map(([move, up, down]): CandleRow => {
      const [open, close] = [price, Math.max(price + move, 1_000)];
      price = close;
      return [`${open}`, `${Math.max(open, close) + up}`, `${Math.min(open, close) - down}`, `${close}`, '500'];
    });
  });

/** Carries steps out, and looks after each of them whether all that waits is as it should be. */
class Run {
  readonly ledger: LedgerRecord[] = [];
  readonly venue: Venue;

  constructor(candles: readonly CandleRow[]) {
    const market = aMarket({ [SYMBOL]: candles });
    this.venue = new Venue({ seed: 7, market, speed: 'stepped', ledger: (record) => this.ledger.push(record) });
    for (const accountId of ACCOUNTS) this.venue.openAccount({ accountId, startBalance: fixed('20000') });
  }

  play(steps: readonly Step[]): this {
    for (const one of steps) {
      this.#do(one);
      for (const accountId of ACCOUNTS) this.#judge(accountId);
    }
    return this;
  }

  #near(offset: number): string {
    const price = (this.venue.lastTrade(SYMBOL).lastPrice * BigInt(10_000 + offset)) / 10_000n;
    return textOf((price / 1_000_000n) * 1_000_000n);
  }

  #do({ kind, account, side, type, force, size, offset, flag }: Step): void {
    const { venue } = this;
    const quantity = (size / 1_000).toFixed(3);
    const shared = { symbol: SYMBOL, side, quantity, ...(flag ? { reduceOnly: true } : {}) } as const;
    const until = force === 'GTD' ? { goodTillMs: venue.nowMs + 601_000 + size * 100 } : {};
    const match = MATCHES[size % 8];
    const priced = match === undefined ? { price: this.#near(offset) } : { priceMatch: match };
    switch (kind) {
      case 'plain':
        venue.placeOrder(account, { ...shared, ...priced, ...until, type: 'LIMIT', timeInForce: force });
        return;
      case 'algo': {
        const protect = size % 3 === 0 ? { priceProtect: true } : {};
        const working = size % 2 === 0 ? ({ workingType: 'MARK_PRICE' } as const) : {};
        const forced = { timeInForce: force, ...until, ...protect, ...working };
        if (type === 'TRAILING_STOP_MARKET') {
          const wakes = flag ? { activatePrice: this.#near(offset) } : {};
          venue.placeAlgo(account, {
            ...shared,
            ...forced,
            ...wakes,
            type,
            callbackRate: ((size % 20) / 10 + 0.1).toFixed(1),
          });
        } else {
          const limit = type === 'STOP' || type === 'TAKE_PROFIT' ? priced : {};
          venue.placeAlgo(account, { ...shared, ...forced, ...limit, type, triggerPrice: this.#near(offset) });
        }
        return;
      }
      case 'amend': {
        const order = venue.openOrders(account)[0];
        if (order === undefined) return;
        const change = { symbol: SYMBOL, orderId: order.orderId, side: order.side, quantity };
        venue.amendOrder(account, { ...change, ...priced });
        return;
      }
      case 'cancel': {
        const [order, algo] = [venue.openOrders(account)[0], venue.openAlgos(account)[0]];
        if (order !== undefined) venue.cancelOrder(account, { symbol: SYMBOL, orderId: order.orderId });
        if (algo !== undefined) venue.cancelAlgo(account, { algoId: algo.algoId });
        return;
      }
      default:
        venue.advance(venue.nowMs + size * 100);
        venue.closeCandles();
    }
  }

  #judge(accountId: string): void {
    const { venue } = this;
    const now = venue.nowMs;
    for (const order of venue.openOrders(accountId)) {
      expect(order.goodTillMs === 0 || order.goodTillMs > now).toBe(true);
      expect(order.executedQuantity < order.quantity).toBe(true);
    }
    const open = new Set(venue.openOrders(accountId).map(({ orderId }) => orderId));
    for (const algo of venue.allAlgos(accountId, { limit: 1_000 })) {
      const isOpen = algo.actualOrderId !== null && open.has(algo.actualOrderId);
      expect(isOpen).toBe(algo.status === 'TRIGGERED');
      expect(algo.status === 'NEW' && algo.goodTillMs !== 0 && algo.goodTillMs <= now).toBe(false);
      if (algo.status === 'FINISHED') {
        const order = venue.order(accountId, { symbol: SYMBOL, orderId: algo.actualOrderId ?? 0 });
        expect(order).toMatchObject({ kind: 'done', value: { executedQuantity: algo.actualQuantity } });
      }
      if (algo.extremePrice > 0n && algo.status === 'NEW') {
        expect(
          algo.side === 'SELL' ? algo.triggerPrice < algo.extremePrice : algo.triggerPrice > algo.extremePrice,
        ).toBe(true);
      }
    }
  }

  /** All money there is: what went in less what every account and the house hold. */
  get missing(): Fixed {
    const wallets = ACCOUNTS.reduce((sum, one) => sum + this.venue.account(one).walletBalance, 0n);
    return Object.values(this.venue.house()).reduce((sum: Fixed, one: Fixed) => sum + one, wallets);
  }
}

describe('orders that wait', () => {
  it('property: end when they should, make no money, and give the same ledger twice', () => {
    fc.assert(
      fc.property(rows, fc.array(step, { minLength: 20, maxLength: 80 }), (candles, steps) => {
        const run = new Run(candles).play(steps);
        expect(run.missing).toBe(0n);
        expect(run.venue.nowMs).toBeLessThanOrEqual(START_MS + CANDLES * MINUTE_MS);
        expect(new Run(candles).play(steps).ledger).toEqual(run.ledger);
      }),
      { numRuns: 60 },
    );
  });
});
