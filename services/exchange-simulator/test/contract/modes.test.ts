import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { MARKET_START_MS, SimulatorProcess } from './simulator-process.ts';
import { eventually, SocketListener } from './socket-listener.ts';

const CANDLES = join(import.meta.dirname, '../../../../../shared/data/candles');
const firstCandle = ['42314.00', '42603.20', '42289.60', '42503.50', '8459.477'];

const order = (clientOrderId: string, side: 'BUY' | 'SELL') =>
  ({ symbol: 'BTCUSDT', side, type: 'MARKET', quantity: '0.010', newClientOrderId: clientOrderId }) as const;

describe('ways to run', () => {
  it('the same seed and the same requests at the same market times give the same ledger', async () => {
    const run = async (): Promise<string> => {
      const simulator = await SimulatorProcess.start({ SIM_SEED: '7' });
      try {
        for (let step = 0; step < 5; step += 1) {
          await simulator.signed('POST', '/fapi/v1/order', order(`run-E${step}`, step % 2 === 0 ? 'BUY' : 'SELL'));
          await simulator.signed('POST', '/fapi/v1/order', { ...order(`run-X${step}`, 'BUY'), reduceOnly: 'true' });
          await simulator.playCandles();
        }
        await simulator.control('POST', 'end', {});
        return JSON.stringify(simulator.ledger());
      } finally {
        await simulator.stop();
      }
    };
    const [first, second] = [await run(), await run()];
    expect(first).toBe(second);
    expect(first).toContain('"kind":"fill"');
    expect(first).toContain('"kind":"end"');
  });

  it('a market at 600x moves by itself and refuses to be pushed', async () => {
    const simulator = await SimulatorProcess.start({ SIM_SPEED: '600' });
    const socket = await SocketListener.open(
      `${simulator.socketUrl}/stream?streams=btcusdt@kline_1m/btcusdt@markPrice@1s`,
    );
    const closed = () =>
      socket.messages.filter(({ data }) => (data as { k?: { x: boolean } }).k?.x === true).map(({ data }) => data);
    try {
      await eventually(() => closed().length >= 3);
      const opens = closed().map((data) => (data as { k: { t: number } }).k.t - MARKET_START_MS);
      expect(opens.slice(0, 3)).toEqual([0, 60_000, 120_000]);
      const marks = socket.messages.filter(({ stream }) => stream === 'btcusdt@markPrice@1s');
      const seconds = marks.map(({ data }) => Math.floor((data as { E: number }).E / 1_000));
      expect(new Set(seconds).size).toBe(seconds.length);
      expect(await simulator.control('POST', 'advance', { untilMs: MARKET_START_MS + 1 })).toMatchObject({
        error: { code: 'NOT_STEPPED' },
      });
      expect((await simulator.signed('POST', '/fapi/v1/order', order('free-E0', 'BUY'))).status).toBe(200);
      const paused = await simulator.control<{ timeMs: number }>('POST', 'pause', {});
      expect((await simulator.signed('POST', '/fapi/v1/order', order('free-E1', 'SELL'))).status).toBe(200);
      expect((await simulator.state()).timeMs).toBe(paused.timeMs);
    } finally {
      socket.close();
      await simulator.stop();
    }
  });

  it('a replay of real candles ends where its files end, and the venue stays up', async () => {
    const startMs = Date.UTC(2024, 0, 1);
    const hourMs = 3_600_000;
    const simulator = await SimulatorProcess.start({
      SIM_MARKET: 'replay',
      SIM_REPLAY_FILES: `${CANDLES}/BTCUSDT_um_1h_20230101-20240630.csv.gz,${CANDLES}/ETHUSDT_um_1h_20230101-20240630.csv.gz`,
      SIM_FUNDING_FILES: `${CANDLES}/BTCUSDT_um_funding_20220101-20240630.csv.gz`,
      SIM_FROM_MS: String(startMs),
      SIM_TO_MS: String(startMs + 3 * hourMs),
    });
    try {
      const history = (await simulator.get('/fapi/v1/klines', {
        symbol: 'BTCUSDT',
        interval: '1h',
        limit: 3,
      })) as unknown[][];
      expect(history.at(-2)?.[0]).toBe(startMs - hourMs);
      await simulator.playCandles(3);
      expect(await simulator.state()).toMatchObject({
        timeMs: startMs + 3 * hourMs,
        isFinished: true,
        candlesPlayed: 3,
      });
      const played = (await simulator.get('/fapi/v1/klines', {
        symbol: 'BTCUSDT',
        interval: '1h',
        startTime: startMs,
        endTime: startMs + hourMs - 1,
      })) as unknown[][];
      // Source: the file itself, row 1704067200000.
      expect(played[0]?.slice(0, 6)).toEqual([startMs, ...firstCandle]);
      expect((await simulator.request('GET', '/ready')).status).toBe(200);
    } finally {
      await simulator.stop();
    }
  });

  it('large ids go out as raw digits and come back as the same order', async () => {
    const simulator = await SimulatorProcess.start({ SIM_LARGE_IDS: 'true' });
    try {
      const { text } = await simulator.signed('POST', '/fapi/v1/order', order('large-E0', 'BUY'));
      const orderId = /"orderId":(\d+)/.exec(text)?.[1] ?? '';
      expect(orderId.length).toBeGreaterThan(15);
      const found = await simulator.signed('GET', '/fapi/v1/order', { symbol: 'BTCUSDT', orderId });
      expect(found.body).toMatchObject({ clientOrderId: 'large-E0' });
      const rounded = String(Number(orderId) + 1_024);
      const lost = await simulator.signed('GET', '/fapi/v1/order', { symbol: 'BTCUSDT', orderId: rounded });
      expect(lost.body).toMatchObject({ code: -2013 });
    } finally {
      await simulator.stop();
    }
  });

  it('weight is counted, and refused above the limit when there is one', async () => {
    const simulator = await SimulatorProcess.start({ SIM_WEIGHT_LIMIT: '30' });
    try {
      const first = await simulator.request('GET', '/fapi/v1/ping');
      expect(first.headers.get('x-mbx-used-weight-1m')).toBe('1');
      const heavy = await simulator.request('GET', '/fapi/v1/ticker/24hr');
      expect(heavy).toMatchObject({ status: 429, body: { code: -1003 } });
      const placed = await simulator.signed('POST', '/fapi/v1/order', order('weight-E0', 'BUY'));
      expect(placed.status).toBe(429);
    } finally {
      await simulator.stop();
    }
  });

  it('names every fault of its configuration and ends with 78', async () => {
    const start = SimulatorProcess.start({ SIM_SPEED: 'fast', SIM_INTERVAL: '7m', SIM_API_KEY: 'short' });
    await expect(start).rejects.toThrow(/ended with 78[\s\S]*SIM_INTERVAL[\s\S]*SIM_SPEED[\s\S]*SIM_API_KEY/);
  });

  it('names a missing candle file', async () => {
    const start = SimulatorProcess.start({ SIM_MARKET: 'replay', SIM_REPLAY_FILES: '/nowhere/BTCUSDT_um_1h_x.csv' });
    await expect(start).rejects.toThrow(/ended with 78[\s\S]*\/nowhere\/BTCUSDT_um_1h_x\.csv/);
  });
});
