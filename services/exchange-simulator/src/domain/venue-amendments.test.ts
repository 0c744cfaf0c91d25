import { describe, expect, it } from '@jest/globals';
import {
  ACCOUNT,
  aDesk,
  aMarket,
  type CandleRow,
  codeOf,
  MINUTE_MS,
  START_MS,
  valueOf,
} from '../../test/venue-builders.ts';
import { fixed, textOf } from './fixed.ts';
import type { AmendOrder, OrderEvent, OrderView, PlaceOrder } from './venue-types.ts';

const CALM: CandleRow = ['2000', '2010', '1990', '2000'];
const desk = (candles = 20) => aDesk(aMarket({ ETHUSDT: Array.from({ length: candles }, () => CALM) }));
const aLimit = (order: Partial<PlaceOrder> = {}): Partial<PlaceOrder> => ({
  type: 'LIMIT',
  timeInForce: 'GTC',
  price: '1950',
  ...order,
});
const aChange = (order: OrderView, change: Partial<AmendOrder> = {}): AmendOrder => ({
  symbol: 'ETHUSDT',
  orderId: order.orderId,
  side: order.side,
  quantity: '1',
  price: '1951',
  ...change,
});
const pathOf = (price: string): Partial<PlaceOrder> => aLimit({ price });

describe('amendments', () => {
  it('are remembered, newest first, with what was before and after', () => {
    const { venue, buy } = desk();
    const order = buy(pathOf('1950'));
    valueOf(venue.amendOrder(ACCOUNT, aChange(order)));
    valueOf(venue.amendOrder(ACCOUNT, aChange(order, { price: '1952', quantity: '2' })));
    const [second, first] = venue.amendments(ACCOUNT, { symbol: 'ETHUSDT', clientOrderId: order.clientOrderId }, {});
    expect(first).toMatchObject({
      orderId: order.orderId,
      count: 1,
      price: { before: fixed('1950'), after: fixed('1951') },
      quantity: { before: fixed('1'), after: fixed('1') },
    });
    expect(second).toMatchObject({ count: 2, quantity: { before: fixed('1'), after: fixed('2') } });
    expect(venue.amendments(ACCOUNT, { symbol: 'ETHUSDT', orderId: order.orderId }, { limit: 1 })).toEqual([second]);
    expect(venue.save().accounts[0]?.amendments).toEqual([first, second]);
  });

  it('take their price from the book, and the order says so', () => {
    const { venue, buy } = desk();
    const order = buy(pathOf('1950'));
    const events: OrderEvent[] = [];
    venue.on('order', (event) => events.push(event));
    const { price: _price, ...change } = aChange(order, { priceMatch: 'QUEUE_5' });
    const amended = valueOf(venue.amendOrder(ACCOUNT, change));
    const level = venue.book('ETHUSDT', 20).bids;
    expect(level.map(({ price }) => textOf(price))).toContain(textOf(amended.price));
    expect(events.at(-1)).toMatchObject({ execution: 'AMENDMENT', order: { priceMatch: 'QUEUE_5' } });
  });

  it.each<{ name: string; change: Partial<AmendOrder>; code: number; msg: string }>([
    { name: 'nothing changes', change: { price: '1950' }, code: -5027, msg: 'No need to modify the order.' },
    { name: 'another side', change: { side: 'SELL' }, code: -1117, msg: 'Invalid side.' },
    {
      name: 'price and price match',
      change: { priceMatch: 'QUEUE' },
      code: -1106,
      msg: "Parameter 'price' sent when not required.",
    },
    {
      name: 'too little',
      change: { quantity: '0.001' },
      code: -5029,
      msg: "Order's notional must be no smaller than 20",
    },
    {
      name: 'off the tick',
      change: { price: '1951.005' },
      code: -1111,
      msg: 'Precision is over the maximum defined for this asset.',
    },
    { name: 'unknown order', change: { orderId: 1 }, code: -2013, msg: 'Order does not exist.' },
    { name: 'unknown symbol', change: { symbol: 'NOPEUSDT' }, code: -1121, msg: 'Invalid symbol.' },
  ])('$name: $code, and the order stays', ({ change, code, msg }) => {
    const { venue, buy, ledger } = desk();
    const order = buy(pathOf('1950'));
    expect(venue.amendOrder(ACCOUNT, aChange(order, change))).toEqual({ kind: 'refused', code, msg });
    expect(venue.openOrders(ACCOUNT)).toEqual([order]);
    expect(ledger.at(-1)).toMatchObject({ kind: 'reject', code });
  });

  it('an order is changed ten thousand times, not more', () => {
    const { venue, buy } = desk();
    const order = buy(pathOf('1950'));
    for (let change = 0; change < 10_000; change += 1) {
      valueOf(venue.amendOrder(ACCOUNT, aChange(order, { price: change % 2 === 0 ? '1951' : '1950' })));
    }
    expect(venue.amendOrder(ACCOUNT, aChange(order))).toEqual({
      kind: 'refused',
      code: -5026,
      msg: 'Exceed maximum modify order limit.',
    });
  });
});

