import { describe, expect, it } from '@jest/globals';
import { codeOf } from '../../test/venue-builders.ts';
import { fixed } from './fixed.ts';
import { judgeOrder } from './order-rules.ts';
import { maintenanceOf, maxNotionalAt, specOf } from './symbol-specs.ts';
import type { PlaceOrder } from './venue-types.ts';

const SPEC = specOf('BTCUSDT', { price: fixed('30000'), finestPriceStep: fixed('0.1') });
const PRICES = { mark: fixed('30000'), bid: fixed('29999.9'), ask: fixed('30000') };

const anOrder = (order: Partial<PlaceOrder>): PlaceOrder => ({
  symbol: 'BTCUSDT',
  side: 'BUY',
  type: 'MARKET',
  quantity: '0.01',
  ...order,
});
const aLimit = (order: Partial<PlaceOrder>): PlaceOrder =>
  anOrder({ type: 'LIMIT', timeInForce: 'GTC', price: '29000', ...order });

describe('judgeOrder', () => {
  it.each([
    { name: 'market', order: anOrder({}), code: 0 },
    { name: 'limit', order: aLimit({}), code: 0 },
    { name: 'trailing zeros are no precision', order: aLimit({ quantity: '0.01000000', price: '29000.10' }), code: 0 },
    { name: 'price between ticks', order: aLimit({ price: '29000.05' }), code: -4014 },
    { name: 'price too precise', order: aLimit({ price: '29000.123' }), code: -1111 },
    { name: 'quantity too precise', order: anOrder({ quantity: '0.0105' }), code: -1111 },
    { name: 'no number', order: anOrder({ quantity: 'abc' }), code: -1111 },
    { name: 'quantity zero', order: anOrder({ quantity: '0' }), code: -4003 },
    { name: 'quantity negative', order: anOrder({ quantity: '-1' }), code: -4003 },
    { name: 'market lot too large', order: anOrder({ quantity: '121' }), code: -4005 },
    { name: 'limit lot too large', order: aLimit({ quantity: '1001' }), code: -4005 },
    { name: 'price negative', order: aLimit({ price: '-5' }), code: -4001 },
    { name: 'price above all', order: aLimit({ price: '9999999' }), code: -4002 },
    { name: 'notional too small', order: anOrder({ quantity: '0.003' }), code: -4164 },
    { name: 'small is fine when it reduces', order: anOrder({ quantity: '0.003', reduceOnly: true }), code: 0 },
    {
      name: 'or in hedge mode closes',
      order: anOrder({ quantity: '0.003', side: 'SELL', positionSide: 'LONG' }),
      code: 0,
    },
    { name: 'but not when it opens there', order: anOrder({ quantity: '0.003', positionSide: 'LONG' }), code: -4164 },
    { name: 'buy far above mark', order: aLimit({ price: '31600' }), code: -4016 },
    { name: 'sell far below mark', order: aLimit({ side: 'SELL', price: '28000' }), code: -4024 },
    { name: 'limit without price', order: anOrder({ type: 'LIMIT', timeInForce: 'GTC' }), code: -1102 },
    { name: 'limit without time in force', order: anOrder({ type: 'LIMIT', price: '29000' }), code: -1102 },
    { name: 'market with a price', order: anOrder({ price: '29000' }), code: -1106 },
    { name: 'client id too long', order: anOrder({ clientOrderId: 'x'.repeat(37) }), code: -4015 },
    { name: 'client id with a blank', order: anOrder({ clientOrderId: 'a b' }), code: -1100 },
  ])('$name: $code', ({ order, code }) => {
    expect(codeOf(judgeOrder(SPEC, order, PRICES))).toBe(code);
  });

  it('refuses a market order whose counterparty is too far from mark', () => {
    expect(codeOf(judgeOrder(SPEC, anOrder({}), { ...PRICES, ask: fixed('31600') }))).toBe(-4131);
  });

  it('names the limit that was passed', () => {
    expect(judgeOrder(SPEC, aLimit({ price: '31600' }), PRICES)).toMatchObject({
      msg: "Limit price can't be higher than 31500.00.",
    });
    expect(judgeOrder(SPEC, anOrder({ quantity: '0.001' }), PRICES)).toMatchObject({
      msg: "Order's notional must be no smaller than 100 (unless you choose reduce only).",
    });
  });
});

describe('symbol rules', () => {
  it.each([
    // Source: Binance leverage brackets of BTCUSDT, October 2024 (cum 50 from the second tier on).
    { notional: '50000', margin: '200' },
    { notional: '100000', margin: '450' },
    { notional: '1000000', margin: '5550' },
  ])('keeps $margin for a notional of $notional', ({ notional, margin }) => {
    expect(maintenanceOf(SPEC, fixed(notional))).toBe(fixed(margin));
  });

  it.each([
    { leverage: 125, cap: '50000' },
    { leverage: 20, cap: '65000000' },
    { leverage: 126, cap: '0' },
  ])('caps leverage $leverage at $cap', ({ leverage, cap }) => {
    expect(maxNotionalAt(SPEC, leverage)).toBe(fixed(cap));
  });

  it.each(['0.00001234', '0.0567', '3.21', '456.7', '98765'])('derives workable rules for a price of %s', (price) => {
    const spec = specOf('NEWUSDT', { price: fixed(price), finestPriceStep: fixed('1') });
    const ticksInPrice = fixed(price) / spec.priceStep;
    expect(ticksInPrice >= 100n && ticksInPrice <= 100_000n).toBe(true);
    expect((spec.priceStep * spec.quantityStep) % 100_000_000n).toBe(0n);
    expect(spec.minPrice <= fixed(price) && fixed(price) <= spec.maxPrice).toBe(true);
  });

  it('takes a finer tick where the recorded prices are finer', () => {
    expect(specOf('BTCUSDT', { price: fixed('9000'), finestPriceStep: fixed('0.01') }).priceStep).toBe(fixed('0.01'));
  });
});
