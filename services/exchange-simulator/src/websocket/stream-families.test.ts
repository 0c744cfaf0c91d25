import { describe, expect, it } from '@jest/globals';
import { aMarket, type CandleRow, START_MS } from '../../test/venue-builders.ts';
import { StreamPayloads } from '../answers/stream-payloads.ts';
import { fixed } from '../domain/fixed.ts';
import type { LiquidationEvent, OrderView, SymbolSpec } from '../domain/venue-types.ts';
import { Venue } from '../domain/venue.ts';
import { BookTickerStreams } from './book-ticker-streams.ts';
import { CandleStreams } from './candle-streams.ts';
import { DepthStreams } from './depth-streams.ts';
import { LiquidationStreams } from './liquidation-streams.ts';
import { MarkStreams } from './mark-streams.ts';
import type { StreamFamily, StreamFamilyDeps } from './stream-family.ts';
import { TickerStreams } from './ticker-streams.ts';
import { TradeStreams } from './trade-streams.ts';

const SECOND_MS = 1_000;
const TICK_MS = 50;

const ROWS: readonly CandleRow[] = [
  ['100', '104', '97', '101'],
  ['101', '110', '100', '108'],
  ['108', '109', '96', '99'],
];

interface Heard {
  readonly stream: string;
  readonly atMs: number;
  readonly payload: unknown;
}

type Family = new (deps: StreamFamilyDeps & { interval: string; intervalMs: number }) => StreamFamily;

/** A market that moves by itself, tick by tick, and what one family says of it for the streams asked for. */
const listen = (family: Family, streams: readonly string[], seconds: number): readonly Heard[] => {
  const market = aMarket({ ETHUSDT: ROWS });
  const venue = new Venue({ seed: 3, market, speed: '1', ledger: () => {} });
  const heard: Heard[] = [];
  const specOf = (symbol: string): SymbolSpec => venue.spec(symbol) as SymbolSpec;
  const one = new family({
    venue,
    outlet: {
      publish: (stream, payload) => heard.push({ stream, atMs: venue.nowMs, payload: JSON.parse(payload) }),
    },
    payloads: new StreamPayloads(specOf),
    isStepped: false,
    interval: market.interval,
    intervalMs: market.intervalMs,
  });
  for (const stream of streams) one.attend(stream, true);
  for (let elapsedMs = TICK_MS; elapsedMs <= seconds * SECOND_MS; elapsedMs += TICK_MS) {
    venue.advance(START_MS + elapsedMs);
    venue.closeCandles();
    one.publishMoment(venue.nowMs);
  }
  return heard;
};

/** The most messages of a stream within one stretch of its speed. */
const mostWithin = (everyMs: number, heard: readonly Heard[]): number => {
  const byStretch = Map.groupBy(heard, ({ atMs }) => Math.floor(atMs / everyMs));
  return Math.max(...[...byStretch.values()].map(({ length }) => length));
};

describe('no stream is faster than its speed', () => {
  it.each<{ name: string; family: Family; stream: string; everyMs: number; least: number }>([
    { name: 'marks', family: MarkStreams, stream: 'ethusdt@markPrice@1s', everyMs: SECOND_MS, least: 12 },
    { name: 'slow marks', family: MarkStreams, stream: 'ethusdt@markPrice', everyMs: 3 * SECOND_MS, least: 4 },
    { name: 'all marks', family: MarkStreams, stream: '!markPrice@arr@1s', everyMs: SECOND_MS, least: 12 },
    { name: 'candles', family: CandleStreams, stream: 'ethusdt@kline_1m', everyMs: 250, least: 20 },
    { name: 'tickers', family: TickerStreams, stream: 'ethusdt@ticker', everyMs: 2 * SECOND_MS, least: 4 },
    { name: 'all tickers', family: TickerStreams, stream: '!ticker@arr', everyMs: SECOND_MS, least: 8 },
    { name: 'fast changes', family: DepthStreams, stream: 'ethusdt@depth@100ms', everyMs: 100, least: 60 },
    { name: 'changes', family: DepthStreams, stream: 'ethusdt@depth', everyMs: 250, least: 30 },
    { name: 'slow changes', family: DepthStreams, stream: 'ethusdt@depth@500ms', everyMs: 500, least: 20 },
    { name: 'the top', family: DepthStreams, stream: 'ethusdt@depth5@500ms', everyMs: 500, least: 20 },
  ])('$name: $stream', ({ family, stream, everyMs, least }) => {
    const heard = listen(family, [stream], 12);
    expect(heard.length).toBeGreaterThanOrEqual(least);
    expect(mostWithin(everyMs, heard)).toBe(1);
  });

  it('best prices of all come every 5 seconds, of one symbol whenever they change', () => {
    const heard = listen(BookTickerStreams, ['!bookTicker', 'ethusdt@bookTicker'], 12);
    const all = heard.filter(({ stream }) => stream === '!bookTicker');
    expect([all.length, mostWithin(5 * SECOND_MS, all)]).toEqual([3, 1]);
    const prices = heard
      .filter(({ stream }) => stream === 'ethusdt@bookTicker')
      .map(({ payload }) => {
        const { b, B, a, A } = payload as Record<string, string>;
        return [b, B, a, A].join(' ');
      });
    expect(prices.length).toBeGreaterThan(all.length);
    expect(prices.every((text, index) => text !== prices[index - 1])).toBe(true);
  });
});