describe('orders good till a date', () => {
  const until = (ms: number): Partial<PlaceOrder> => aLimit({ timeInForce: 'GTD', goodTillMs: START_MS + ms });

  it('rest until then, to the second, and expire in order of time', () => {
    const { venue, buy, pass } = desk();
    const ended: [number, number][] = [];
    venue.on('order', ({ order, execution, timeMs }) => {
      if (execution === 'EXPIRED') ended.push([order.orderId, timeMs - START_MS]);
    });
    const late = buy(until(700_999));
    const early = buy(until(650_000));
    expect(late).toMatchObject({ status: 'NEW', timeInForce: 'GTD', goodTillMs: START_MS + 700_000 });
    pass(10);
    expect(venue.openOrders(ACCOUNT)).toHaveLength(2);
    pass(2);
    expect(ended).toEqual([
      [early.orderId, 650_000],
      [late.orderId, 700_000],
    ]);
    expect(valueOf(venue.order(ACCOUNT, { symbol: 'ETHUSDT', orderId: late.orderId })).status).toBe('EXPIRED');
  });

  it('that ended before are left alone', () => {
    const { venue, buy, pass } = desk();
    const order = buy(until(650_000));
    valueOf(venue.cancelOrder(ACCOUNT, { symbol: 'ETHUSDT', orderId: order.orderId }));
    pass(12);
    expect(valueOf(venue.order(ACCOUNT, { symbol: 'ETHUSDT', orderId: order.orderId })).status).toBe('CANCELED');
  });

  it.each([
    { name: 'too near', order: until(600_000), code: -5040 },
    { name: 'no date', order: aLimit({ timeInForce: 'GTD' }), code: -1102 },
    { name: 'a date with GTC', order: aLimit({ goodTillMs: START_MS + 700_000 }), code: -1106 },
  ])('$name: $code', ({ order, code }) => {
    const { venue } = desk();
    const request = { symbol: 'ETHUSDT', side: 'BUY', type: 'LIMIT', quantity: '1', ...order } as const;
    expect(codeOf(venue.placeOrder(ACCOUNT, request))).toBe(code);
    expect(codeOf(venue.testOrder(ACCOUNT, request))).toBe(code);
  });
});

describe('orders with a price from the book', () => {
  const base = { symbol: 'ETHUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '1' } as const;

  it.each([
    { priceMatch: 'OPPONENT', side: 'asks', level: 0 },
    { priceMatch: 'OPPONENT_5', side: 'asks', level: 4 },
    { priceMatch: 'QUEUE', side: 'bids', level: 0 },
    { priceMatch: 'QUEUE_10', side: 'bids', level: 9 },
    { priceMatch: 'QUEUE_20', side: 'bids', level: 19 },
  ] as const)('$priceMatch', ({ priceMatch, side, level }) => {
    const { venue } = desk();
    const expected = venue.book('ETHUSDT', 20)[side][level]?.price;
    const order = valueOf(venue.placeOrder(ACCOUNT, { ...base, priceMatch }));
    expect(order).toMatchObject({ price: expected, priceMatch });
  });

  it('are refused with a price beside it, and for market orders', () => {
    const { venue } = desk();
    expect(codeOf(venue.placeOrder(ACCOUNT, { ...base, priceMatch: 'QUEUE', price: '1990' }))).toBe(-1106);
    const { timeInForce: _force, ...market } = base;
    expect(codeOf(venue.placeOrder(ACCOUNT, { ...market, type: 'MARKET', priceMatch: 'QUEUE' }))).toBe(-5038);
  });
});

describe('history', () => {
  it('forgets after three days what ended without a fill, and keeps what was filled', () => {
    const DAYS_MS = 3 * 24 * 60 * MINUTE_MS;
    const { venue, buy } = desk(DAYS_MS / MINUTE_MS + 5);
    const filled = buy();
    const open = buy(pathOf('1950'));
    const canceled = buy(pathOf('1950'));
    valueOf(venue.cancelOrder(ACCOUNT, { symbol: 'ETHUSDT', orderId: canceled.orderId }));
    venue.advance(START_MS + DAYS_MS);
    const codes = () =>
      [filled, open, canceled].map(({ orderId }) => codeOf(venue.order(ACCOUNT, { symbol: 'ETHUSDT', orderId })));
    expect(codes()).toEqual([0, 0, 0]);
    venue.advance(START_MS + DAYS_MS + MINUTE_MS);
    expect(codes()).toEqual([0, 0, -2013]);
    expect(venue.allOrders(ACCOUNT, { symbol: 'ETHUSDT' }).map(({ orderId }) => orderId)).toEqual([
      filled.orderId,
      open.orderId,
    ]);
  });
});
