import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aMarket, type CandleRow, MINUTE_MS, START_MS } from '../../test/venue-builders.ts';
import { fixed, textOf } from './fixed.ts';
import { Venue } from './venue.ts';
import type { BookLevel, DepthChange } from './venue-types.ts';

const ROWS: readonly CandleRow[] = [
  ['2000', '2012', '1994', '2008'],
  ['2008', '2010', '2004', '2005', '40'],
  ['1990', '1992', '1980', '1985', '0'],
  ['1985', '2030', '1984', '2020'],
  ['2020', '2020', '2020', '2020'],
  ['2019', '2025', '2001', '2010'],
];
const ACCOUNTS = ['first', 'second', 'third'] as const;

const step = fc.record({
  kind: fc.constantFrom('limit', 'limit', 'limit', 'market', 'cancel', 'cancelAll', 'advance', 'advance', 'look'),
  account: fc.constantFrom(...ACCOUNTS),
  side: fc.constantFrom('BUY', 'SELL'),
  force: fc.constantFrom('GTC', 'GTC', 'IOC', 'GTX'),
  mode: fc.constantFrom('EXPIRE_MAKER', 'EXPIRE_TAKER', 'EXPIRE_BOTH', 'NONE'),
  size: fc.integer({ min: 20, max: 9_000 }),
  offset: fc.integer({ min: -600, max: 600 }),
  reduces: fc.boolean(),
  waitMs: fc.integer({ min: 1, max: 30_000 }),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** How many levels of a book, which comes in order of price, are not the client's, and of the client's not the book's. */
const wrongLevels = (levels: readonly BookLevel[], own: ReadonlyMap<bigint, bigint>): number =>
  levels.filter(({ price, quantity }) => own.get(price) !== quantity).length + own.size - levels.length;

/** A client that took one snapshot and has applied every change since. */
class DepthClient {
  readonly #venue: Venue;
  readonly #bids: Map<bigint, bigint>;
  readonly #asks: Map<bigint, bigint>;
  #updateId: number;
  #changes = 0;

  constructor(venue: Venue) {
    this.#venue = venue;
    venue.on('depth', (change) => this.#apply(change));
    const { bids, asks, updateId } = venue.book('ETHUSDT', 1_000);
    this.#bids = new Map(bids.map(({ price, quantity }) => [price, quantity]));
    this.#asks = new Map(asks.map(({ price, quantity }) => [price, quantity]));
    this.#updateId = updateId;
  }

  get changes(): number {
    return this.#changes;
  }

  #apply({ bids, asks, updateId }: DepthChange): void {
    expect(updateId).toBe(this.#updateId + 1);
    this.#updateId = updateId;
    this.#changes += 1;
    for (const [levels, own] of [
      [bids, this.#bids],
      [asks, this.#asks],
    ] as const) {
      for (const { price, quantity } of levels) {
        if (quantity === 0n) own.delete(price);
        else own.set(price, quantity);
      }
    }
  }

  /** The client's book is the venue's, which is uncrossed and begins at the best prices. */
  judge(): void {
    const book = this.#venue.book('ETHUSDT', 1_000);
    const ticker = this.#venue.bookTicker('ETHUSDT');
    expect([wrongLevels(book.bids, this.#bids), wrongLevels(book.asks, this.#asks)]).toEqual([0, 0]);
    expect([book.updateId, ticker.updateId]).toEqual([this.#updateId, this.#updateId]);
    const [bid, ask] = [book.bids[0], book.asks[0]];
    if (bid !== undefined && ask !== undefined) {
      expect(bid.price < ask.price).toBe(true);
      expect([ticker.bidPrice, ticker.bidQuantity]).toEqual([bid.price, bid.quantity]);
      expect([ticker.askPrice, ticker.askQuantity]).toEqual([ask.price, ask.quantity]);
    }
    expect([...book.bids, ...book.asks].every(({ quantity }) => quantity > 0n)).toBe(true);
  }
}

const aVenue = (seed: number): Venue => {
  const venue = new Venue({ seed, market: aMarket({ ETHUSDT: ROWS }), speed: 'stepped', ledger: () => undefined });
  for (const accountId of ACCOUNTS) venue.openAccount({ accountId, startBalance: fixed('5000000') });
  return venue;
};

const act = (venue: Venue, one: Step): void => {
  const { account, side, force, mode, size, offset, reduces } = one;
  const common = { symbol: 'ETHUSDT', side, quantity: textOf(BigInt(size) * fixed('0.001')) } as const;
  const { lastPrice } = venue.lastTrade('ETHUSDT');
  switch (one.kind) {
    case 'limit':
      venue.placeOrder(account, {
        ...common,
        type: 'LIMIT',
        timeInForce: force,
        price: textOf(lastPrice + BigInt(offset) * fixed('0.01')),
        selfTradePreventionMode: mode,
        reduceOnly: reduces && size % 3 === 0,
      });
      break;
    case 'market':
      venue.placeOrder(account, {
        ...common,
        type: 'MARKET',
        quantity: textOf(BigInt(size) * fixed(reduces ? '0.1' : '0.001')),
        selfTradePreventionMode: mode,
      });
      break;
    case 'cancel': {
      const orders = venue.openOrders(account);
      const order = orders[size % Math.max(orders.length, 1)];
      if (order !== undefined) venue.cancelOrder(account, { symbol: 'ETHUSDT', orderId: order.orderId });
      break;
    }
    case 'cancelAll':
      venue.cancelAllOrders(account, 'ETHUSDT');
      break;
    case 'advance':
      venue.advance(venue.nowMs + one.waitMs);
      break;
    case 'look':
      break;
  }
};

describe('depth changes', () => {
  it('property: a client that applies them to a snapshot has the venue’s book at every step', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 0, max: 5 * MINUTE_MS }),
        fc.array(step, { minLength: 15, maxLength: 40 }),
        (seed, startsAfterMs, steps) => {
          const venue = aVenue(seed);
          venue.advance(START_MS + startsAfterMs);
          const client = new DepthClient(venue);
          for (const one of steps) {
            act(venue, one);
            client.judge();
          }
          venue.advance(START_MS + ROWS.length * MINUTE_MS);
          client.judge();
          expect(client.changes).toBeGreaterThan(0);
        },
      ),
      { numRuns: 25, endOnFailure: true },
    );
  });

  it('have the same numbers whether anybody hears them or not', () => {
    const [heard, unheard] = [aVenue(3), aVenue(3)];
    heard.on('depth', () => undefined);
    for (const venue of [heard, unheard]) {
      for (const one of fc.sample(step, { numRuns: 80, seed: 5 })) act(venue, one);
    }
    expect(heard.book('ETHUSDT', 1_000)).toEqual(unheard.book('ETHUSDT', 1_000));
  });

  it('tell the level that changed and nothing else', () => {
    const venue = aVenue(1);
    const changes: DepthChange[] = [];
    venue.on('depth', (change) => changes.push(change));
    const order = { symbol: 'ETHUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '2' } as const;
    venue.placeOrder('first', { ...order, price: '1990.07', clientOrderId: 'one' });
    venue.cancelOrder('first', { symbol: 'ETHUSDT', clientOrderId: 'one' });
    const price = fixed('1990.07');
    expect(changes).toMatchObject([
      { symbol: 'ETHUSDT', bids: [{ price, quantity: fixed('2') }], asks: [] },
      { symbol: 'ETHUSDT', bids: [{ price, quantity: 0n }], asks: [] },
    ]);
  });

  it('in a book of more than a thousand levels tell what comes into view and what goes out of it', () => {
    const venue = aVenue(1);
    const client = new DepthClient(venue);
    for (let index = 0; index < 60; index += 1) {
      const price = textOf(fixed('1985.03') + BigInt(index) * fixed('0.11'));
      venue.placeOrder(ACCOUNTS[index % 3] ?? 'first', {
        symbol: 'ETHUSDT',
        side: 'BUY',
        type: 'LIMIT',
        timeInForce: 'GTC',
        quantity: '1',
        price,
      });
      client.judge();
    }
    expect(venue.book('ETHUSDT', 1_000).bids).toHaveLength(1_000);
    for (const accountId of ACCOUNTS) {
      for (const { orderId } of venue.openOrders(accountId)) {
        venue.cancelOrder(accountId, { symbol: 'ETHUSDT', orderId });
        client.judge();
      }
    }
  });
});
