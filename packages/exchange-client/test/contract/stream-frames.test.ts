import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Candle } from '@qt/contracts';
import { MarketClock, sum } from '@qt/kernel';
import { realPayloads } from '@qt/testing';
import { marketFrameReader, marketStreamPath } from '../../src/market-frames.ts';
import type { UserStreamHandlers } from '../../src/port.ts';
import { userFrameReader } from '../../src/user-frames.ts';

/** Lines of a recorded payload file. */
const recorded = (path: string): readonly string[] => readFileSync(realPayloads(path), 'utf8').trim().split('\n');

type OrderUpdate = Parameters<UserStreamHandlers['onOrder']>[0];

const aUserReader = () => {
  const marketClock = new MarketClock();
  const orders: OrderUpdate[] = [];
  const others: string[] = [];
  const clockAtOrder: number[] = [];
  const echoes: string[] = [];
  const read = userFrameReader({
    marketClock,
    onEcho: (id) => echoes.push(id),
    onKeyExpired: () => others.push('expired'),
    handlers: {
      onOrder: (update) => {
        orders.push(update);
        clockAtOrder.push(marketClock.nowMs());
      },
      onAccount: ({ reason }) => others.push(`account ${reason}`),
      onSetupChanged: ({ symbol, what }) => others.push(`setup ${symbol} ${what}`),
      onOpened: () => undefined,
      onLost: () => undefined,
    },
  });
  return { read, orders, others, clockAtOrder, echoes, marketClock };
};

describe('userFrameReader', () => {
  it('reads a recorded session: two orders, two fills, the venue order id kept exact', () => {
    const { read, orders, clockAtOrder, others } = aUserReader();
    for (const line of recorded('user_stream/user_stream_U1_BTCUSDT_2024-11-18.jsonl')) read(line);
    expect(orders.map(({ order }) => order.state)).toEqual(['accepted', 'filled', 'accepted', 'filled']);
    const fills = orders.flatMap(({ fill }) => (fill === null ? [] : [fill]));
    expect(fills.map((fill) => [fill.venueFillId, fill.side, fill.price.toFixed(), fill.fee.toFixed()])).toEqual([
      ['5612428004', 'buy', '91739.9', '0.0917399'],
      ['5612520599', 'sell', '90853.2', '0.0908532'],
    ]);
    expect(sum(fills.map((fill) => fill.realizedPnlUsdt)).toFixed()).toBe('-1.7734');
    expect(clockAtOrder).toEqual([1731954087444, 1731954087444, 1731955175166, 1731955175166]);
    expect(others).toEqual([]); // the account updates were caused by the orders
  });

  it.each([
    'user_stream/user_stream_U4_TRXUSDT_2021-06-04_bracket.jsonl',
    'transcribed/user_stream_U2_ETHUSDC_2026-04-21.jsonl',
    'transcribed/user_stream_U3_ALGO_UPDATE_2026-09-19.jsonl',
    'transcribed/user_stream_U5_ETHBUSD_2022-01-26.jsonl',
  ])('reads every line of %s', (path) => {
    const { read } = aUserReader();
    for (const line of recorded(path)) if (line.startsWith('{"e"')) read(line);
  });

  it('links a triggered conditional order to the order it became', () => {
    const { read, orders, echoes } = aUserReader();
    const o = {
      caid: 'q1-S0',
      aid: 1,
      o: 'STOP_MARKET',
      s: 'BTCUSDT',
      S: 'SELL',
      q: '0',
      X: 'TRIGGERED',
      tp: '60000',
      cp: true,
    };
    read(`{"e":"ALGO_UPDATE","T":5,"E":6,"o":{"ai":8389765915123457001,${JSON.stringify(o).slice(1)}}`);
    read(
      JSON.stringify({
        e: 'ALGO_UPDATE',
        T: 7,
        E: 7,
        o: { ...o, X: 'REJECTED', ai: '', rm: 'Margin is insufficient.' },
      }),
    );
    expect(orders[0]?.order).toMatchObject({
      book: 'conditional',
      clientOrderId: 'q1-S0',
      actualVenueOrderId: '8389765915123457001',
      state: 'triggered',
      closesPosition: true,
    });
    expect(orders[1]).toMatchObject({
      order: { state: 'rejected', actualVenueOrderId: null },
      reason: 'Margin is insufficient.',
    });
    expect(echoes).toEqual(['q1-S0', 'q1-S0']);
  });

  it.each([
    {
      name: 'funding',
      said: 'account funding_fee',
      event: { e: 'ACCOUNT_UPDATE', E: 1, T: 1, a: { m: 'FUNDING_FEE', B: [], P: [] } },
    },
    {
      name: 'margin type',
      said: 'setup BTCUSDT margin_type',
      event: { e: 'ACCOUNT_UPDATE', E: 1, T: 1, a: { m: 'MARGIN_TYPE_CHANGE', P: [{ s: 'BTCUSDT' }] } },
    },
    {
      name: 'leverage',
      said: 'setup ETHUSDT leverage',
      event: { e: 'ACCOUNT_CONFIG_UPDATE', E: 1, T: 1, ac: { s: 'ETHUSDT', l: 25 } },
    },
    {
      name: 'multi-assets mode',
      said: 'setup null multi_assets_mode',
      event: { e: 'ACCOUNT_CONFIG_UPDATE', E: 1, T: 1, ai: { j: true } },
    },
    { name: 'margin call', said: 'account margin_call', event: { e: 'MARGIN_CALL', E: 1, cw: '3.16', p: [] } },
    {
      name: 'dead listen key, wrapped',
      said: 'expired',
      event: { stream: 'x', data: { e: 'listenKeyExpired', E: 1, listenKey: 'y' } },
    },
  ])('tells of $name', ({ event, said }) => {
    const { read, others } = aUserReader();
    read(JSON.stringify(event));
    expect(others).toEqual([said]);
  });

  it.each(['not json', '{"e":"ORDER_TRADE_UPDATE","E":1,"T":1,"o":{}}', '{"a":1}'])(
    'refuses %s with an AppError',
    (text) => {
      expect(() => aUserReader().read(text)).toThrow(expect.objectContaining({ code: 'VENUE_UNAVAILABLE' }));
    },
  );
});

