import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ACCOUNT } from '../../test/venue-builders.ts';
import { CandleSeries } from './candle-series.ts';
import { fixed } from './fixed.ts';
import { createReplayMarket } from './replay-market.ts';
import type { LedgerRecord, MarketSource, PriceKind, TradePoint } from './venue-types.ts';
import { Venue } from './venue.ts';

const SYMBOLS = ['ETHUSDT', 'SOLUSDT'] as const;
const KINDS: readonly PriceKind[] = ['last', 'mark', 'index', 'premium'];
/** 2023-12-31 20:00 UTC: a funding hour is crossed on the way. */
const START_MS = 1_704_052_800_000;
const CANDLES = 40;
const HISTORY = 8;

interface CandleMove {
  readonly move: number;
  readonly up: number;
  readonly down: number;
  /** Hundredths of the symbol's quantity steps: some candles trade next to nothing, or less than a step. */
  readonly volume: number;
  readonly isMissing: boolean;
}

const moves = fc.array(
  fc.record({
    move: fc.integer({ min: -60, max: 60 }),
    up: fc.integer({ min: 0, max: 80 }),
    down: fc.integer({ min: 0, max: 80 }),
    volume: fc.oneof(fc.integer({ min: 0, max: 1_500 }), fc.integer({ min: 0, max: 300_000_000 })),
    isMissing: fc.boolean(),
  }),
  { minLength: CANDLES, maxLength: CANDLES },
);

const seriesOf = (symbol: string, rows: readonly CandleMove[], intervalMs: number): CandleSeries => {
  const interval = intervalMs === 60_000 ? '1m' : '1h';
  const series = new CandleSeries({ symbol, interval, intervalMs });
  let price = 200_000;
  rows.forEach(({ move, up, down, volume, isMissing }, index) => {
    const close = Math.max(price + move, 10_000);
    const cents = (value: number): bigint => BigInt(value) * 1_000_000n;
    const candle = {
      openTimeMs: START_MS + (index - HISTORY) * intervalMs,
      open: cents(price),
      high: cents(Math.max(price, close) + up),
      low: cents(Math.min(price, close) - down),
      close: cents(close),
      volume: BigInt(volume) * 1_000n,
    };
    price = close + Math.trunc(move / 8);
    // First and last stay, so that the span is the same for all.
    if (!isMissing || index === 0 || index === CANDLES - 1 || index % 3 > 0) series.push(candle);
  });
  return series;
};

const markets = fc
  .tuple(moves, moves, fc.constantFrom(60_000, 3_600_000))
  .map(([eth, sol, intervalMs]) => (): MarketSource => {
    const series = [seriesOf('ETHUSDT', eth, intervalMs), seriesOf('SOLUSDT', sol, intervalMs)];
    return createReplayMarket({ series, fromMs: START_MS });
  });

