import { describe, expect, it } from '@jest/globals';
import { ACCOUNT, aDesk, aMarket, type CandleRow, MINUTE_MS, START_MS, valueOf } from '../../test/venue-builders.ts';
import { fixed } from './fixed.ts';
import type { CandleView, MarkPoint } from './venue-types.ts';

const ROWS: readonly CandleRow[] = [
  ['2000', '2010', '1990', '2005', '100'],
  ['2005', '2020', '2000', '2010', '200'],
  ['2011', '2015', '2001', '2002', '300'],
  ['2002', '2004', '1996', '1999', '400'],
];
const BTC: readonly CandleRow[] = ROWS.map(([open, high, low, close]) => [
  `${open}0`,
  `${high}0`,
  `${low}0`,
  `${close}0`,
  '50',
]);
const desk = () => aDesk(aMarket({ ETHUSDT: ROWS, BTCUSDT: BTC }));

describe('advance and closeCandles', () => {
  it('hold back the candle that ends exactly there until it is asked for', () => {
    const { venue } = desk();
    const closed: string[] = [];
    venue.on('candleClosed', (candle) => closed.push(`${candle.symbol} ${(candle.openTimeMs - START_MS) / MINUTE_MS}`));
    venue.advance(START_MS + 2 * MINUTE_MS);
    expect(closed).toEqual(['ETHUSDT 0', 'BTCUSDT 0']);
    expect(venue.closeCandles()).toHaveLength(2);
    expect(closed).toEqual(['ETHUSDT 0', 'BTCUSDT 0', 'ETHUSDT 1', 'BTCUSDT 1']);
    expect(venue.closeCandles()).toHaveLength(0);
  });

  it('report candles exactly as recorded, and form them in between', () => {
    const { venue } = desk();
    const closed: CandleView[] = [];
    const forming: CandleView[] = [];
    venue.on('candleClosed', (candle) => closed.push(candle));
    venue.on('candle', (candle) => forming.push(candle));
    venue.advance(START_MS + 4 * MINUTE_MS);
    venue.closeCandles();
    const own = closed.filter((candle) => candle.symbol === 'ETHUSDT');
    expect(own.map(({ open, high, low, close, volume }) => [open, high, low, close, volume])).toEqual(
      ROWS.map((row) => row.map((text = '0') => fixed(text))),
    );
    expect(own.every((candle) => candle.isClosed && candle.closeTimeMs === candle.openTimeMs + MINUTE_MS - 1)).toBe(
      true,
    );
    expect(
      forming.every((candle) => !candle.isClosed && candle.low <= candle.close && candle.close <= candle.high),
    ).toBe(true);
  });

  it('keep the price between two prints inside the forming candle, whose turnover stands still until the next', () => {
    const { venue } = desk();
    let kept: CandleView | undefined;
    for (let ms = 250; ms < 4 * MINUTE_MS; ms += 250) {
      venue.advance(START_MS + ms);
      const candle = venue.candles({ symbol: 'ETHUSDT', limit: 1 })[0];
      if (candle === undefined) throw new Error('a candle is forming');
      expect(candle.close).toBe(venue.dayTicker('ETHUSDT').lastPrice);
      expect([candle.low <= candle.close, candle.close <= candle.high]).toEqual([true, true]);
      if (kept?.openTimeMs === candle.openTimeMs) {
        expect([candle.low <= kept.low, candle.high >= kept.high]).toEqual([true, true]);
        if (kept.lastTradeId === candle.lastTradeId) expect(candle.quoteVolume).toBe(kept.quoteVolume);
      }
      kept = candle;
    }
  });

  it('keep the forming candle around its price between two points of the path', () => {
    const { venue } = desk();
    for (let ms = 257; ms < 3 * MINUTE_MS; ms += 523) {
      venue.advance(START_MS + ms);
      for (const interval of ['1m', '3m'] as const) {
        const newest = venue.candles({ symbol: 'ETHUSDT', interval, limit: 1 })[0];
        expect(newest).toMatchObject({ close: venue.lastTrade('ETHUSDT').lastPrice });
        expect(newest && newest.low <= newest.close && newest.close <= newest.high).toBe(true);
      }
      const { lastPrice, highPrice, lowPrice } = venue.dayTicker('ETHUSDT');
      expect(lowPrice <= lastPrice && lastPrice <= highPrice).toBe(true);
    }
  });

  it('let orders after a boundary meet the next candle’s open', () => {
    const { venue, buy } = desk();
    venue.advance(START_MS + 2 * MINUTE_MS);
    expect(venue.lastTrade('ETHUSDT').lastPrice).toBe(fixed('2011'));
    const { averagePrice } = buy();
    expect(averagePrice >= fixed('2011') && averagePrice <= fixed('2015')).toBe(true);
  });

  it('stop anywhere, and give the same market whatever the stops', () => {
    const prices = (stops: readonly number[]): MarkPoint[] => {
      const { venue } = desk();
      const seen: MarkPoint[] = [];
      venue.on('mark', (point) => seen.push(point));
      for (const stop of stops) venue.advance(START_MS + stop);
      return seen;
    };
    const stops = Array.from({ length: 400 }, (_, index) => index * 523).filter((stop) => stop < 3 * MINUTE_MS);
    expect(prices([...stops, 3 * MINUTE_MS])).toEqual(prices([3 * MINUTE_MS]));
  });

  it('never go back, and end with the market', () => {
    const { venue } = desk();
    venue.advance(START_MS + MINUTE_MS + 5);
    venue.advance(START_MS);
    expect(venue.nowMs).toBe(START_MS + MINUTE_MS + 5);
    venue.advance(START_MS + 99 * MINUTE_MS);
    expect(venue.state()).toMatchObject({
      timeMs: START_MS + 4 * MINUTE_MS,
      candlesPlayed: 4,
      candlesTotal: 4,
      isFinished: false,
    });
    venue.closeCandles();
    venue.advance(START_MS + 99 * MINUTE_MS);
    expect(venue.state()).toMatchObject({ isFinished: true, candlesPlayed: 4 });
    expect(venue.closeCandles()).toHaveLength(0);
  });

  it('write the end once and refuse orders after it', () => {
    const { venue, buy, ledger } = desk();
    buy();
    venue.end();
    venue.end();
    expect(ledger.filter((record) => record.kind === 'end')).toMatchObject([
      { positions: [{ symbol: 'ETHUSDT', quantity: '1' }] },
    ]);
    expect(() =>
      valueOf(venue.placeOrder(ACCOUNT, { symbol: 'ETHUSDT', side: 'BUY', type: 'MARKET', quantity: '1' })),
    ).toThrow('-1000');
  });
});

