import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seededRandom } from '@qt/kernel';
import { type DepthSnapshot, LocalBook } from './local-book.ts';
import { shapeDifferences } from './payload-shape.ts';
import { documentedMessage, recordedJson, recordedLines } from './recorded-payloads.ts';
import { SimulatorProcess } from './simulator-process.ts';
import { eventually, SocketListener } from './socket-listener.ts';

const SYMBOL = 'BTCUSDT';
const STEPS = 80;
/** A step takes some requests, and the machine may do other things. */
const STEPS_LIMIT_MS = 120_000;
const TICK = 0.1;

type Raw = Record<string, unknown>;

/** Orders of all sorts near the best prices, some of them taken back: one of them before each step of the market. */
class Crowd {
  readonly #simulator: SimulatorProcess;
  readonly #random = seededRandom(11);
  readonly #open: number[] = [];

  constructor(simulator: SimulatorProcess) {
    this.#simulator = simulator;
  }

  async act(): Promise<void> {
    const roll = this.#random();
    if (roll < 0.25 && this.#open.length > 0) {
      const [orderId = 0] = this.#open.splice(Math.floor(this.#random() * this.#open.length), 1);
      await this.#simulator.signed('DELETE', '/fapi/v1/order', { symbol: SYMBOL, orderId });
      return;
    }
    const side = this.#random() < 0.5 ? 'BUY' : 'SELL';
    const quantity = (0.002 + Math.floor(this.#random() * 40) / 1_000).toFixed(3);
    if (roll < 0.5) {
      await this.#place({ side, type: 'MARKET', quantity });
      return;
    }
    const { bidPrice, askPrice } = (await this.#simulator.get('/fapi/v1/ticker/bookTicker', { symbol: SYMBOL })) as {
      bidPrice: string;
      askPrice: string;
    };
    const away = Math.floor(this.#random() * 60) * TICK;
    const price = side === 'BUY' ? Number(bidPrice) + TICK - away : Number(askPrice) - TICK + away;
    await this.#place({ side, type: 'LIMIT', timeInForce: 'GTC', quantity, price: price.toFixed(1) });
  }

  async #place(order: Readonly<Record<string, string>>): Promise<void> {
    const { body } = await this.#simulator.signed('POST', '/fapi/v1/order', { symbol: SYMBOL, ...order });
    const { orderId, status } = body as { orderId?: number; status?: string };
    if (orderId !== undefined && status === 'NEW') this.#open.push(orderId);
  }
}

describe('the book from the streams is the book of the REST answer', () => {
  let simulator: SimulatorProcess;
  let socket: SocketListener;
  const streams = ['depth', 'depth@100ms', 'depth@500ms', 'depth5', 'depth20@100ms'].map((kind) => `btcusdt@${kind}`);

  beforeAll(async () => {
    simulator = await SimulatorProcess.start({ SIM_START_BALANCE_USDT: '1000000' });
    socket = await SocketListener.open(`${simulator.socketUrl}/public/stream?streams=${streams.join('/')}`);
  });
  afterAll(async () => {
    socket.close();
    await simulator.stop();
  });

  const snapshot = async (limit: number): Promise<DepthSnapshot> =>
    (await simulator.get('/fapi/v1/depth', { symbol: SYMBOL, limit })) as DepthSnapshot;

  it(
    `at every one of ${STEPS} steps with orders in between, joined at any step`,
    async () => {
      const random = seededRandom(5);
      const crowd = new Crowd(simulator);
      const books = new Map(streams.slice(0, 3).map((stream) => [stream, new LocalBook()]));
      /** One that joins late, by a snapshot of a market that stands still. */
      const late = new LocalBook();
      let heard = 0;
      const takeIn = (): void => {
        for (; heard < socket.messages.length; heard += 1) {
          const { stream, data } = socket.messages[heard] as { stream: string; data: unknown };
          books.get(stream)?.hear(data);
          if (stream === 'btcusdt@depth@100ms') late.hear(data);
        }
      };
      for (let step = 0; step < STEPS; step += 1) {
        await crowd.act();
        if (step === 3) for (const book of books.values()) book.begin(await snapshot(1_000));
        const { timeMs, nextCloseMs } = await simulator.state();
        await simulator.control('POST', 'advance', {
          untilMs: Math.min(timeMs + 1 + Math.floor(random() * 4_000), nextCloseMs),
        });
        if (step % 20 === 19) await simulator.control('POST', 'close', {});
        takeIn();
        if (step < 3) continue;
        const answer = await snapshot(1_000);
        if (step === 40) late.begin(answer);
        const kept = step < 40 ? [...books.values()] : [...books.values(), late];
        expect(kept.map((book) => book.differenceFrom(answer))).toEqual(kept.map(() => null));
      }
      expect([...books.values()].map(({ applied }) => applied > STEPS / 2)).toEqual([true, true, true]);
    },
    STEPS_LIMIT_MS,
  );

  it('the partial streams show the top of it', async () => {
    await new Crowd(simulator).act();
    await simulator.playCandles();
    for (const [stream, limit] of [
      ['btcusdt@depth5', 5],
      ['btcusdt@depth20@100ms', 20],
    ] as const) {
      const last = socket.messages.findLast((message) => message['stream'] === stream)?.['data'] as Raw;
      const { bids, asks, lastUpdateId } = await snapshot(limit);
      expect({ b: last['b'], a: last['a'] }).toEqual({ b: bids, a: asks });
      expect(Number(last['u'])).toBeLessThanOrEqual(lastUpdateId);
    }
  });

  it('the messages have the shape of the recordings', () => {
    const lines = recordedLines<{ raw: string }>('ws_market/cryptofeed_usdm_20210722.jsonl').map(({ raw }) => raw);
    const recorded = JSON.parse(lines.find((raw) => raw.includes('depthUpdate')) ?? '{}') as Raw;
    const find = (stream: string): unknown =>
      socket.messages.find(({ stream: name, data }) => {
        const { b, a } = data as { b: unknown[]; a: unknown[] };
        return name === stream && b.length > 0 && a.length > 0;
      })?.['data'];
    const collected = (name: string): unknown =>
      recordedJson(`fixtures_doc_shaped/nautilus/ws_messages/ws_futures_${name}.json`);
    // Marks of tradable stocks, seen in one collection only.
    const except = ['$.st', '$.ps'];
    for (const recording of [
      recorded['data'],
      (documentedMessage('Book') as Raw)['data'],
      collected('depth_diff_update'),
    ]) {
      expect(shapeDifferences(recording, find('btcusdt@depth'), { except })).toEqual([]);
    }
    for (const recording of [(documentedMessage('PartialBook') as Raw)['data'], collected('depth_update')]) {
      expect(shapeDifferences(recording, find('btcusdt@depth5'), { except })).toEqual([]);
    }
  });
});

describe('a book in a market that runs by itself', () => {
  it('can be joined and kept while orders come in', async () => {
    const simulator = await SimulatorProcess.start({ SIM_SPEED: '20', SIM_START_BALANCE_USDT: '1000000' });
    const socket = await SocketListener.open(`${simulator.socketUrl}/public/ws/btcusdt@depth@100ms`);
    try {
      const book = new LocalBook();
      let heard = 0;
      const takeIn = (): void => {
        for (; heard < socket.messages.length; heard += 1) book.hear(socket.messages[heard]);
      };
      await eventually(() => socket.messages.length > 2);
      takeIn();
      book.begin((await simulator.get('/fapi/v1/depth', { symbol: SYMBOL, limit: 1_000 })) as DepthSnapshot);
      const crowd = new Crowd(simulator);
      for (let order = 0; order < 30; order += 1) {
        await crowd.act();
        takeIn();
      }
      await eventually(() => {
        takeIn();
        return book.applied > 20;
      });
      // The market moves between an answer and the event for it, but not always.
      await eventually(async () => {
        const answer = (await simulator.get('/fapi/v1/depth', { symbol: SYMBOL, limit: 1_000 })) as DepthSnapshot;
        takeIn();
        return book.differenceFrom(answer) === null;
      });
    } finally {
      socket.close();
      await simulator.stop();
    }
  });
});
