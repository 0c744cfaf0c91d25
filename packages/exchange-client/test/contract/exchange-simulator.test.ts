import { afterEach, describe, expect, it } from '@jest/globals';
import { INTERVAL_MS } from '@qt/contracts';
import { dec, floorToStep, MarketClock, wallClock } from '@qt/kernel';
import { eventually, type RunningSimulator, silentLogger, startSimulator } from '@qt/testing';
import {
  type BinanceExchangeOptions,
  createBinanceExchange,
  createLocalWeightBudget,
  type ExchangePort,
  type SubmitOrder,
} from '../../src/index.ts';
import { type ConformanceVenue, describeExchangePort } from './exchange-port.conformance.ts';

const SYMBOL = 'BTCUSDT';
const INTERVAL = '1m';
const START_MS = 1_720_000_020_000; // on a full minute
const ORDER_DEADLINE_MS = 700;

const exchangeAt = (simulator: RunningSimulator, options: Partial<BinanceExchangeOptions> = {}): ExchangePort => {
  const marketClock = new MarketClock();
  return createBinanceExchange({
    restUrl: simulator.restUrl,
    wsUrl: simulator.wsUrl,
    apiKey: simulator.apiKey,
    apiSecret: simulator.apiSecret,
    clock: wallClock,
    marketClock,
    orderDeadlineMs: ORDER_DEADLINE_MS,
    requestDeadlineMs: 5_000,
    recvWindowMs: 2_500,
    weightBudget: createLocalWeightBudget({ clock: options.marketClock === null ? wallClock : marketClock }),
    logger: silentLogger,
    ...options,
  });
};

const steppedSimulator = (env: Readonly<Record<string, string>> = {}): Promise<RunningSimulator> =>
  startSimulator({
    env: { SIM_SPEED: 'stepped', SIM_SYMBOLS: SYMBOL, SIM_INTERVAL: INTERVAL, SIM_START_MS: String(START_MS), ...env },
  });

const conformanceVenue = (env: Readonly<Record<string, string>>) => async (): Promise<ConformanceVenue> => {
  const simulator = await steppedSimulator(env);
  const exchange = exchangeAt(simulator);
  return {
    exchange,
    symbol: SYMBOL,
    interval: INTERVAL,
    playCandle: async () => {
      const { nextCloseMs, timeMs } = await simulator.control.state();
      await simulator.control.advance(nextCloseMs ?? timeMs + INTERVAL_MS[INTERVAL]);
      await simulator.control.close();
    },
    stop: () => simulator.stop(),
  };
};

describeExchangePort('Binance adapter on the simulator', conformanceVenue({}));
describeExchangePort('Binance adapter on the simulator, ids beyond 2^53', conformanceVenue({ SIM_LARGE_IDS: 'true' }));

