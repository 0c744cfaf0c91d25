import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Candle } from '@qt/contracts';
import { MarketClock, wallClock } from '@qt/kernel';
import { createBinanceExchange, createLocalWeightBudget, type ExchangePort } from '../../src/index.ts';
import { json, startTinyVenue, type TinyVenue } from './tiny-venue.ts';

const LISTEN_KEY = 'listen-canary-pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65';
const MARK = (timeMs: number) =>
  JSON.stringify({
    stream: 'btcusdt@markPrice@1s',
    data: { e: 'markPriceUpdate', E: timeMs, s: 'BTCUSDT', p: '60000.1', r: '0.0001', T: timeMs },
  });
const KLINE = (timeMs: number, isClosed: boolean) =>
  JSON.stringify({
    stream: 'btcusdt@kline_1m',
    data: {
      e: 'kline',
      E: timeMs,
      s: 'BTCUSDT',
      k: { t: timeMs - 60_000, i: '1m', x: isClosed, o: '1.0', h: '2', l: '1', c: '1.50', v: '7' },
    },
  });

const until = async (condition: () => boolean): Promise<void> => {
  const endMs = Date.now() + 4_000;
  while (!condition()) {
    if (Date.now() > endMs) throw new Error('the condition did not come true within 4 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

describe('streams', () => {
  let venue: TinyVenue;
  let exchange: ExchangePort;
  let marketClock: MarketClock;
  let said: string[];
  const logged: unknown[] = [];

  beforeEach(async () => {
    venue = await startTinyVenue();
    venue.script('POST /fapi/v1/listenKey', json({ listenKey: LISTEN_KEY }));
    marketClock = new MarketClock();
    said = [];
    const log = (...words: unknown[]) => void logged.push(words);
    exchange = createBinanceExchange({
      restUrl: venue.restUrl,
      wsUrl: venue.wsUrl,
      apiKey: 'key',
      apiSecret: 'secret',
      clock: wallClock,
      marketClock,
      orderDeadlineMs: 500,
      requestDeadlineMs: 500,
      recvWindowMs: 2500,
      weightBudget: createLocalWeightBudget({ clock: marketClock }),
      logger: { info: log, warn: log, error: log },
      marketSilenceMs: 400,
    });
  });
  afterEach(async () => {
    await exchange.close();
    await venue.close();
  });

  const openMarket = () =>
    exchange.openMarketStream({
      symbols: ['BTCUSDT'],
      interval: '1m',
      handlers: {
        onCandle: (candle: Candle) => void said.push(`candle ${candle.close} at ${marketClock.nowMs()}`),
        onMark: (mark) => void said.push(`mark ${mark.markPrice.toFixed()} at ${marketClock.nowMs()}`),
        onOpened: () => void said.push('opened'),
        onLost: (reason) => void said.push(`lost: ${reason}`),
      },
    });
  const openUser = () =>
    exchange.openUserStream({
      onOrder: ({ order }) => void said.push(`order ${order.clientOrderId}`),
      onAccount: () => undefined,
      onSetupChanged: () => undefined,
      onOpened: () => void said.push('opened'),
      onLost: (reason) => void said.push(`lost: ${reason}`),
    });
  const lastSocket = () => venue.sockets.at(-1)!.socket;

  it('hands every message on, clock first, before it answers a ping sent after them', async () => {
    await openMarket();
    const socket = lastSocket();
    const pong = new Promise<number>((resolve) => socket.once('pong', () => resolve(said.length)));
    for (let second = 1; second <= 200; second += 1) socket.send(MARK(second * 1000));
    socket.send(KLINE(200_500, false));
    socket.send(KLINE(201_000, true));
    socket.ping('settle');
    expect(await pong).toBe(202);
    expect(said[0]).toBe('opened');
    expect(said[1]).toBe('mark 60000.1 at 1000');
    expect(said.at(-1)).toBe('candle 1.5 at 201000');
  });

  it('reopens after a cut, and says so each time', async () => {
    const stream = await openMarket();
    lastSocket().terminate();
    await until(() => said.length >= 3);
    expect(said).toEqual(['opened', 'lost: the connection was closed', 'opened']);
    expect(stream.health().isConnected).toBe(true);
  });

  it('reopens when nothing comes, though the socket is open', async () => {
    await openMarket();
    await until(() => said.filter((word) => word === 'opened').length === 2);
    expect(said[1]).toMatch(/^lost: no message for \d+ ms$/);
  });

  it('reopens after a message it cannot read', async () => {
    await openMarket();
    lastSocket().send('{"stream":"x","data":{"e":"markPriceUpdate","E":1}}');
    await until(() => said.length >= 3);
    expect(said[1]).toMatch(/^lost: an unreadable message/);
  });

  it('asks for a new key and socket when the listen key has expired', async () => {
    await openUser();
    expect(venue.sockets[0]!.path).toBe(`/private/ws/${LISTEN_KEY}`);
    lastSocket().send(JSON.stringify({ e: 'listenKeyExpired', E: 5, listenKey: LISTEN_KEY }));
    await until(() => said.length >= 3);
    expect(said).toEqual(['opened', 'lost: the venue says that the listen key has expired', 'opened']);
    expect(venue.requests('POST /fapi/v1/listenKey').length).toBe(2);
    expect(venue.sockets.length).toBe(2);
  });

  it('stays closed once closed', async () => {
    const stream = await openMarket();
    await stream.close();
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(venue.sockets.length).toBe(1);
    expect(said).toEqual(['opened']);
    expect(stream.health().isConnected).toBe(false);
  });

  it('fails with a sentence when the stream cannot be opened', async () => {
    await venue.close();
    await expect(openMarket()).rejects.toMatchObject({ code: 'VENUE_UNAVAILABLE', retryable: true });
    venue = await startTinyVenue();
  });

  it('never shows the listen key', () => {
    expect(logged.length).toBeGreaterThan(0);
    expect(JSON.stringify(logged)).not.toContain(LISTEN_KEY);
  });
});
