import type { CandleSeries } from './candle-series.ts';
import { greatest, least } from './fixed.ts';
import { intervalMsOf } from './intervals.ts';
import type { SymbolMarket } from './symbol-market.ts';
import type { CandleView, DayTicker, PriceKind } from './venue-types.ts';

const DAY_MS = 86_400_000;

export interface CandleQuery {
  readonly symbol: string;
  /** The market's own interval unless a longer one is asked for; null is answered for what cannot be made of it. */
  readonly interval?: string;
  /** Trades when left out. */
  readonly kind?: PriceKind;
  readonly startMs?: number;
  readonly endMs?: number;
  readonly limit: number;
}

/** Range of places [from, to) in the played candles, the forming one being the place after them. */
const rangeOf = (played: CandleSeries, query: Omit<CandleQuery, 'symbol'>): readonly [number, number] => {
  const total = played.length + 1;
  const end = query.endMs === undefined ? total : Math.min(played.indexFrom(query.endMs + 1) + 1, total);
  if (query.startMs !== undefined) {
    const start = played.indexFrom(query.startMs);
    return [start, Math.min(end, start + query.limit)];
  }
  return [Math.max(end - query.limit, 0), end];
};

const baseCandles = (market: SymbolMarket, query: Omit<CandleQuery, 'symbol'>): CandleView[] => {
  const [from, to] = rangeOf(market.played, { ...query, limit: query.limit + 1 });
  const { startMs = 0, endMs = Number.MAX_SAFE_INTEGER } = query;
  const candles: CandleView[] = [];
  for (let index = from; index < to; index += 1) {
    const candle = index < market.played.length ? market.candleView(index) : market.forming();
    if (candle !== null && candle.openTimeMs >= startMs && candle.openTimeMs <= endMs) candles.push(candle);
  }
  return query.startMs === undefined ? candles.slice(-query.limit) : candles.slice(0, query.limit);
};

const joined = (openTimeMs: number, lengthMs: number, parts: readonly CandleView[]): CandleView | null => {
  const [first] = parts;
  const last = parts.at(-1);
  if (first === undefined || last === undefined) return null;
  let candle: CandleView = { ...first, openTimeMs, closeTimeMs: openTimeMs + lengthMs - 1 };
  for (const part of parts.slice(1)) {
    candle = {
      ...candle,
      high: greatest(candle.high, part.high),
      low: least(candle.low, part.low),
      volume: candle.volume + part.volume,
      quoteVolume: candle.quoteVolume + part.quoteVolume,
      tradeCount: candle.tradeCount + part.tradeCount,
      takerBuyVolume: candle.takerBuyVolume + part.takerBuyVolume,
      takerBuyQuoteVolume: candle.takerBuyQuoteVolume + part.takerBuyQuoteVolume,
    };
  }
  const isClosed = last.isClosed && last.closeTimeMs === candle.closeTimeMs;
  return { ...candle, close: last.close, lastTradeId: last.lastTradeId, isClosed };
};

/** Returns candles oldest first, the forming one last; longer intervals are joined from the market's own. */
export const candlesOf = (market: SymbolMarket, query: Omit<CandleQuery, 'symbol'>): readonly CandleView[] => {
  const { kind = 'last', ...rest } = query;
  const candles = tradedCandles(market, rest);
  if (kind === 'last') return candles;
  const none = { volume: 0n, quoteVolume: 0n, takerBuyVolume: 0n, takerBuyQuoteVolume: 0n };
  const flat = kind === 'premium' ? { open: 0n, high: 0n, low: 0n, close: 0n } : {};
  return candles.map((candle) => ({ ...candle, ...none, ...flat, firstTradeId: 0, lastTradeId: 0 }));
};

const tradedCandles = (market: SymbolMarket, query: Omit<CandleQuery, 'symbol'>): readonly CandleView[] => {
  const baseMs = market.played.intervalMs;
  const lengthMs = query.interval === undefined ? baseMs : intervalMsOf(query.interval);
  if (lengthMs === null || lengthMs % baseMs !== 0) return [];
  if (lengthMs === baseMs) return baseCandles(market, query);
  const ratio = lengthMs / baseMs;
  const startMs = query.startMs === undefined ? undefined : Math.ceil(query.startMs / lengthMs) * lengthMs;
  const endMs = query.endMs === undefined ? undefined : (Math.floor(query.endMs / lengthMs) + 1) * lengthMs - 1;
  const base = baseCandles(market, {
    limit: (query.limit + 1) * ratio,
    ...(startMs === undefined ? {} : { startMs }),
    ...(endMs === undefined ? {} : { endMs }),
  });
  const groups = Map.groupBy(base, (candle) => Math.floor(candle.openTimeMs / lengthMs) * lengthMs);
  const candles: CandleView[] = [];
  for (const [openTimeMs, parts] of groups) {
    const candle = joined(openTimeMs, lengthMs, parts);
    // Without a start the oldest group may be cut off at its head.
    const isWhole = openTimeMs === parts[0]?.openTimeMs || market.played.openTimeAt(0) === parts[0]?.openTimeMs;
    if (candle !== null && isWhole) candles.push(candle);
  }
  return query.startMs === undefined ? candles.slice(-query.limit) : candles.slice(0, query.limit);
};

/** Returns the last 24 hours as candles tell them. */
export const dayTickerOf = (market: SymbolMarket, nowMs: number): DayTicker => {
  const { played } = market;
  const forming = market.forming();
  const first = played.indexFrom(nowMs - DAY_MS);
  const candles: CandleView[] = [];
  for (let index = first; index < played.length; index += 1) {
    const candle = market.candleView(index);
    if (candle !== null) candles.push(candle);
  }
  if (forming !== null) candles.push(forming);
  const joinedCandle = joined(candles[0]?.openTimeMs ?? nowMs, DAY_MS, candles);
  const lastTrade = market.trades.at(-1);
  return {
    symbol: market.symbol,
    openPrice: joinedCandle?.open ?? market.lastPrice,
    highPrice: joinedCandle?.high ?? market.lastPrice,
    lowPrice: joinedCandle?.low ?? market.lastPrice,
    lastPrice: market.lastPrice,
    lastQuantity: lastTrade?.quantity ?? 0n,
    volume: joinedCandle?.volume ?? 0n,
    quoteVolume: joinedCandle?.quoteVolume ?? 0n,
    openTimeMs: joinedCandle?.openTimeMs ?? nowMs,
    closeTimeMs: nowMs,
    firstTradeId: joinedCandle?.firstTradeId ?? 0,
    lastTradeId: joinedCandle?.lastTradeId ?? 0,
    tradeCount: joinedCandle?.tradeCount ?? 0,
  };
};
