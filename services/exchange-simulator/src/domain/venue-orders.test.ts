import { describe, expect, it } from '@jest/globals';
import { ACCOUNT, aDesk, aMarket, type CandleRow, codeOf, valueOf } from '../../test/venue-builders.ts';
import { fixed, textOf } from './fixed.ts';
import type { OrderEvent, PlaceOrder } from './venue-types.ts';

const CALM: readonly CandleRow[] = [
  ['2000', '2002', '1998', '2000'],
  ['2000', '2003', '1997', '2001'],
  ['2001', '2004', '1990', '1992'],
  ['1992', '2012', '1991', '2010'],
  ['2010', '2011', '2009', '2010'],
];
const desk = (rows = CALM, balance = '10000') => aDesk(aMarket({ ETHUSDT: rows }), { balance: fixed(balance) });
const aLimit = (order: Partial<PlaceOrder>): Partial<PlaceOrder> => ({ type: 'LIMIT', timeInForce: 'GTC', ...order });

describe('market orders', () => {
  it('pay the ask, sell at the bid, and pay the taker fee', () => {
    const { venue, buy, sell } = desk();
    const { askPrice, bidPrice } = venue.bookTicker('ETHUSDT');
    expect(bidPrice < askPrice).toBe(true);
    expect(buy().averagePrice).toBe(askPrice);
    expect(sell().averagePrice).toBe(bidPrice);
    const [entry, exit] = venue.fills(ACCOUNT, {});
    expect(textOf(entry?.fee ?? 0n)).toBe(textOf((askPrice * 5n) / 10_000n));
    expect(exit?.realizedPnl).toBe(bidPrice - askPrice);
    expect(exit?.isMaker).toBe(false);
  });

  it('eat level after level when large, at prices that get worse but stay in the candle', () => {
    const { venue, buy } = desk(CALM, '1000000');
    const order = buy({ quantity: '200' });
    const prices = venue.fills(ACCOUNT, { orderId: order.orderId }).map((fill) => fill.price);
    expect(prices.length).toBeGreaterThan(2);
    expect(prices.every((price, index) => index === 0 || price > (prices[index - 1] ?? 0n))).toBe(true);
    expect((prices.at(-1) ?? 0n) <= fixed('2002')).toBe(true);
  });

  it('expire with what the book could not give', () => {
    const { venue, buy } = desk([['2000', '2002', '1998', '2000', '10'], ...CALM.slice(1)], '1000000');
    const order = buy({ quantity: '300' });
    expect(order.status).toBe('EXPIRED');
    expect(order.executedQuantity > 0n && order.executedQuantity < fixed('300')).toBe(true);
    expect(venue.openOrders(ACCOUNT)).toHaveLength(0);
  });

  it('cannot take the same liquidity twice at one moment', () => {
    const { buy } = desk(CALM, '1000000');
    const first = buy({ quantity: '40' });
    const second = buy({ quantity: '40' });
    expect(second.averagePrice > first.averagePrice).toBe(true);
  });
});