describe('marketFrameReader', () => {
  const aReader = () => {
    const marketClock = new MarketClock();
    const candles: Candle[] = [];
    const marks: { symbol: string; markPrice: string; clockMs: number }[] = [];
    const read = marketFrameReader(
      {
        onCandle: (candle) => candles.push(candle),
        onMark: ({ symbol, markPrice }) =>
          marks.push({ symbol, markPrice: markPrice.toFixed(), clockMs: marketClock.nowMs() }),
        onOpened: () => undefined,
        onLost: () => undefined,
      },
      marketClock,
    );
    return { read, candles, marks, marketClock };
  };

  it('reads recorded frames, and hands on closed candles only', () => {
    const { read, candles, marketClock } = aReader();
    let closed = 0;
    for (const line of recorded('ws_market/cryptofeed_usdm_20210722.jsonl')) {
      const { raw } = JSON.parse(line) as { raw: string };
      if (!raw.includes('"e":"kline"') && !raw.includes('"e":"markPriceUpdate"')) continue;
      if (raw.includes('"x":true')) closed += 1;
      if (raw.includes('"stream"')) read(raw);
    }
    expect(candles.length).toBe(closed);
    for (const candle of candles) expect(Candle.parse(candle)).toEqual(candle);
    expect(marketClock.nowMs()).toBeGreaterThan(1_626_990_000_000);
  });

  it('moves the clock before it calls the handler', () => {
    const { read, marks } = aReader();
    read(
      '{"stream":"btcusdt@markPrice@1s","data":{"e":"markPriceUpdate","E":1654858611001,"s":"BTCUSDT","p":"29985.90000000","P":"29946.8","i":"29994.3","r":"0.00010000","T":1654876800000}}',
    );
    expect(marks).toEqual([{ symbol: 'BTCUSDT', markPrice: '29985.9', clockMs: 1654858611001 }]);
  });

  it('asks for everything on one socket', () => {
    expect(marketStreamPath(['BTCUSDT', 'ETHUSDT'], '1m')).toBe(
      '/market/stream?streams=btcusdt@kline_1m/ethusdt@kline_1m/btcusdt@markPrice@1s/ethusdt@markPrice@1s',
    );
    expect(marketStreamPath(['BTCUSDT'], null)).toBe('/market/stream?streams=btcusdt@markPrice@1s');
  });
});