describe('the Binance adapter when the venue misbehaves', () => {
  const open: { stop(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of open.splice(0).toReversed()) await one.stop();
  });

  const start = async (env: Readonly<Record<string, string>> = {}, options: Partial<BinanceExchangeOptions> = {}) => {
    const simulator = await steppedSimulator(env);
    open.push({ stop: () => simulator.stop() });
    const exchange = exchangeAt(simulator, options);
    open.push({ stop: () => exchange.close() });
    return { simulator, exchange };
  };
  const anOrder = (clientOrderId: string): SubmitOrder => ({
    clientOrderId,
    symbol: SYMBOL,
    side: 'buy',
    orderType: 'market',
    quantity: dec('0.01'),
    price: null,
    timeInForce: null,
    isReduceOnly: false,
    closesPosition: false,
  });
  const refOf = (clientOrderId: string) => ({ symbol: SYMBOL, book: 'plain', clientOrderId }) as const;

  it('calls an order unknown whenever it may exist, and a look-up then settles it', async () => {
    const { simulator, exchange } = await start();
    const faults = [
      { id: 'drop', kind: 'drop_reply', isPlaced: true },
      { id: 'timeout-executed', kind: 'error_1007', executes: true, isPlaced: true },
      { id: 'timeout-not-executed', kind: 'error_1007', executes: false, isPlaced: false },
      { id: '503-executed', kind: 'error_503', executes: true, isPlaced: true },
      { id: '503-not-executed', kind: 'error_503', executes: false, isPlaced: false },
    ] as const;
    for (const { isPlaced, ...fault } of faults) {
      await simulator.control.addFault({ ...fault, method: 'POST', path: '/fapi/v1/order', times: 1 });
      const clientOrderId = `q1-${fault.id}-E0`;
      expect([fault.id, (await exchange.submit(anOrder(clientOrderId))).kind]).toEqual([fault.id, 'unknown']);
      expect([fault.id, (await exchange.order(refOf(clientOrderId))).kind]).toEqual([
        fault.id,
        isPlaced ? 'found' : 'not_found',
      ]);
    }
    const { fills } = await simulator.control.state();
    const positions = await exchange.positions();
    expect(positions.map(({ signedQuantity }) => signedQuantity.toFixed())).toEqual(['0.03']);
    expect(fills).toBeGreaterThan(0);
  });

  it('calls an order unknown when the connection is cut, and a stop when its confirmation is lost, after one send each', async () => {
    const { simulator, exchange } = await start();
    expect((await exchange.submit(anOrder('q1-cut-E0'))).kind).toBe('placed');
    await simulator.control.addFault({ kind: 'reset', method: 'POST', path: '/fapi/v1/order', times: 1 });
    expect((await exchange.submit(anOrder('q1-cut-E1'))).kind).toBe('unknown');
    await simulator.control.addFault({ kind: 'drop_reply', method: 'POST', path: '/fapi/v1/algoOrder', times: 1 });
    const [position] = await exchange.positions();
    const stop: SubmitOrder = {
      ...anOrder('q1-cut-S0'),
      side: 'sell',
      orderType: 'stop_market',
      quantity: null,
      price: floorToStep(position?.markPrice.times('0.9') ?? dec(0), dec('0.1')),
      closesPosition: true,
    };
    expect((await exchange.submit(stop)).kind).toBe('unknown');
    expect((await exchange.openOrders()).map(({ clientOrderId }) => clientOrderId)).toEqual(['q1-cut-S0']);
  });

  it('reopens a market stream that has gone silent', async () => {
    const { simulator, exchange } = await start({}, { marketSilenceMs: 300 });
    await simulator.control.addFault({ kind: 'silent_socket', path: '/market', times: 1 });
    const said: string[] = [];
    await exchange.openMarketStream({
      symbols: [SYMBOL],
      interval: INTERVAL,
      handlers: {
        onCandle: () => undefined,
        onMark: () => undefined,
        onOpened: () => void said.push('opened'),
        onLost: (reason) => void said.push(reason),
      },
    });
    await eventually(() => said.filter((word) => word === 'opened').length >= 2);
    expect(said[1]).toMatch(/no message for/);
  });

  it('trades although its clock is 5 s slow, or the venue has jumped 5 s since it was measured', async () => {
    const shift = { ms: 5_000 };
    const clock = { nowMs: () => Date.now() - shift.ms };
    const env = { SIM_SPEED: '1', SIM_START_MS: String(Math.floor(Date.now() / 60_000) * 60_000) };
    const { exchange } = await start(env, { clock, marketClock: null });
    expect((await exchange.submit(anOrder('q1-slow-E0'))).kind).toBe('placed');
    shift.ms = 10_000; // after the measurement: the venue refuses the stamp with -1021, then it is measured anew
    expect((await exchange.submit(anOrder('q1-slow-E1'))).kind).toBe('placed');
  });

  it('trades on a market that runs sixty times as fast, by the clock of its streams', async () => {
    const { exchange } = await start({ SIM_SPEED: '60' });
    const times: number[] = [];
    await exchange.openMarketStream({
      symbols: [SYMBOL],
      interval: INTERVAL,
      handlers: {
        onCandle: () => undefined,
        onMark: () => void times.push(exchange.nowMs()),
        onOpened: () => undefined,
        onLost: () => undefined,
      },
    });
    for (const attempt of [0, 1, 2, 3, 4]) {
      expect((await exchange.submit(anOrder(`q1-fast-E${attempt}`))).kind).toBe('placed');
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    await eventually(() => times.length > 2);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it('says that a wrong key is a matter of identity', async () => {
    const { exchange } = await start({}, { apiSecret: 'not the secret of this venue' });
    expect(await exchange.submit(anOrder('q1-key-E0'))).toMatchObject({
      kind: 'not_placed',
      reason: 'identity',
      venueCode: -1022,
    });
    await expect(exchange.account()).rejects.toMatchObject({ code: 'VENUE_IDENTITY', retryable: false });
  });
});
