import { describe, expect, it } from '@jest/globals';
import { aMarket, type CandleRow, codeOf, MINUTE_MS, START_MS, valueOf } from '../../test/venue-builders.ts';
import { fixed, textOf } from './fixed.ts';
import { Venue } from './venue.ts';
import type { LedgerRecord, OrderEvent, OrderView, PlaceOrder } from './venue-types.ts';

/** A spread of 1.00, so that customers can quote inside it. */
const WIDE: readonly CandleRow[] = [
  ['2000', '2100', '1900', '2000'],
  ['2000', '2100', '1900', '2000'],
  ['2000', '2100', '1900', '2000'],
];
const [MAKER, TAKER, OTHER] = ['maker', 'taker', 'other'];

const desk = (rows: readonly CandleRow[] = WIDE, seed = 7) => {
  const ledger: LedgerRecord[] = [];
  const events: OrderEvent[] = [];
  const venue = new Venue({
    seed,
    market: aMarket({ ETHUSDT: rows }),
    speed: 'stepped',
    ledger: (record) => ledger.push(record),
  });
  for (const accountId of [MAKER, TAKER, OTHER]) venue.openAccount({ accountId, startBalance: fixed('1000000') });
  venue.on('order', (event) => events.push(event));
  const place = (accountId: string, order: Partial<PlaceOrder>): OrderView =>
    valueOf(
      venue.placeOrder(accountId, {
        symbol: 'ETHUSDT',
        side: 'BUY',
        type: order.price === undefined ? 'MARKET' : 'LIMIT',
        ...(order.price === undefined ? {} : { timeInForce: 'GTC' }),
        quantity: '1',
        ...order,
      }),
    );
  /** What comes of a limit order that is to be filled at once and whole. */
  const fillOrKill = (accountId: string, order: { price: string; quantity: string }): number =>
    codeOf(
      venue.placeOrder(accountId, { symbol: 'ETHUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'FOK', ...order }),
    );
  const seen = ({ accountId, orderId }: OrderView): OrderView =>
    valueOf(venue.order(accountId, { symbol: 'ETHUSDT', orderId }));
  const { bidPrice, askPrice } = venue.bookTicker('ETHUSDT');
  const inside = textOf((bidPrice + askPrice) / 2n + fixed('0.2'));
  return { venue, ledger, events, place, fillOrKill, seen, inside, askPrice, bidPrice };
};

const levelAt = (venue: Venue, side: 'bids' | 'asks', price: string) =>
  venue.book('ETHUSDT', 1_000)[side].find((level) => level.price === fixed(price))?.quantity ?? 0n;

describe('the book', () => {
  it('shows customers’ orders among the house’s levels, and the best of both', () => {
    const { venue, place, inside, askPrice } = desk();
    const shown = levelAt(venue, 'asks', textOf(askPrice));
    place(MAKER, { side: 'SELL', price: textOf(askPrice), quantity: '3' });
    expect(levelAt(venue, 'asks', textOf(askPrice))).toBe(shown + fixed('3'));
    place(MAKER, { side: 'SELL', price: inside, quantity: '2' });
    expect(venue.bookTicker('ETHUSDT')).toMatchObject({ askPrice: fixed(inside), askQuantity: fixed('2') });
    expect(venue.book('ETHUSDT', 5).asks.map((level) => level.price)).toEqual(
      venue
        .book('ETHUSDT', 5)
        .asks.map((level) => level.price)
        .sort((one, two) => Number(one - two)),
    );
  });

  it('is the same for the same seed, another for another, and thins out far from the market', () => {
    const bookOf = (seed: number) => {
      const venue = new Venue({ seed, market: aMarket({ ETHUSDT: WIDE }), speed: 'stepped', ledger: () => undefined });
      return venue.book('ETHUSDT', 1_000);
    };
    expect(bookOf(1)).toEqual(bookOf(1));
    expect(bookOf(1)).not.toEqual(bookOf(2));
    const { asks } = bookOf(1);
    const sumOf = (from: number, to: number): bigint =>
      asks.slice(from, to).reduce((sum, level) => sum + level.quantity, 0n);
    expect(asks).toHaveLength(960);
    expect(sumOf(40, 60) > sumOf(0, 20)).toBe(true);
    expect(sumOf(40, 60) > sumOf(900, 920)).toBe(true);
  });

  it('changes little when the market moves a little', () => {
    const { venue } = desk();
    const before = new Map(venue.book('ETHUSDT', 1_000).bids.map((level) => [level.price, level.quantity]));
    venue.advance(START_MS + 1_000);
    const after = venue.book('ETHUSDT', 1_000).bids;
    expect(venue.lastTrade('ETHUSDT').lastPrice).not.toBe(fixed('2000'));
    const same = after.filter((level) => before.get(level.price) === level.quantity);
    expect(same.length).toBeGreaterThan(0.9 * after.length);
  });
});

describe('takers', () => {
  it('meet a customer inside the spread first, then the house; both sides are booked under one trade id', () => {
    const { venue, place, seen, inside, askPrice } = desk();
    const maker = place(MAKER, { side: 'SELL', price: inside, quantity: '2' });
    const taker = place(TAKER, { quantity: '3' });
    expect(taker.status).toBe('FILLED');
    expect(seen(maker)).toMatchObject({ status: 'FILLED', averagePrice: fixed(inside) });
    const [first, second] = venue.fills(TAKER, {});
    const [made] = venue.fills(MAKER, {});
    expect([first?.price, second?.price]).toEqual([fixed(inside), askPrice]);
    expect(first).toMatchObject({ tradeId: made?.tradeId, quantity: fixed('2'), isMaker: false });
    expect(made).toMatchObject({ price: fixed(inside), quantity: fixed('2'), isMaker: true });
    expect((made?.fee ?? 0n) * 5n).toBe((first?.fee ?? 0n) * 2n);
    expect(venue.positions(MAKER)[0]?.signedQuantity).toBe(-fixed('2'));
  });

  it('serve customers at one price by age', () => {
    const { place, seen, inside } = desk();
    const orders = [MAKER, OTHER, MAKER].map((account) => place(account, { side: 'SELL', price: inside }));
    place(TAKER, { quantity: '1.5' });
    expect(orders.map((order) => seen(order).executedQuantity)).toEqual([fixed('1'), fixed('0.5'), 0n]);
  });

  it('take house quantity that was there before a customer first', () => {
    const { venue, place, seen, askPrice } = desk();
    const price = textOf(askPrice);
    const house = levelAt(venue, 'asks', price);
    const maker = place(MAKER, { side: 'SELL', price });
    place(TAKER, { quantity: textOf(house - fixed('0.5')) });
    expect(seen(maker).executedQuantity).toBe(0n);
    place(TAKER, { quantity: '0.9' });
    expect(seen(maker).executedQuantity).toBe(fixed('0.4'));
  });

  it('get nothing from an order that the market has traded through, nor see it', () => {
    const { venue, place, seen } = desk([
      ['2000', '2001', '1999', '2000'],
      ['1980', '1981', '1979', '1980', '0'],
    ]);
    const maker = place(MAKER, { price: '1998' });
    venue.advance(START_MS + MINUTE_MS);
    expect(seen(maker).status).toBe('NEW');
    const { bidPrice } = venue.bookTicker('ETHUSDT');
    expect(bidPrice < fixed('1981')).toBe(true);
    expect(levelAt(venue, 'bids', '1998')).toBe(0n);
    place(TAKER, { side: 'SELL', quantity: '0.02' });
    expect(venue.fills(TAKER, {})[0]?.price).toBe(bidPrice);
  });

  it('at market go no further from the mark than the bound of the symbol', () => {
    const { venue, place } = desk();
    const spec = venue.spec('ETHUSDT');
    const { markPrice } = venue.mark('ETHUSDT');
    venue.transfer(TAKER, fixed('1000000000'));
    valueOf(venue.setLeverage(TAKER, 'ETHUSDT', 1));
    const order = place(TAKER, { quantity: '2000' });
    expect(order.status).toBe('EXPIRED');
    const bound = markPrice + (markPrice * (spec?.marketTakeBound ?? 0n)) / fixed('1');
    expect(venue.fills(TAKER, {}).every((fill) => fill.price <= bound)).toBe(true);
  });
});

describe('time in force', () => {
  it('FOK counts house and customers', () => {
    const { venue, place, fillOrKill, inside, askPrice } = desk();
    const price = textOf(askPrice);
    const house = levelAt(venue, 'asks', price);
    const wanted = { price, quantity: textOf(house + fixed('2')) };
    expect(fillOrKill(TAKER, wanted)).toBe(-5021);
    place(MAKER, { side: 'SELL', price: inside, quantity: '2' });
    expect(place(TAKER, { ...wanted, timeInForce: 'FOK' })).toMatchObject({ status: 'FILLED' });
  });

  it('FOK does not count the account’s own orders', () => {
    const { venue, place, fillOrKill, seen, inside, askPrice } = desk();
    const price = textOf(askPrice);
    const own = place(TAKER, { side: 'SELL', price: inside, quantity: '2' });
    const quantity = textOf(levelAt(venue, 'asks', price) + fixed('2'));
    expect(fillOrKill(TAKER, { price, quantity })).toBe(-5021);
    expect(seen(own).status).toBe('NEW');
  });

  it('IOC takes what there is and expires with the rest', () => {
    const { place, events, inside } = desk();
    place(MAKER, { side: 'SELL', price: inside, quantity: '2' });
    const order = place(TAKER, { price: inside, quantity: '3', timeInForce: 'IOC' });
    expect(order).toMatchObject({ status: 'EXPIRED', executedQuantity: fixed('2') });
    expect(events.at(-1)).toMatchObject({ execution: 'EXPIRED', expiryReason: '2' });
  });

  it('GTX is refused when it would take from a customer', () => {
    const { venue, place, inside } = desk();
    place(MAKER, { side: 'SELL', price: inside });
    const post = { symbol: 'ETHUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTX', quantity: '1' } as const;
    expect(codeOf(venue.placeOrder(TAKER, { ...post, price: inside }))).toBe(-5022);
    expect(codeOf(venue.placeOrder(TAKER, { ...post, price: textOf(fixed(inside) - fixed('0.01')) }))).toBe(0);
  });
});

describe('self-trade prevention', () => {
  it.each([
    { mode: undefined, maker: 'EXPIRED_IN_MATCH', taker: 'FILLED', executed: '3' },
    { mode: 'EXPIRE_MAKER', maker: 'EXPIRED_IN_MATCH', taker: 'FILLED', executed: '3' },
    { mode: 'EXPIRE_TAKER', maker: 'NEW', taker: 'EXPIRED_IN_MATCH', executed: '1' },
    { mode: 'EXPIRE_BOTH', maker: 'EXPIRED_IN_MATCH', taker: 'EXPIRED_IN_MATCH', executed: '1' },
    { mode: 'NONE', maker: 'FILLED', taker: 'FILLED', executed: '3' },
  ])('$mode: maker $maker, taker $taker', ({ mode, maker, taker, executed }) => {
    const { place, seen, events, inside } = desk();
    place(OTHER, { side: 'SELL', price: textOf(fixed(inside) - fixed('0.2')) });
    const own = place(TAKER, { side: 'SELL', price: inside });
    const order = place(TAKER, {
      quantity: '3',
      ...(mode === undefined ? {} : { selfTradePreventionMode: mode }),
    });
    expect(seen(own).status).toBe(maker);
    expect(order).toMatchObject({ status: taker, executedQuantity: fixed(executed) });
    const ends = events.filter((event) => event.order.status === 'EXPIRED_IN_MATCH');
    for (const { execution, expiryReason, order: ended } of ends) {
      expect(execution).toBe('EXPIRED');
      expect(expiryReason).toBe(ended.orderId === own.orderId ? '1' : '3');
    }
  });
});

describe('queue places', () => {
  const PRICE = '1999.5';
  /** The low is met, never gone through: an order there fills by its turn in the queue or not at all. */
  const touching = (volume: string): readonly CandleRow[] => [['2000', '2001', PRICE, '2000', volume]];

  it('come up when prints at the price have used up what the house showed there before, no sooner', () => {
    const outcomes = new Set<boolean>();
    for (let seed = 1; seed <= 60; seed += 1) {
      const { venue, place, seen } = desk(touching(String(seed * 2)), seed);
      const order = place(MAKER, { price: PRICE });
      const ahead = levelAt(venue, 'bids', PRICE) - fixed('1');
      let printed = 0n;
      venue.on('trade', (trade) => {
        if (trade.lastPrice === fixed(PRICE) && trade.isBuyerMaker) printed += trade.quantity;
      });
      venue.advance(START_MS + MINUTE_MS);
      const isFilled = seen(order).executedQuantity > 0n;
      expect(ahead > 0n).toBe(true);
      expect(isFilled).toBe(printed - ahead >= fixed('0.001'));
      outcomes.add(isFilled);
    }
    expect(outcomes.size).toBe(2);
  });

  it('are kept when an order ahead goes, and the next one has what was ahead of it still ahead', () => {
    const { venue, place, seen, askPrice } = desk();
    const price = textOf(askPrice);
    const house = levelAt(venue, 'asks', price);
    const first = place(MAKER, { side: 'SELL', price });
    const second = place(OTHER, { side: 'SELL', price });
    valueOf(venue.cancelOrder(MAKER, { symbol: 'ETHUSDT', orderId: first.orderId }));
    place(TAKER, { quantity: textOf(house) });
    expect(seen(second).executedQuantity).toBe(0n);
    place(TAKER, { quantity: '0.5' });
    expect(seen(second).executedQuantity).toBe(fixed('0.5'));
  });
});

describe('reduce-only orders', () => {
  it('together show no more than the position; the worst give way first', () => {
    const { venue, place, seen } = desk();
    place(MAKER, { quantity: '5' });
    const near = place(MAKER, { side: 'SELL', price: '2050', quantity: '3', reduceOnly: true });
    const far = place(MAKER, { side: 'SELL', price: '2060', quantity: '2', reduceOnly: true });
    place(MAKER, { side: 'SELL', quantity: '1', price: '1990' });
    expect([seen(near).status, seen(far).status]).toEqual(['NEW', 'NEW']);
    const [shownNear, shownFar] = [levelAt(venue, 'asks', '2050'), levelAt(venue, 'asks', '2060')];
    place(MAKER, { side: 'SELL', quantity: '1', price: '1990' });
    expect(levelAt(venue, 'asks', '2050')).toBe(shownNear);
    expect(shownFar - levelAt(venue, 'asks', '2060')).toBe(fixed('1'));
    expect(seen(far)).toMatchObject({ status: 'EXPIRED', executedQuantity: 0n });
    place(MAKER, { side: 'SELL', quantity: '3', price: '1990' });
    expect(seen(near).status).toBe('EXPIRED');
  });

  it('of a customer who is met never flip the position', () => {
    const { venue, place, fillOrKill, seen, inside } = desk();
    place(MAKER, { quantity: '2' });
    const first = place(MAKER, { side: 'SELL', price: inside, quantity: '2' });
    const second = place(MAKER, { side: 'SELL', price: inside, quantity: '2', reduceOnly: true });
    expect(fillOrKill(TAKER, { price: inside, quantity: '4' })).toBe(-5021);
    place(TAKER, { price: inside, quantity: '4', timeInForce: 'IOC' });
    expect(seen(first).status).toBe('FILLED');
    expect(seen(second)).toMatchObject({ status: 'EXPIRED', executedQuantity: 0n });
    expect(venue.positions(MAKER)).toHaveLength(0);
  });
});