describe('limit orders', () => {
  it('rest until the market trades through them, then fill at their price as maker', () => {
    const { venue, buy, pass } = desk();
    const order = buy(aLimit({ price: '1995' }));
    expect(order.status).toBe('NEW');
    pass(2);
    expect(valueOf(venue.order(ACCOUNT, { symbol: 'ETHUSDT', orderId: order.orderId })).status).toBe('NEW');
    pass(1);
    const filled = valueOf(venue.order(ACCOUNT, { symbol: 'ETHUSDT', orderId: order.orderId }));
    expect(filled).toMatchObject({ status: 'FILLED', averagePrice: fixed('1995') });
    expect(venue.fills(ACCOUNT, {})[0]).toMatchObject({ isMaker: true, fee: fixed('0.399') });
  });

  it.each([
    { name: 'not filled by a touch that leaves some of the queue ahead', volume: '50', status: 'NEW' },
    { name: 'filled by a touch that uses up the queue ahead', volume: '100000', status: 'FILLED' },
  ])('are $name', ({ volume, status }) => {
    const rows = CALM.map(
      ([open, high, low, close]): CandleRow => [open, high, low, close, low === '1990' ? volume : '1000'],
    );
    const { venue, buy, pass } = desk(rows);
    const order = buy(aLimit({ price: '1990' }));
    pass(4);
    expect(valueOf(venue.order(ACCOUNT, { symbol: 'ETHUSDT', orderId: order.orderId })).status).toBe(status);
  });

  it('fill in parts when they are large against the volume', () => {
    const { venue, buy, pass } = desk(CALM, '2000000');
    const order = buy(aLimit({ price: '1995', quantity: '500' }));
    pass(3);
    const seen = valueOf(venue.order(ACCOUNT, { symbol: 'ETHUSDT', orderId: order.orderId }));
    expect(seen.status).toBe('PARTIALLY_FILLED');
    const canceled = valueOf(venue.cancelOrder(ACCOUNT, { symbol: 'ETHUSDT', orderId: order.orderId }));
    expect(canceled).toMatchObject({ status: 'CANCELED', executedQuantity: seen.executedQuantity });
  });

  it('take first and rest with what is left', () => {
    const { venue, buy } = desk(CALM, '1000000');
    const { askPrice } = venue.bookTicker('ETHUSDT');
    const order = buy(aLimit({ price: textOf(askPrice), quantity: '60' }));
    expect(order.status).toBe('PARTIALLY_FILLED');
    expect(venue.fills(ACCOUNT, {}).every((fill) => fill.price === askPrice && !fill.isMaker)).toBe(true);
  });

  it('IOC takes what there is and does not rest', () => {
    const { venue, buy } = desk(CALM, '1000000');
    const { askPrice } = venue.bookTicker('ETHUSDT');
    const order = buy(aLimit({ price: textOf(askPrice), quantity: '60', timeInForce: 'IOC' }));
    expect(order.status).toBe('EXPIRED');
    expect(order.executedQuantity > 0n).toBe(true);
    expect(venue.openOrders(ACCOUNT)).toHaveLength(0);
  });

  it('FOK is filled at once and whole, or refused', () => {
    const { venue, buy } = desk(CALM, '1000000');
    const { askPrice } = venue.bookTicker('ETHUSDT');
    const order = {
      symbol: 'ETHUSDT',
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'FOK',
      price: textOf(askPrice),
    } as const;
    expect(codeOf(venue.placeOrder(ACCOUNT, { ...order, quantity: '60' }))).toBe(-5021);
    expect(venue.allOrders(ACCOUNT, {})).toHaveLength(0);
    expect(buy({ ...order, quantity: '1' }).status).toBe('FILLED');
  });

  it('GTX is refused when it would take, and rests otherwise', () => {
    const { venue, buy } = desk();
    const { askPrice, bidPrice } = venue.bookTicker('ETHUSDT');
    const post = {
      ...aLimit({ timeInForce: 'GTX' }),
      symbol: 'ETHUSDT',
      side: 'BUY',
      type: 'LIMIT',
      quantity: '1',
    } as const;
    expect(codeOf(venue.placeOrder(ACCOUNT, { ...post, price: textOf(askPrice) }))).toBe(-5022);
    expect(buy({ ...aLimit({ timeInForce: 'GTX' }), price: textOf(bidPrice) }).status).toBe('NEW');
  });
});

describe('reduce-only', () => {
  const close = { symbol: 'ETHUSDT', side: 'SELL', type: 'MARKET', quantity: '1', reduceOnly: true } as const;

  it('is refused without a position to reduce, or on its side', () => {
    const { venue, buy } = desk();
    expect(codeOf(venue.placeOrder(ACCOUNT, close))).toBe(-2022);
    buy();
    expect(codeOf(venue.placeOrder(ACCOUNT, { ...close, side: 'BUY' }))).toBe(-2022);
  });

  it('closes what there is and expires with the rest', () => {
    const { venue, buy } = desk();
    buy({ quantity: '0.4' });
    const order = valueOf(venue.placeOrder(ACCOUNT, close));
    expect(order).toMatchObject({ status: 'EXPIRED', executedQuantity: fixed('0.4') });
    expect(venue.positions(ACCOUNT)).toHaveLength(0);
  });

  it('counts resting reduce-only orders', () => {
    const { venue, buy, sell } = desk();
    buy();
    sell({ ...aLimit({ price: '2050' }), reduceOnly: true });
    expect(codeOf(venue.placeOrder(ACCOUNT, close))).toBe(-2022);
  });

  it('is taken back by the venue once the position is gone', () => {
    const { venue, buy, sell } = desk();
    buy();
    const resting = sell({ ...aLimit({ price: '2050' }), reduceOnly: true });
    sell();
    expect(valueOf(venue.order(ACCOUNT, { symbol: 'ETHUSDT', orderId: resting.orderId })).status).toBe('EXPIRED');
  });
});

