import { describe, expect, it } from '@jest/globals';
import { dec, InvariantError } from '@qt/kernel';
import { submitParams } from './order-desk.ts';
import type { SubmitOrder } from './port.ts';

const aMarketOrder: SubmitOrder = {
  clientOrderId: 'q1-01JQZX5A3V8W9Y7B6C4D2E1F0G-E0',
  symbol: 'BTCUSDT',
  side: 'buy',
  orderType: 'market',
  quantity: dec('0.002'),
  price: null,
  timeInForce: null,
  isReduceOnly: false,
  closesPosition: false,
};
const aStop: SubmitOrder = {
  ...aMarketOrder,
  clientOrderId: 'q1-01JQZX5A3V8W9Y7B6C4D2E1F0G-S0',
  side: 'sell',
  orderType: 'stop_market',
  quantity: null,
  price: dec('60000.5'),
  closesPosition: true,
};

describe('submitParams', () => {
  it.each([
    {
      name: 'market order, asking for the result',
      command: aMarketOrder,
      path: '/fapi/v1/order',
      params: {
        symbol: 'BTCUSDT',
        side: 'BUY',
        type: 'MARKET',
        quantity: '0.002',
        newClientOrderId: aMarketOrder.clientOrderId,
        newOrderRespType: 'RESULT',
      },
    },
    {
      name: 'limit order, immediate or cancel',
      command: { ...aMarketOrder, orderType: 'limit' as const, price: dec('0.00000012'), timeInForce: 'ioc' as const },
      path: '/fapi/v1/order',
      params: {
        symbol: 'BTCUSDT',
        side: 'BUY',
        type: 'LIMIT',
        quantity: '0.002',
        price: '0.00000012',
        timeInForce: 'IOC',
        newClientOrderId: aMarketOrder.clientOrderId,
        newOrderRespType: 'RESULT',
      },
    },
    {
      name: 'stop that closes the position: no quantity, no reduceOnly, our id as clientAlgoId',
      command: aStop,
      path: '/fapi/v1/algoOrder',
      params: {
        algoType: 'CONDITIONAL',
        symbol: 'BTCUSDT',
        side: 'SELL',
        type: 'STOP_MARKET',
        triggerPrice: '60000.5',
        closePosition: 'true',
        clientAlgoId: aStop.clientOrderId,
      },
    },
    {
      name: 'target with a quantity, reduce-only',
      command: {
        ...aStop,
        orderType: 'take_profit_market' as const,
        quantity: dec(1),
        closesPosition: false,
        isReduceOnly: true,
      },
      path: '/fapi/v1/algoOrder',
      params: {
        algoType: 'CONDITIONAL',
        symbol: 'BTCUSDT',
        side: 'SELL',
        type: 'TAKE_PROFIT_MARKET',
        quantity: '1',
        reduceOnly: 'true',
        triggerPrice: '60000.5',
        clientAlgoId: aStop.clientOrderId,
      },
    },
  ])('$name', ({ command, path, params }) => {
    expect(submitParams(command)).toEqual({ path, params });
  });

  it.each([
    { name: 'an id over 36 characters', broken: { clientOrderId: 'x'.repeat(37) } },
    { name: 'an id with illegal characters', broken: { clientOrderId: 'a b' } },
    { name: 'a market order with a price', broken: { price: dec(1) } },
    { name: 'a limit order without a time in force', broken: { orderType: 'limit' as const, price: dec(1) } },
    { name: 'no quantity', broken: { quantity: null } },
    { name: 'a market order that closes the position', broken: { closesPosition: true, quantity: null } },
    { name: 'closesPosition beside reduceOnly', broken: { ...aStop, isReduceOnly: true } },
  ])('stops on $name', ({ broken }) => {
    expect(() => submitParams({ ...aMarketOrder, ...broken })).toThrow(InvariantError);
  });
});