describe('trades', () => {
  it('come one by one and in aggregates, each once, in order', () => {
    const heard = listen(TradeStreams, ['ethusdt@trade', 'ethusdt@aggTrade'], 120);
    const idsOf = (stream: string, field: string): readonly number[] =>
      heard
        .filter((one) => one.stream === stream)
        .map(({ payload }) => (payload as Record<string, number>)[field] ?? 0);
    const single = idsOf('ethusdt@trade', 't');
    expect(single.length).toBeGreaterThan(10);
    expect(idsOf('ethusdt@aggTrade', 'f')).toEqual(single);
    expect(single).toEqual(single.toSorted((left, right) => left - right));
  });
});

describe('candles', () => {
  it('end closed, each once, in streams of symbol and pair', () => {
    const streams = ['ethusdt@kline_1m', 'ethusdt_perpetual@continuousKline_1m', 'ethusdt@kline_3m'];
    const heard = listen(CandleStreams, streams, 180);
    const closed = heard.filter(({ payload }) => (payload as { k: { x: boolean } }).k.x);
    const opens = (stream: string): readonly number[] =>
      closed
        .filter((one) => one.stream === stream)
        .map(({ payload }) => (payload as { k: { t: number } }).k.t - START_MS);
    expect(streams.map(opens)).toEqual([[0, 60_000, 120_000], [0, 60_000, 120_000], [0]]);
  });

  it.each(['ETHUSDT@kline_1m', 'ethusdt@kline_7m', 'nopeusdt@kline_1m', 'ethusdt_perpetual@kline_1m'])(
    'there is nothing on %s',
    (stream) => {
      expect(listen(CandleStreams, [stream], 60)).toEqual([]);
    },
  );
});

describe('liquidations', () => {
  const aTakeover = (symbol: string, quantity: string): LiquidationEvent => ({
    timeMs: START_MS,
    order: {
      symbol,
      side: 'SELL',
      status: 'FILLED',
      quantity: fixed(quantity),
      executedQuantity: fixed(quantity),
      price: fixed('99.5'),
      averagePrice: fixed('99.75'),
      updatedMs: START_MS,
    } as OrderView,
  });

  it('are shown as the largest of a symbol within a second', () => {
    const market = aMarket({ ETHUSDT: ROWS, BTCUSDT: ROWS });
    const venue = new Venue({ seed: 3, market, speed: '1', ledger: () => {} });
    const told: ((event: LiquidationEvent) => void)[] = [];
    const heard: string[] = [];
    const streams = new LiquidationStreams({
      // The venue as it is, but for takeovers, which the test makes.
      venue: Object.assign(Object.create(venue) as Venue, {
        spec: (symbol: string) => venue.spec(symbol),
        on: (_kind: string, listener: (event: LiquidationEvent) => void) => {
          told.push(listener);
          return () => told.splice(0);
        },
      }),
      outlet: {
        publish: (stream, payload) => {
          const { o } = JSON.parse(payload) as { o: { s: string; q: string; p: string; ap: string } };
          heard.push(`${stream} ${o.s} ${o.q} ${o.p} ${o.ap}`);
        },
      },
      payloads: new StreamPayloads((symbol) => venue.spec(symbol) as SymbolSpec),
      isStepped: false,
    });
    streams.attend('ethusdt@forceOrder', true);
    streams.attend('!forceOrder@arr', true);
    const tell = (event: LiquidationEvent): void => told.forEach((listener) => listener(event));
    for (const quantity of ['1', '3', '2']) tell(aTakeover('ETHUSDT', quantity));
    streams.publishMoment(START_MS);
    tell(aTakeover('ETHUSDT', '4'));
    tell(aTakeover('BTCUSDT', '5'));
    streams.publishMoment(START_MS + 999);
    streams.publishMoment(START_MS + 1_000);
    streams.attend('ethusdt@forceOrder', false);
    streams.attend('!forceOrder@arr', false);
    expect(told).toEqual([]);
    expect(heard).toEqual([
      'ethusdt@forceOrder ETHUSDT 3.000 99.50 99.75',
      '!forceOrder@arr ETHUSDT 3.000 99.50 99.75',
      'ethusdt@forceOrder ETHUSDT 4.000 99.50 99.75',
      '!forceOrder@arr ETHUSDT 4.000 99.50 99.75',
      '!forceOrder@arr BTCUSDT 5.000 99.50 99.75',
    ]);
  });
});