describe('refusals', () => {
  it.each([
    { name: 'unknown symbol', order: { symbol: 'NOPEUSDT' }, code: -1121 },
    { name: 'hedge side in one-way mode', order: { positionSide: 'LONG' }, code: -4061 },
    { name: 'more than the margin', order: { quantity: '150' }, code: -2019 },
  ] as const)('$name: $code', ({ order, code }) => {
    const { venue, ledger } = desk();
    const before = ledger.length;
    const answer = venue.placeOrder(ACCOUNT, {
      symbol: 'ETHUSDT',
      side: 'BUY',
      type: 'MARKET',
      quantity: '1',
      ...order,
    });
    expect(codeOf(answer)).toBe(code);
    expect(ledger.slice(before)).toMatchObject([{ kind: 'reject', path: '/fapi/v1/order', code }]);
    expect(venue.state().orders).toBe(0);
  });

  it('refuses more than the leverage allows', () => {
    const { venue } = desk(CALM, '100000000');
    valueOf(venue.setLeverage(ACCOUNT, 'ETHUSDT', 125));
    const answer = venue.placeOrder(ACCOUNT, { symbol: 'ETHUSDT', side: 'BUY', type: 'MARKET', quantity: '26' });
    expect(codeOf(answer)).toBe(-2027);
  });

  it('refuses the client id of an open order and accepts that of a closed one: a resend can fill twice', () => {
    const { venue, buy } = desk();
    buy({ ...aLimit({ price: '1950' }), clientOrderId: 'one' });
    const again = { symbol: 'ETHUSDT', side: 'BUY', type: 'MARKET', quantity: '1', clientOrderId: 'one' } as const;
    expect(codeOf(venue.placeOrder(ACCOUNT, again))).toBe(-4116);
    valueOf(venue.cancelOrder(ACCOUNT, { symbol: 'ETHUSDT', clientOrderId: 'one' }));
    expect(valueOf(venue.placeOrder(ACCOUNT, again)).status).toBe('FILLED');
    expect(valueOf(venue.placeOrder(ACCOUNT, again)).status).toBe('FILLED');
    expect(venue.fills(ACCOUNT, {})).toHaveLength(2);
  });

  it('says -2011 to the cancel and -2013 to the query of what is not there', () => {
    const { venue, buy } = desk();
    const order = buy();
    expect(codeOf(venue.cancelOrder(ACCOUNT, { symbol: 'ETHUSDT', orderId: order.orderId }))).toBe(-2011);
    expect(codeOf(venue.order(ACCOUNT, { symbol: 'ETHUSDT', clientOrderId: 'never' }))).toBe(-2013);
    expect(codeOf(venue.order(ACCOUNT, { symbol: 'BTCUSDT', orderId: order.orderId }))).toBe(-2013);
  });

  it('changes nothing in a test order', () => {
    const { venue, ledger } = desk();
    const before = ledger.length;
    expect(codeOf(venue.testOrder(ACCOUNT, { symbol: 'ETHUSDT', side: 'BUY', type: 'MARKET', quantity: '1' }))).toBe(0);
    expect(ledger).toHaveLength(before);
  });
});

describe('events', () => {
  it('come in order: NEW, then balance and position, then the execution', () => {
    const { venue, buy } = desk();
    const seen: string[] = [];
    const orders: OrderEvent[] = [];
    venue.on('order', (event) => {
      seen.push(`order ${event.execution} ${event.order.status}`);
      orders.push(event);
    });
    const stop = venue.on('account', (event) => seen.push(`account ${event.reason}`));
    const order = buy({ clientOrderId: 'mine' });
    expect(seen).toEqual(['order NEW NEW', 'account ORDER', 'order TRADE FILLED']);
    expect(orders[1]).toMatchObject({
      order: { clientOrderId: 'mine' },
      fill: { orderId: order.orderId, quantity: fixed('1') },
    });
    stop();
    buy();
    expect(seen.filter((line) => line === 'account ORDER')).toHaveLength(1);
  });

  it('tell resting notional on both sides', () => {
    const { venue, buy } = desk();
    let bids = 0n;
    venue.on('order', (event) => {
      bids = event.bidNotional;
    });
    buy(aLimit({ price: '1950', quantity: '2' }));
    expect(bids).toBe(fixed('3900'));
  });
});

describe('countdown', () => {
  it('cancels the symbol’s plain orders when it is not renewed', () => {
    const { venue, buy, pass } = desk();
    buy(aLimit({ price: '1900' }));
    venue.setCountdown(ACCOUNT, 'ETHUSDT', 90_000);
    pass(1);
    venue.setCountdown(ACCOUNT, 'ETHUSDT', 90_000);
    pass(1);
    expect(venue.openOrders(ACCOUNT)).toHaveLength(1);
    pass(1);
    expect(venue.openOrders(ACCOUNT)).toHaveLength(0);
  });
});