describe('candles', () => {
  it.each([
    { name: 'newest first cut', query: { limit: 2 }, opens: [3, 4] },
    { name: 'from a start', query: { startMs: START_MS + MINUTE_MS, limit: 2 }, opens: [1, 2] },
    { name: 'to an end', query: { endMs: START_MS + MINUTE_MS, limit: 10 }, opens: [0, 1] },
    { name: 'between', query: { startMs: START_MS + 1, endMs: START_MS + 3 * MINUTE_MS, limit: 10 }, opens: [1, 2, 3] },
    { name: 'all with the forming one', query: { limit: 100 }, opens: [0, 1, 2, 3, 4] },
  ])('$name', ({ query, opens }) => {
    const { venue } = aDesk(aMarket({ ETHUSDT: [...ROWS, ['1999', '2001', '1998', '2000']] }));
    venue.advance(START_MS + 4 * MINUTE_MS + 30_000);
    const candles = venue.candles({ symbol: 'ETHUSDT', ...query });
    expect(candles.map((candle) => (candle.openTimeMs - START_MS) / MINUTE_MS)).toEqual(opens);
  });

  it('join to longer intervals', () => {
    const { venue } = desk();
    venue.advance(START_MS + 4 * MINUTE_MS);
    expect(venue.candles({ symbol: 'ETHUSDT', interval: '3m', limit: 10 })).toMatchObject([
      {
        openTimeMs: START_MS,
        open: fixed('2000'),
        high: fixed('2020'),
        low: fixed('1990'),
        close: fixed('2002'),
        volume: fixed('600'),
        isClosed: true,
      },
      { openTimeMs: START_MS + 3 * MINUTE_MS, close: fixed('1999'), isClosed: false },
    ]);
    expect(venue.candles({ symbol: 'ETHUSDT', interval: '7m', limit: 10 })).toHaveLength(0);
  });
});

describe('mark price', () => {
  it('follows last without being it', () => {
    const { venue } = desk();
    const gaps: number[] = [];
    venue.on('mark', (point) => {
      const last = venue.lastTrade(point.symbol).lastPrice;
      gaps.push(Math.abs(Number(point.markPrice - last) / Number(last)));
    });
    venue.advance(START_MS + 4 * MINUTE_MS);
    expect(Math.max(...gaps)).toBeLessThan(0.01);
    expect(gaps.filter((gap) => gap > 0).length).toBeGreaterThan(gaps.length / 2);
  });
});

describe('book', () => {
  it('shows levels that get worse, beside the ticker', () => {
    const { venue } = desk();
    venue.advance(START_MS + MINUTE_MS + 20_000);
    const book = venue.book('ETHUSDT', 10);
    const ticker = venue.bookTicker('ETHUSDT');
    expect(book.bids[0]).toEqual({ price: ticker.bidPrice, quantity: ticker.bidQuantity });
    expect(book.asks[0]).toEqual({ price: ticker.askPrice, quantity: ticker.askQuantity });
    expect(book.asks.every((level, index) => index === 0 || level.price > (book.asks[index - 1]?.price ?? 0n))).toBe(
      true,
    );
    expect(book.bids.every((level, index) => index === 0 || level.price < (book.bids[index - 1]?.price ?? 0n))).toBe(
      true,
    );
  });

  it('sums the last day', () => {
    const { venue } = desk();
    venue.advance(START_MS + 4 * MINUTE_MS);
    expect(venue.dayTicker('ETHUSDT')).toMatchObject({
      openPrice: fixed('2000'),
      highPrice: fixed('2020'),
      lowPrice: fixed('1990'),
      lastPrice: fixed('1999'),
      volume: fixed('1000'),
    });
  });
});
