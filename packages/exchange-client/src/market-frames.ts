import { Candle, Interval } from '@qt/contracts';
import { dec, type MarketClock, toText } from '@qt/kernel';
import { z } from 'zod';
import type { MarketStreamHandlers } from './port.ts';
import { Amount, parseBody, unreadable } from './rest-shapes.ts';

const Frame = z.object({ data: z.object({ e: z.string(), E: z.int() }).loose() });

const KlineEvent = z.object({
  s: z.string(),
  k: z.object({
    t: z.int(),
    i: z.string(),
    x: z.boolean(),
    o: z.string(),
    h: z.string(),
    l: z.string(),
    c: z.string(),
    v: z.string(),
  }),
});

const MarkEvent = z.object({
  s: z.string(),
  p: Amount,
  r: Amount, // empty for contracts without funding
  T: z.int(),
  E: z.int(),
});

const plain = (text: string): string => toText(dec(text));

const read = <T>(schema: z.ZodType<T>, data: unknown, what: string): T => {
  const parsed = schema.safeParse(data);
  if (!parsed.success) throw unreadable(what, z.prettifyError(parsed.error));
  return parsed.data;
};

/** Returns the path and query of one combined socket with klines (when an interval is given) and mark prices of all symbols. */
export const marketStreamPath = (symbols: readonly string[], interval: Interval | null): string => {
  const streams = symbols.map((symbol) => symbol.toLowerCase());
  const klines = interval === null ? [] : streams.map((symbol) => `${symbol}@kline_${interval}`);
  return `/market/stream?streams=${[...klines, ...streams.map((symbol) => `${symbol}@markPrice@1s`)].join('/')}`;
};

/**
 * Returns the reader of market frames: moves the market clock to the event's time, then calls the handler. Open candles and other events move the
 * clock only.
 *
 * Throws: AppError VENUE_UNAVAILABLE for frames it cannot read.
 */
export const marketFrameReader =
  (handlers: MarketStreamHandlers, marketClock: MarketClock | null) =>
  (text: string): void => {
    const { data } = parseBody('the market stream', Frame, text);
    marketClock?.advanceTo(data.E);
    if (data.e === 'markPriceUpdate') {
      const mark = read(MarkEvent, data, 'markPriceUpdate');
      handlers.onMark({
        symbol: mark.s,
        markPrice: mark.p,
        fundingRate: mark.r,
        nextFundingAtMs: mark.T,
        occurredAtMs: mark.E,
      });
    } else if (data.e === 'kline') {
      const { s, k } = read(KlineEvent, data, 'kline');
      if (!k.x) return;
      handlers.onCandle(
        read(
          Candle,
          {
            symbol: s,
            interval: k.i,
            openTimeMs: k.t,
            open: plain(k.o),
            high: plain(k.h),
            low: plain(k.l),
            close: plain(k.c),
            volume: plain(k.v),
          },
          'kline',
        ),
      );
    }
  };
