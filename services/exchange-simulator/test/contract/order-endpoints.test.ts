import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MARKET_START_MS, MINUTE_MS, SimulatorProcess } from './simulator-process.ts';

type Raw = Record<string, unknown>;
type Params = Readonly<Record<string, string | number>>;

const SYMBOL = 'BTCUSDT';

/** A venue whose order ids exceed what a JavaScript number holds: whoever reads them into one is found out. */
describe('order endpoints', () => {
  let simulator: SimulatorProcess;
  let below = '';

  const send = async <T = Raw>(method: string, path: string, params: Params = {}): Promise<T> =>
    (await simulator.signed(method, `/fapi/v1/${path}`, params)).body as T;
  const rest = (clientOrderId: string, more: Params = {}): Promise<Raw> =>
    send('POST', 'order', {
      symbol: SYMBOL,
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '0.010',
      price: below,
      newClientOrderId: clientOrderId,
      ...more,
    });
  /** Digits of the ids in an answer, as they were sent. */
  const digitsOf = (text: string): string[] => [...text.matchAll(/"orderId":(\d+)/g)].map(([, digits]) => digits ?? '');
  const namesOf = (orders: readonly Raw[]): unknown[] => orders.map(({ clientOrderId }) => clientOrderId);

  beforeAll(async () => {
    simulator = await SimulatorProcess.start({ SIM_LARGE_IDS: 'true', SIM_START_BALANCE_USDT: '1000000' });
    const { bidPrice } = (await simulator.get('/fapi/v1/ticker/bookTicker', { symbol: SYMBOL })) as {
      bidPrice: string;
    };
    below = (Number(bidPrice) * 0.96).toFixed(1);
  });
  afterAll(() => simulator.stop());

  it('take ids of nineteen digits, in lists and in items of a batch', async () => {
    await rest('large-0');
    await rest('large-1');
    const open = await simulator.signed('GET', '/fapi/v1/openOrders', { symbol: SYMBOL });
    const [first = '', second = ''] = digitsOf(open.text);
    expect(first).toHaveLength(19);
    // Digits alone, as clients of other languages write them.
    const change = `[{"symbol":"${SYMBOL}","side":"BUY","orderId":${first},"quantity":"0.011","price":"${below}"}]`;
    expect(await send('PUT', 'batchOrders', { batchOrders: change })).toMatchObject([
      { clientOrderId: 'large-0', origQty: '0.011' },
    ]);
    const canceled = await send<Raw[]>('DELETE', 'batchOrders', {
      symbol: SYMBOL,
      orderIdList: `[${second},${first}]`,
    });
    expect(canceled).toMatchObject([
      { clientOrderId: 'large-1', status: 'CANCELED' },
      { clientOrderId: 'large-0', status: 'CANCELED' },
    ]);
  });

  it('an order of a batch that is refused stops none of the others, and each stands in the ledger', async () => {
    const item = { symbol: SYMBOL, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.010', price: below };
    const items = [
      { ...item, newClientOrderId: 'batch-0' },
      { ...item, newClientOrderId: 'batch-1', quantity: '0' },
      { ...item, newClientOrderId: 'batch-2', type: 'STOP', stopPrice: below },
      { ...item, newClientOrderId: 'batch-0' },
      { ...item, newClientOrderId: 'batch-4' },
    ];
    const answers = await send<Raw[]>('POST', 'batchOrders', { batchOrders: JSON.stringify(items) });
    expect(answers).toMatchObject([
      { clientOrderId: 'batch-0', status: 'NEW' },
      { code: -4003 },
      { code: -4120 },
      { code: -4116, msg: 'ClientOrderId is duplicated.' },
      { clientOrderId: 'batch-4', status: 'NEW' },
    ]);
    const rejects = simulator.ledger().filter(({ kind, path }) => kind === 'reject' && path === '/fapi/v1/batchOrders');
    expect(rejects.map(({ code }) => code)).toEqual([-4003, -4120, -4116]);
    expect(await send('DELETE', 'allOpenOrders', { symbol: SYMBOL })).toEqual({
      code: 200,
      msg: 'The operation of cancel all open order is done.',
    });
    expect(await send('GET', 'openOrders', { symbol: SYMBOL })).toEqual([]);
  });

  it('what go-binance sends empty when it is not set counts as not sent', async () => {
    const item = { symbol: SYMBOL, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.010', price: below };
    expect(await rest('empty-0', { newOrderRespType: '' })).toMatchObject({ clientOrderId: 'empty-0', status: 'NEW' });
    const batchOrders = JSON.stringify([{ ...item, newClientOrderId: 'empty-1', newOrderRespType: '' }]);
    expect(await send('POST', 'batchOrders', { batchOrders })).toMatchObject([{ clientOrderId: 'empty-1' }]);
    await send('DELETE', 'allOpenOrders', { symbol: SYMBOL });
    for (const path of ['leverageBracket', 'income', 'adlQuantile', 'symbolConfig', 'fundingRate']) {
      const all = await send('GET', path);
      expect(Array.isArray(all)).toBe(true);
      expect(await send('GET', path, { symbol: '' })).toEqual(all);
    }
    expect(await send('GET', 'forceOrders', { autoCloseType: '' })).toEqual([]);
  });

  it('two hundred orders are open on a symbol at once, not more', async () => {
    const item = { symbol: SYMBOL, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.010', price: below };
    const five = JSON.stringify([item, item, item, item, item]);
    for (let sent = 0; sent < 40; sent += 1) await send('POST', 'batchOrders', { batchOrders: five });
    expect(await send('POST', 'order', item)).toEqual({ code: -2025, msg: 'Reach max open order limit.' });
    await send('DELETE', 'allOpenOrders', { symbol: SYMBOL });
  });

  it('allOrders: from an id on, or the newest of a week', async () => {
    for (const name of ['all-0', 'all-1', 'all-2']) await rest(name);
    const reply = await simulator.signed('GET', '/fapi/v1/allOrders', { symbol: SYMBOL, limit: 3 });
    expect(namesOf(reply.body as Raw[])).toEqual(['all-0', 'all-1', 'all-2']);
    const [, second = ''] = digitsOf(reply.text);
    expect(namesOf(await send<Raw[]>('GET', 'allOrders', { symbol: SYMBOL, orderId: second }))).toEqual([
      'all-1',
      'all-2',
    ]);
    expect(await send('GET', 'allOrders', { symbol: SYMBOL, endTime: MARKET_START_MS - 1 })).toEqual([]);
    expect(
      namesOf(await send<Raw[]>('GET', 'allOrders', { symbol: SYMBOL, startTime: MARKET_START_MS, limit: 1 })),
    ).toEqual(['large-0']);
    await send('DELETE', 'allOpenOrders', { symbol: SYMBOL });
  });

  it('userTrades: of an order, from an id on, or the newest', async () => {
    for (const side of ['BUY', 'SELL', 'BUY']) {
      await send('POST', 'order', { symbol: SYMBOL, side, type: 'MARKET', quantity: '0.010' });
    }
    const reply = await simulator.signed('GET', '/fapi/v1/userTrades', { symbol: SYMBOL });
    const trades = reply.body as Raw[];
    expect(trades.map(({ side }) => side)).toEqual(['BUY', 'SELL', 'BUY']);
    const [, second = ''] = digitsOf(reply.text);
    expect(await send('GET', 'userTrades', { symbol: SYMBOL, orderId: second })).toHaveLength(1);
    expect(await send('GET', 'userTrades', { symbol: SYMBOL, fromId: Number(trades[1]?.['id']) })).toHaveLength(2);
    expect(await send('GET', 'userTrades', { symbol: SYMBOL, limit: 1 })).toMatchObject([{ id: trades[2]?.['id'] }]);
  });

  it('countdownCancelAll cancels when it runs out, not before, and orders good till a date end in between', async () => {
    const { timeMs } = await simulator.state();
    await rest('countdown');
    await rest('dated', { timeInForce: 'GTD', goodTillDate: timeMs + 11 * MINUTE_MS });
    const stateOf = async (name: string): Promise<unknown> =>
      (await send('GET', 'order', { symbol: SYMBOL, origClientOrderId: name }))['status'];
    await send('POST', 'countdownCancelAll', { symbol: SYMBOL, countdownTime: 12 * MINUTE_MS });
    await simulator.control('POST', 'advance', { untilMs: timeMs + 11.5 * MINUTE_MS });
    expect([await stateOf('countdown'), await stateOf('dated')]).toEqual(['NEW', 'EXPIRED']);
    await simulator.control('POST', 'advance', { untilMs: timeMs + 12 * MINUTE_MS });
    expect(await stateOf('countdown')).toBe('CANCELED');
  });

  it('conditional orders have lists of their own', async () => {
    const { markPrice } = (await simulator.get('/fapi/v1/premiumIndex', { symbol: SYMBOL })) as { markPrice: string };
    const at = (share: number): string => (Number(markPrice) * share).toFixed(1);
    const algo = { algoType: 'CONDITIONAL', symbol: SYMBOL, side: 'SELL', quantity: '0.010' };
    const types: Params[] = [
      { type: 'STOP', triggerPrice: at(0.9), price: at(0.89) },
      { type: 'TAKE_PROFIT', triggerPrice: at(1.1), priceMatch: 'OPPONENT_5' },
      { type: 'STOP_MARKET', triggerPrice: at(0.9), priceProtect: 'TRUE', workingType: 'MARK_PRICE' },
      { type: 'TAKE_PROFIT_MARKET', triggerPrice: at(1.1) },
      { type: 'TRAILING_STOP_MARKET', callbackRate: '10', activatePrice: at(1.1) },
    ];
    for (const [index, type] of types.entries()) {
      const placed = await send('POST', 'algoOrder', { ...algo, ...type, clientAlgoId: `list-${index}` });
      expect(placed).toMatchObject({ algoStatus: 'NEW', orderType: type['type'], clientAlgoId: `list-${index}` });
    }
    expect(await send('GET', 'openOrders', { symbol: SYMBOL })).toEqual([]);
    const open = await send<Raw[]>('GET', 'openAlgoOrders', { symbol: SYMBOL });
    expect(open.map(({ orderType }) => orderType)).toEqual(types.map(({ type }) => type));
    expect(open[1]).toMatchObject({ priceMatch: 'OPPONENT_5', price: '0.00' });
    expect(open[2]).toMatchObject({ priceProtect: true, workingType: 'MARK_PRICE' });
    expect(open[4]).toMatchObject({ callbackRate: '10.0', triggerPrice: '0.00' });
    await send('DELETE', 'algoOrder', { clientAlgoId: 'list-0' });
    const canceled = { clientAlgoId: 'list-1', code: '200', msg: 'success' };
    expect(await send('DELETE', 'algoOrder', { clientalgoid: 'list-1' })).toMatchObject(canceled);
    const digits = /"algoId":(\d+),"clientAlgoId":"list-2"/.exec(
      (await simulator.signed('GET', '/fapi/v1/openAlgoOrders', { symbol: SYMBOL })).text,
    )?.[1];
    expect(await send('DELETE', 'algoOrder', { algoid: digits ?? '' })).toMatchObject({ clientAlgoId: 'list-2' });
    expect(await send('DELETE', 'algoOpenOrders', { symbol: SYMBOL })).toMatchObject({ code: 200 });
    expect(await send('GET', 'openAlgoOrders')).toEqual([]);
    const all = await send<Raw[]>('GET', 'allAlgoOrders', { symbol: SYMBOL });
    expect(all.map(({ algoStatus }) => algoStatus)).toEqual(types.map(() => 'CANCELED'));
  });

  it('in hedge mode orders name a side, and closing ones need no reduceOnly', async () => {
    await send('POST', 'order', {
      symbol: SYMBOL,
      side: 'SELL',
      type: 'MARKET',
      quantity: '0.010',
      reduceOnly: 'true',
    });
    expect(await send('POST', 'positionSide/dual', { dualSidePosition: 'true' })).toMatchObject({ code: 200 });
    const order = { symbol: SYMBOL, type: 'MARKET', quantity: '0.010', newOrderRespType: 'RESULT' };
    expect(await send('POST', 'order', { ...order, side: 'BUY' })).toMatchObject({ code: -4061 });
    expect(await send('POST', 'order', { ...order, side: 'SELL', positionSide: 'LONG' })).toMatchObject({
      code: -2022,
    });
    expect(await send('POST', 'order', { ...order, side: 'BUY', positionSide: 'LONG' })).toMatchObject({
      status: 'FILLED',
    });
    const reducing = { ...order, side: 'SELL', positionSide: 'LONG', reduceOnly: 'true' };
    expect(await send('POST', 'order', reducing)).toEqual({
      code: -1106,
      msg: "Parameter 'reduceonly' sent when not required.",
    });
    expect(await send('POST', 'order', { ...order, side: 'SELL', positionSide: 'LONG' })).toMatchObject({
      status: 'FILLED',
    });
  });
});
