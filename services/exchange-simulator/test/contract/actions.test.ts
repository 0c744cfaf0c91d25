import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { API_KEY, SimulatorProcess } from './simulator-process.ts';
import { SocketListener } from './socket-listener.ts';

const ORDER = '/fapi/v1/order';
const SYMBOL = 'BTCUSDT';

describe('things that happen to an account without its client', () => {
  let simulator: SimulatorProcess;
  let user: SocketListener;
  let linesBefore = 0;

  beforeAll(async () => {
    simulator = await SimulatorProcess.start();
    const reply = await simulator.request('POST', '/fapi/v1/listenKey', { headers: { 'X-MBX-APIKEY': API_KEY } });
    const { listenKey } = reply.body as { listenKey: string };
    user = await SocketListener.open(`${simulator.socketUrl}/private/ws/${listenKey}`);
  });
  afterAll(async () => {
    user.close();
    await simulator.stop();
  });

  const act = async (action: object) => {
    linesBefore = simulator.ledger().length;
    user.messages.length = 0;
    return await simulator.control<{ outcome: string; facts: Record<string, unknown>; code: number }>(
      'POST',
      'actions',
      action,
    );
  };
  const signed = async <T>(method: string, path: string, params: Record<string, string> = {}): Promise<T> =>
    (await simulator.signed(method, path, { symbol: SYMBOL, ...params })).body as T;
  const place = (params: Record<string, string>) =>
    signed<{ status?: string; code?: number }>('POST', ORDER, { side: 'BUY', ...params });
  const enter = () => place({ type: 'MARKET', quantity: '0.010' });
  const amount = async (): Promise<number> =>
    Number((await signed<{ positionAmt: string }[]>('GET', '/fapi/v2/positionRisk'))[0]?.positionAmt);
  const lastPrice = async (): Promise<number> =>
    Number(((await simulator.get('/fapi/v1/ticker/price', { symbol: SYMBOL })) as { price: string }).price);
  const newKinds = (): readonly unknown[] =>
    simulator
      .ledger()
      .slice(linesBefore)
      .map(({ kind }) => kind);
  const newRecord = (kind: string): unknown =>
    simulator
      .ledger()
      .slice(linesBefore)
      .find((record) => record['kind'] === kind);

  it('set_leverage: announced as a change of configuration', async () => {
    expect(await act({ kind: 'set_leverage', symbol: SYMBOL, leverage: 7 })).toMatchObject({ outcome: 'done' });
    expect(user.ofType('ACCOUNT_CONFIG_UPDATE')).toMatchObject([{ ac: { s: SYMBOL, l: 7 } }]);
    expect(await signed('GET', '/fapi/v1/symbolConfig')).toMatchObject([{ leverage: 7 }]);
    expect(newKinds()).toEqual(['action', 'leverage']);
    expect(newRecord('action')).toMatchObject({ action: 'set_leverage', by: 'control', symbol: SYMBOL, leverage: 7 });
  });

  it('set_margin_type and set_position_mode: there when asked for', async () => {
    await act({ kind: 'set_margin_type', symbol: SYMBOL, marginType: 'ISOLATED' });
    expect(await signed('GET', '/fapi/v1/symbolConfig')).toMatchObject([{ marginType: 'ISOLATED' }]);
    await act({ kind: 'set_position_mode', hedgeMode: true });
    expect(await signed('GET', '/fapi/v1/positionSide/dual')).toEqual({ dualSidePosition: true });
    expect(await enter()).toMatchObject({ code: -4061 });
    await act({ kind: 'set_position_mode', hedgeMode: false });
    await act({ kind: 'set_margin_type', symbol: SYMBOL, marginType: 'CROSSED' });
  });

  it('what the venue refuses it refuses the website too, and says so in the ledger', async () => {
    const outcome = await act({ kind: 'set_margin_type', symbol: SYMBOL, marginType: 'CROSSED' });
    expect(outcome).toMatchObject({ outcome: 'refused', code: -4046, msg: 'No need to change margin type.' });
    expect(newKinds()).toEqual(['action', 'action_refused']);
    expect(newRecord('action_refused')).toMatchObject({ code: -4046 });
  });

  it('place_order: fills like any other, under an id of the website, and closes again', async () => {
    const outcome = await act({ kind: 'place_order', symbol: SYMBOL, side: 'SELL', quantity: '0.020' });
    expect(outcome.facts).toMatchObject({
      status: 'FILLED',
      clientOrderId: expect.stringMatching(/^web_[0-9a-z]{14}$/),
    });
    expect(user.ofType('ORDER_TRADE_UPDATE').at(-1)).toMatchObject({
      o: { c: outcome.facts['clientOrderId'], X: 'FILLED' },
    });
    expect(newRecord('order')).toMatchObject({ origin: 'control' });
    expect(await amount()).toBe(-0.02);
    expect(await act({ kind: 'close_position', symbol: SYMBOL })).toMatchObject({ facts: { status: 'FILLED' } });
    expect(await amount()).toBe(0);
  });

  it('cancel_order and cancel_all_orders: resting and conditional orders of the client are gone', async () => {
    const price = ((await lastPrice()) * 0.97).toFixed(1);
    const limit = { type: 'LIMIT', timeInForce: 'GTC', quantity: '0.010', price };
    await place({ ...limit, newClientOrderId: 'mine-1' });
    await place({ ...limit, newClientOrderId: 'mine-2' });
    await enter();
    const stop = { algoType: 'CONDITIONAL', side: 'SELL', type: 'STOP_MARKET', triggerPrice: price };
    await signed('POST', '/fapi/v1/algoOrder', { ...stop, closePosition: 'true', clientAlgoId: 'stop-1' });
    expect(await act({ kind: 'cancel_order', symbol: SYMBOL, clientOrderId: 'mine-1' })).toMatchObject({
      outcome: 'done',
    });
    expect(user.ofType('ORDER_TRADE_UPDATE')).toMatchObject([{ o: { c: 'mine-1', X: 'CANCELED' } }]);
    expect(await act({ kind: 'cancel_all_orders', symbol: SYMBOL })).toMatchObject({ facts: { orders: 1, algos: 1 } });
    expect(user.ofType('ALGO_UPDATE')).toMatchObject([{ o: { caid: 'stop-1', X: 'CANCELED' } }]);
    expect(await signed('GET', '/fapi/v1/openOrders')).toEqual([]);
    await act({ kind: 'close_position', symbol: SYMBOL });
  });

  it('cancel_algo_order: the stop is gone and the position stands bare', async () => {
    await enter();
    const triggerPrice = ((await lastPrice()) * 0.97).toFixed(1);
    const stop = { algoType: 'CONDITIONAL', side: 'SELL', type: 'STOP_MARKET', triggerPrice };
    await signed('POST', '/fapi/v1/algoOrder', { ...stop, closePosition: 'true', clientAlgoId: 'stop-2' });
    await act({ kind: 'cancel_algo_order', clientAlgoId: 'stop-2' });
    expect(await signed('GET', '/fapi/v1/openAlgoOrders')).toEqual([]);
    expect(await amount()).toBe(0.01);
    await act({ kind: 'close_position', symbol: SYMBOL });
  });

  it('deposit and withdraw: money comes and goes, with its event', async () => {
    const wallet = async (): Promise<number> =>
      Number((await signed<{ totalWalletBalance: string }>('GET', '/fapi/v2/account')).totalWalletBalance);
    const before = await wallet();
    await act({ kind: 'deposit', amount: '250.5' });
    expect(user.ofType('ACCOUNT_UPDATE')).toMatchObject([{ a: { m: 'DEPOSIT', B: [{ bc: '250.50000000' }] } }]);
    expect(await wallet()).toBeCloseTo(before + 250.5, 8);
    await act({ kind: 'withdraw', amount: '250.5' });
    expect(user.ofType('ACCOUNT_UPDATE')).toMatchObject([{ a: { m: 'WITHDRAW' } }]);
    expect(await act({ kind: 'withdraw', amount: '99999999' })).toMatchObject({ outcome: 'refused', code: -4051 });
  });

  it('liquidate: the venue takes the position over under its own id', async () => {
    await enter();
    expect(await act({ kind: 'liquidate', symbol: SYMBOL })).toMatchObject({ outcome: 'done' });
    expect(user.ofType('ORDER_TRADE_UPDATE').at(-1)).toMatchObject({
      o: { c: expect.stringMatching(/^autoclose-/), x: 'CALCULATED' },
    });
    expect(await amount()).toBe(0);
    expect(await act({ kind: 'liquidate', symbol: SYMBOL })).toMatchObject({ outcome: 'refused' });
  });

  it('deleverage: a part of the position is taken at the mark', async () => {
    await enter();
    expect(await act({ kind: 'deleverage', symbol: SYMBOL, quantity: '0.004' })).toMatchObject({ outcome: 'done' });
    expect(user.ofType('ORDER_TRADE_UPDATE').at(-1)).toMatchObject({ o: { c: 'adl_autoclose' } });
    expect(await amount()).toBe(0.006);
    await act({ kind: 'close_position', symbol: SYMBOL });
  });

  it('halt_symbol and resume_symbol: orders are refused between them', async () => {
    await act({ kind: 'halt_symbol', symbol: SYMBOL });
    expect((await enter()).code).toBeLessThan(0);
    const { symbols } = (await simulator.get('/fapi/v1/exchangeInfo')) as {
      symbols: { symbol: string; status: string }[];
    };
    expect(symbols.find(({ symbol }) => symbol === SYMBOL)?.status).not.toBe('TRADING');
    await act({ kind: 'resume_symbol', symbol: SYMBOL });
    expect((await enter()).code).toBeUndefined();
    await act({ kind: 'close_position', symbol: SYMBOL });
  });

  it('settle_symbol: the position is closed at the index and the symbol is gone', async () => {
    await enter();
    await act({ kind: 'settle_symbol', symbol: SYMBOL });
    expect(user.ofType('ORDER_TRADE_UPDATE').at(-1)).toMatchObject({
      o: { c: expect.stringMatching(/^settlement_autoclose-/), X: 'FILLED' },
    });
    expect(await amount()).toBe(0);
    expect((await enter()).code).toBeLessThan(0);
    expect(await act({ kind: 'settle_symbol', symbol: SYMBOL })).toMatchObject({ outcome: 'refused' });
  });

  it.each([
    { action: { kind: 'meteor' }, names: 'kind' },
    { action: { kind: 'set_leverage', symbol: 'DOGEUSDT', leverage: 7 }, names: 'DOGEUSDT' },
    { action: { kind: 'deposit', accountId: 'nobody', amount: '1' }, names: 'nobody' },
    { action: { kind: 'place_order', symbol: SYMBOL, side: 'BUY', type: 'LIMIT', quantity: '1' }, names: 'price' },
    { action: { kind: 'halt_symbol', symbol: SYMBOL, reason: 'x' }, names: 'reason' },
  ])('refuses $action, naming $names', async ({ action, names }) => {
    const reply = await simulator.control<{ error: { message: string } }>('POST', 'actions', action);
    expect(reply.error.message).toContain(names);
  });

  it('counts them', async () => {
    const { text } = await simulator.request('GET', '/metrics');
    expect(text).toMatch(/actions_total\{[^}]*kind="liquidate"[^}]*\} 2/);
  });
});