const step = fc.record({
  kind: fc.constantFrom('advance', 'advance', 'advance', 'candle', 'market', 'limit', 'stop', 'countdown', 'flatten'),
  symbol: fc.constantFrom(...SYMBOLS),
  side: fc.constantFrom('BUY' as const, 'SELL' as const),
  size: fc.integer({ min: 1, max: 500 }),
  offset: fc.integer({ min: -200, max: 200 }),
  part: fc.double({ min: 0, max: 1, noNaN: true }),
  isAsked: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Run {
  readonly venue: Venue;
  readonly ledger: LedgerRecord[];
}

const open = (market: MarketSource): Run => {
  const ledger: LedgerRecord[] = [];
  const venue = new Venue({ seed: 3, market, speed: 'stepped', ledger: (record) => ledger.push(record) });
  venue.openAccount({ accountId: ACCOUNT, startBalance: fixed('100000') });
  return { venue, ledger };
};

/** Closes all that is open, so that the venue comes to rest. */
const flatten = (venue: Venue): void => {
  for (const symbol of SYMBOLS) {
    venue.cancelAllOrders(ACCOUNT, symbol);
    venue.cancelAllAlgos(ACCOUNT, symbol);
    venue.setCountdown(ACCOUNT, symbol, 0);
    const held = venue.account(ACCOUNT).positions.find((position) => position.symbol === symbol)?.signedQuantity ?? 0n;
    const quantity = (Number(held < 0n ? -held : held) / 1e8).toFixed(2);
    const side = held > 0n ? 'SELL' : 'BUY';
    if (held !== 0n) venue.placeOrder(ACCOUNT, { symbol, side, type: 'MARKET', quantity, reduceOnly: true });
  }
};

const take = ({ venue }: Run, { kind, symbol, side, size, offset, part }: Step): void => {
  const { intervalMs } = { intervalMs: venue.state().nextCloseMs - venue.state().startMs };
  const price = (Math.floor(Number(venue.lastTrade(symbol).lastPrice) / 1e6 + offset) / 100).toFixed(2);
  const quantity = (size / 100).toFixed(2);
  if (kind === 'advance') venue.advance(venue.nowMs + Math.ceil(part * part * Math.min(intervalMs, 3_600_000) * 6));
  else if (kind === 'candle') {
    venue.advance(venue.state().nextCloseMs);
    venue.closeCandles();
  } else if (kind === 'market') venue.placeOrder(ACCOUNT, { symbol, side, type: 'MARKET', quantity });
  else if (kind === 'limit') {
    venue.placeOrder(ACCOUNT, { symbol, side, type: 'LIMIT', timeInForce: 'GTC', price, quantity });
  } else if (kind === 'stop') {
    venue.placeAlgo(ACCOUNT, { symbol, side, type: 'STOP_MARKET', triggerPrice: price, quantity });
  } else if (kind === 'countdown') venue.setCountdown(ACCOUNT, symbol, size * 1_000);
  else flatten(venue);
};

/** All that the account can see, and what would be saved. */
const shownAccount = ({ venue }: Run): object => ({
  account: venue.account(ACCOUNT),
  orders: venue.allOrders(ACCOUNT, {}),
  algos: venue.allAlgos(ACCOUNT, {}),
  saved: venue.save(),
});

/** All that anybody can see of the market. */
const shown = ({ venue }: Run): object => ({
  state: venue.state(),
  funding: venue.fundingHistory({ limit: 1_000 }),
  symbols: SYMBOLS.map((symbol) => ({
    mark: venue.mark(symbol),
    last: venue.lastTrade(symbol),
    ticker: venue.bookTicker(symbol),
    book: venue.book(symbol, 20),
    day: venue.dayTicker(symbol),
    interest: venue.openInterest(symbol),
    trades: venue.tradeHistory(symbol, { limit: 30 }),
    aggregates: venue.aggregateTrades(symbol, { startMs: START_MS, limit: 30 }),
    candles: KINDS.map((kind) => [
      venue.candles({ symbol, kind, limit: 12 }),
      venue.candles({ symbol, kind, interval: '1d', limit: 10 }),
    ]),
  })),
});

describe('a leap over time in which nobody looks', () => {
  it('property: is the same as a walk through every point, whatever is asked and ordered in between', () => {
    fc.assert(
      fc.property(markets, fc.array(step, { minLength: 1, maxLength: 25 }), (market, steps) => {
        const leaping = open(market());
        const walking = open(market());
        // A listener who hears every trade has the market walked.
        walking.venue.on('trade', () => undefined);
        for (const one of steps) {
          take(leaping, one);
          take(walking, one);
          if (one.isAsked) shown(leaping);
        }
        expect([shown(leaping), shownAccount(leaping)]).toEqual([shown(walking), shownAccount(walking)]);
        for (const { venue } of [leaping, walking]) {
          flatten(venue);
          venue.advance(START_MS + 365 * 86_400_000);
        }
        expect([shown(leaping), shownAccount(leaping)]).toEqual([shown(walking), shownAccount(walking)]);
        expect(leaping.ledger).toEqual(walking.ledger);
      }),
      { numRuns: 50 },
    );
  });

  it('property: is the same in one leap and in many', () => {
    fc.assert(
      fc.property(markets, fc.array(fc.integer({ min: 1, max: 50_000_000 }), { maxLength: 8 }), (market, waits) => {
        const [once, often] = [open(market()), open(market())];
        for (const waitMs of waits) {
          often.venue.advance(often.venue.nowMs + waitMs);
          shown(often);
        }
        once.venue.advance(often.venue.nowMs);
        // Closed candles wait to be asked for wherever a movement ends.
        for (const { venue } of [once, often]) venue.closeCandles();
        expect(shown(once)).toEqual(shown(often));
      }),
      { numRuns: 20 },
    );
  });

  it('reports closed candles on the way to whoever listens for them alone', () => {
    const market = seriesOf(
      'ETHUSDT',
      Array.from({ length: CANDLES }, () => ({ move: 1, up: 1, down: 1, volume: 5_000, isMissing: false })),
      60_000,
    );
    const { venue } = open(createReplayMarket({ series: [market], fromMs: START_MS }));
    const closed: number[] = [];
    venue.on('candleClosed', ({ openTimeMs }) => {
      expect(venue.nowMs).toBe(openTimeMs + 60_000);
      closed.push((openTimeMs - START_MS) / 60_000);
    });
    venue.advance(START_MS + 5 * 60_000);
    expect(closed).toEqual([0, 1, 2, 3]);
    venue.closeCandles();
    expect(closed).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('public trades', () => {
  it('property: every trade that was ever heard stands in the history, in one row of ids, and spends each candle’s volume exactly', () => {
    fc.assert(
      fc.property(markets, fc.array(step, { minLength: 1, maxLength: 15 }), (market, steps) => {
        const run = open(market());
        const { venue } = run;
        const heard = new Map<string, TradePoint[]>(SYMBOLS.map((symbol) => [symbol, []]));
        venue.on('trade', (trade) => heard.get(trade.symbol)?.push(trade));
        for (const one of steps) take(run, one);
        flatten(venue);
        const fromMs = venue.state().nextCloseMs;
        venue.advance(START_MS + 365 * 86_400_000);
        for (const symbol of SYMBOLS) {
          const all = venue.tradeHistory(symbol, { fromId: 1, limit: 100_000 });
          // The first candle's open was printed before anybody could listen.
          const played = all.filter(({ timeMs }) => timeMs > START_MS);
          expect(heard.get(symbol)?.filter(({ timeMs }) => timeMs > START_MS)).toEqual(played);
          expect(all.map(({ tradeId }) => tradeId)).toEqual(all.map((_, index) => 1_000_001 + index));
          expect(venue.tradeHistory(symbol, { limit: 7 })).toEqual(all.slice(-7));
          expect(venue.tradeHistory(symbol, { fromId: 1_000_010, limit: 5 })).toEqual(all.slice(9, 14));
          const [startMs, endMs] = [fromMs - 200_000, fromMs + 500_000];
          const inside = all.filter(({ timeMs }) => timeMs >= startMs && timeMs <= endMs).map(({ tradeId }) => tradeId);
          const rows = venue.aggregateTrades(symbol, { startMs, endMs, limit: 1_000 });
          expect(rows.map(({ aggregateId }) => aggregateId)).toEqual(inside);
          const newest = venue.aggregateTrades(symbol, { endMs, limit: 3 });
          expect(newest.map(({ aggregateId }) => aggregateId)).toEqual(
            all
              .filter(({ timeMs }) => timeMs <= endMs)
              .slice(-3)
              .map(({ tradeId }) => tradeId),
          );
          for (const candle of venue.candles({ symbol, startMs: fromMs, limit: 1_000 })) {
            const own = all.filter(({ timeMs }) => timeMs >= candle.openTimeMs && timeMs <= candle.closeTimeMs);
            expect(own.reduce((sum, { quantity }) => sum + quantity, 0n)).toBe(candle.volume);
            expect(own.every(({ quantity }) => quantity > 0n)).toBe(true);
            expect(own).toHaveLength(candle.tradeCount);
          }
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('candles of marks', () => {
  it('property: hold every mark, index and premium that was shown, and come from them', () => {
    fc.assert(
      fc.property(markets, (market) => {
        const { venue } = open(market());
        const seen = new Map<string, { openTimeMs: number; mark: bigint; index: bigint }[]>();
        venue.on('mark', ({ symbol, timeMs, markPrice, indexPrice }) => {
          const [candle] = venue.candles({ symbol, limit: 1 });
          const row = { openTimeMs: candle?.openTimeMs ?? timeMs, mark: markPrice, index: indexPrice };
          seen.set(symbol, [...(seen.get(symbol) ?? []), row]);
        });
        venue.advance(START_MS + 365 * 86_400_000);
        for (const kind of ['mark', 'index', 'premium'] as const) {
          for (const symbol of SYMBOLS) {
            for (const candle of venue.candles({ symbol, kind, startMs: START_MS + 1, limit: 1_000 })) {
              const prices = (seen.get(symbol) ?? [])
                .filter(({ openTimeMs }) => openTimeMs === candle.openTimeMs)
                .map(({ mark, index }) =>
                  kind === 'premium'
                    ? Math.round(((Number(mark) - Number(index)) / Number(index)) * 1e8)
                    : Number(kind === 'mark' ? mark : index),
                );
              expect([candle.open, candle.high, candle.low, candle.close].map(Number)).toEqual([
                prices[0],
                Math.max(...prices),
                Math.min(...prices),
                prices.at(-1),
              ]);
            }
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  it.each(['3d', '1w', '1M'])('join to %s by the calendar', (interval) => {
    const intervalMs = 3_600_000;
    const series = new CandleSeries({ symbol: 'ETHUSDT', interval: '1h', intervalMs });
    for (let index = 0; index < 24 * 70; index += 1) {
      const price = BigInt(2_000 + index) * 100_000_000n;
      const candle = { open: price, high: price + 5n * 10n ** 8n, low: price - 10n ** 8n, close: price + 10n ** 8n };
      series.push({ openTimeMs: START_MS + index * intervalMs, ...candle, volume: 10n ** 10n });
    }
    const { venue } = open(createReplayMarket({ series: [series] }));
    venue.advance(START_MS + 70 * 86_400_000);
    const base = venue.candles({ symbol: 'ETHUSDT', limit: 10_000 });
    for (const kind of KINDS) {
      const candles = venue.candles({ symbol: 'ETHUSDT', interval, kind, limit: 100 });
      expect(candles.length).toBeGreaterThan(2);
      const [, second] = candles;
      const opened = new Date(second?.openTimeMs ?? 0);
      expect(opened.getUTCHours()).toBe(0);
      if (interval === '1w') expect(opened.getUTCDay()).toBe(1);
      if (interval === '1M') expect(opened.getUTCDate()).toBe(1);
      expect(candles.map(({ openTimeMs }) => openTimeMs)).toEqual(
        candles.slice(0, -1).reduce((opens, { closeTimeMs }) => [...opens, closeTimeMs + 1], [candles[0]?.openTimeMs]),
      );
      expect(candles.map(({ isClosed }) => isClosed).slice(0, -1)).not.toContain(false);
      if (kind !== 'last') continue;
      const inside = base.filter(
        ({ openTimeMs }) => openTimeMs >= opened.getTime() && openTimeMs < (second?.closeTimeMs ?? 0),
      );
      expect(second?.volume).toBe(inside.reduce((sum, { volume }) => sum + volume, 0n));
      expect(second?.quoteVolume).toBe(inside.reduce((sum, { quoteVolume }) => sum + quoteVolume, 0n));
      expect([second?.open, second?.close]).toEqual([inside[0]?.open, inside.at(-1)?.close]);
    }
  });
});
