import { describe, expect, it } from '@jest/globals';
import { ACCOUNT, aMarket, type CandleRow, codeOf, START_MS, valueOf } from '../../test/venue-builders.ts';
import { VenueCore } from './core.ts';
import { fixed } from './fixed.ts';
import { PlainOrders } from './plain-orders.ts';
import type { LedgerRecord, OrderEvent, OrderView, PlaceOrder } from './venue-types.ts';

const CALM: readonly CandleRow[] = [
  ['2000', '2010', '1990', '2000'],
  ['2000', '2010', '1990', '2000'],
];

/** The plain orders of one account, below the venue's wall: amending has no endpoint of its own there. */
const desk = (balance = '100000') => {
  const ledger: LedgerRecord[] = [];
  const events: OrderEvent[] = [];
  const core = new VenueCore({
    seed: 7,
    market: aMarket({ ETHUSDT: CALM }),
    speed: 'stepped',
    ledger: (record) => ledger.push(record),
  });
  core.on('order', (event) => events.push(event));
  const orders = new PlainOrders(core, () => undefined);
  core.market('ETHUSDT').openCandle(START_MS, [0]);
  core.market('ETHUSDT').arrive(0, START_MS);
  const account = core.openAccount(ACCOUNT);
  account.wallet = fixed(balance);
  const rest = (order: Partial<PlaceOrder> = {}): OrderView => {
    const request = { symbol: 'ETHUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', ...order } as const;
    const accepted = valueOf(orders.judge(account, { quantity: '1', price: '1995', ...request }));
    return { ...orders.place(account, accepted) };
  };
  const amend = (order: OrderView, change: { quantity?: string; price?: string }) =>
    orders.amend(account, { symbol: 'ETHUSDT', orderId: order.orderId }, change);
  return { core, orders, account, ledger, events, rest, amend };
};

describe('amend', () => {
  it('changes price and quantity, and says so to account and ledger', () => {
    const { rest, amend, ledger, events } = desk();
    const order = rest();
    expect(valueOf(amend(order, { price: '1994', quantity: '2' }))).toMatchObject({
      orderId: order.orderId,
      status: 'NEW',
      price: fixed('1994'),
      quantity: fixed('2'),
    });
    expect(events.at(-1)).toMatchObject({
      execution: 'AMENDMENT',
      order: { status: 'NEW' },
      bidNotional: fixed('3988'),
    });
    expect(ledger.at(-1)).toMatchObject({ kind: 'amendment', orderId: order.orderId, price: '1994', quantity: '2' });
  });

  it('refuses with -5027 when nothing changes, and with -2013 what is not open', () => {
    const { orders, account, rest, amend } = desk();
    const order = rest();
    expect(codeOf(amend(order, { price: '1995.00' }))).toBe(-5027);
    expect(codeOf(amend(order, {}))).toBe(-5027);
    orders.cancel(account, { symbol: 'ETHUSDT', orderId: order.orderId });
    expect(codeOf(amend(order, { price: '1994' }))).toBe(-2013);
  });

  it.each([
    { name: 'a price off the tick', change: { price: '1994.001' }, code: -1111 },
    { name: 'a quantity below the least', change: { quantity: '0' }, code: -4003 },
    { name: 'a price beyond the band', change: { price: '2300' }, code: -4016 },
    { name: 'a notional too small', change: { quantity: '0.001' }, code: -4164 },
    { name: 'more than the margin', change: { quantity: '1100' }, code: -2019 },
  ])('refuses $name and leaves the order as it is: $code', ({ change, code }) => {
    const { account, rest, amend } = desk();
    const order = rest();
    expect(codeOf(amend(order, change))).toBe(code);
    expect(account.openOrders.get(order.orderId)).toEqual(order);
  });

  it('takes at once when the new price meets the book', () => {
    const { orders, rest, amend } = desk();
    const order = rest();
    const { ask } = orders.bestPrices('ETHUSDT');
    expect(valueOf(amend(order, { price: '2005' }))).toMatchObject({ status: 'FILLED', averagePrice: ask });
  });

  it('cancels a post-only order that would take', () => {
    const { rest, amend } = desk();
    const order = rest({ timeInForce: 'GTX' });
    expect(valueOf(amend(order, { price: '2005' }))).toMatchObject({ status: 'CANCELED', executedQuantity: 0n });
  });

  it('cancels an order whose new quantity is filled already', () => {
    const { orders, rest, amend } = desk('10000000');
    const { ask } = orders.bestPrices('ETHUSDT');
    const order = rest({ price: (Number(ask) / 1e8).toFixed(2), quantity: '60' });
    expect(order.status).toBe('PARTIALLY_FILLED');
    expect(valueOf(amend(order, { quantity: '1' }))).toMatchObject({
      status: 'CANCELED',
      executedQuantity: order.executedQuantity,
    });
  });
});

describe('expire', () => {
  it('ends an order with the reason given', () => {
    const { core, orders, account, rest, events } = desk();
    const open = account.openOrders.get(rest().orderId);
    if (open === undefined) throw new Error('the order is open');
    orders.expire(account, open, '6');
    expect(open.status).toBe('EXPIRED');
    expect(events.at(-1)).toMatchObject({ execution: 'EXPIRED', expiryReason: '6', timeMs: core.nowMs });
    expect(account.openOrders.size).toBe(0);
  });
});

describe('levels', () => {
  it('the first is the best, later ones are worse, and thin books have none', () => {
    const { orders } = desk();
    const { bid, ask } = orders.bestPrices('ETHUSDT');
    expect(orders.oppositeLevel('ETHUSDT', 'BUY', 1)).toBe(ask);
    expect(orders.oppositeLevel('ETHUSDT', 'SELL', 1)).toBe(bid);
    expect(orders.queueLevel('ETHUSDT', 'BUY', 1)).toBe(bid);
    expect(orders.queueLevel('ETHUSDT', 'SELL', 1)).toBe(ask);
    const [fifth, twentieth] = [5, 20].map((nth) => orders.oppositeLevel('ETHUSDT', 'BUY', nth) ?? 0n);
    expect([ask < (fifth ?? 0n), (fifth ?? 0n) < (twentieth ?? 0n)]).toEqual([true, true]);
    expect((orders.queueLevel('ETHUSDT', 'BUY', 20) ?? 0n) < bid).toBe(true);
  });
});
