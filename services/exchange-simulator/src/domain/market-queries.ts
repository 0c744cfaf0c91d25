import type { Account } from './account.ts';
import { type CandleSum, joinSums, NO_CANDLES } from './candle-sums.ts';
import type { Fixed } from './fixed.ts';
import { candleSpanAt, type CandleSpan, canJoinTo } from './intervals.ts';
import { joinMarks, type MarkKind } from './mark-candles.ts';
import type { MarketClock } from './market-clock.ts';
import type { SymbolMarket } from './symbol-market.ts';
import type { AggregateQuery, AggregateTrade, CandleView, DayTicker, PriceKind } from './venue-types.ts';

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
/** The house holds a quarter of a day's volume open. */
const HOUSE_INTEREST_DIVISOR = 4n;

/** Asks for candles of one symbol. */
export interface CandleQuery {
  readonly symbol: string;
  /** The market's own interval unless a longer one is asked for; none is answered for what cannot be joined from it. */
  readonly interval?: string;
  /** Trades when left out. */
  readonly kind?: PriceKind;
  readonly startMs?: number;
  readonly endMs?: number;
  readonly limit: number;
}

/** Places [from, to) of the candles that one asked candle is joined from; the forming one stands at `playedCount`. */
interface Parts extends CandleSpan {
  readonly from: number;
  readonly to: number;
}

/** Sum of played candles and, past them, the forming one. */
const sumOf = (market: SymbolMarket, from: number, to: number): CandleSum => {
  const played = market.playedCount;
  const sum = from < played ? market.sums.between(from, Math.min(to, played)) : NO_CANDLES;
  const forming = to > played ? market.forming() : null;
  return forming === null ? sum : joinSums(sum, { ...forming, high: Number(forming.high), low: Number(forming.low) });
};

const isWhole = (market: SymbolMarket, { to, endMs }: Parts): boolean => {
  const lastOpenMs = market.series.openTimeAt(to - 1);
  return to <= market.playedCount && lastOpenMs + market.series.intervalMs === endMs;
};

const tradedCandle = (market: SymbolMarket, parts: Parts): CandleView => {
  const { from, to, openTimeMs, endMs } = parts;
  const { series, playedCount } = market;
  const { high, low, volume, quoteVolume, takerBuyVolume, takerBuyQuoteVolume } = sumOf(market, from, to);
  const isNewest = to > playedCount || (to === playedCount && !market.isForming);
  const firstTradeId = market.firstTradeIdAt(from);
  const nextTradeId = isNewest ? market.nextTradeId : market.firstTradeIdAt(to);
  return {
    symbol: market.symbol,
    openTimeMs,
    open: BigInt(series.openAt(from)),
    high: BigInt(high),
    low: BigInt(low),
    close: to > playedCount ? market.lastPrice : BigInt(series.closeAt(to - 1)),
    closeTimeMs: endMs - 1,
    volume,
    quoteVolume,
    takerBuyVolume,
    takerBuyQuoteVolume,
    tradeCount: Math.max(nextTradeId - firstTradeId, 0),
    firstTradeId,
    lastTradeId: nextTradeId - 1,
    isClosed: isWhole(market, parts),
  };
};

/** Candles of a mark have prices only; what they count is the seconds in which one was published. */
const markCandle = (market: SymbolMarket, clock: MarketClock, kind: MarkKind, parts: Parts): CandleView => {
  const { from, to, openTimeMs, endMs } = parts;
  const { playedCount, markCandles } = market;
  let whole = markCandles.between(kind, from, Math.min(to, playedCount));
  if (to > playedCount) {
    const [mark, indexPrice] = [Number(market.markPrice), Number(market.indexPrice)];
    const forming = markCandles.forming(kind, { index: playedCount, point: clock.point, mark, indexPrice });
    whole = whole === null ? forming : joinMarks(whole, forming);
  }
  const { open = 0, high = 0, low = 0, close = 0 } = whole ?? {};
  return {
    symbol: market.symbol,
    openTimeMs,
    open: BigInt(open),
    high: BigInt(high),
    low: BigInt(low),
    close: BigInt(close),
    volume: 0n,
    closeTimeMs: endMs - 1,
    quoteVolume: 0n,
    tradeCount: Math.ceil((Math.min(clock.nowMs, endMs) - openTimeMs) / SECOND_MS),
    takerBuyVolume: 0n,
    takerBuyQuoteVolume: 0n,
    firstTradeId: 0,
    lastTradeId: 0,
    isClosed: isWhole(market, parts),
  };
};

const partsAt = (market: SymbolMarket, interval: string, index: number, total: number): Parts | null => {
  const span = candleSpanAt(interval, market.series.openTimeAt(index));
  if (span === null) return null;
  const [from, to] = [market.series.indexFrom(span.openTimeMs), market.series.indexFrom(span.endMs)];
  return { ...span, from, to: Math.min(to, total) };
};

const partsOf = (market: SymbolMarket, interval: string, query: Omit<CandleQuery, 'symbol'>): Parts[] => {
  const { series } = market;
  const total = market.playedCount + Number(market.isForming);
  const { startMs, endMs = Number.MAX_SAFE_INTEGER, limit } = query;
  const found: Parts[] = [];
  if (startMs !== undefined) {
    let index = series.indexFrom(startMs);
    while (index < total && found.length < limit) {
      const parts = partsAt(market, interval, index, total);
      if (parts === null || parts.openTimeMs > endMs) break;
      if (parts.openTimeMs >= startMs) found.push(parts);
      index = parts.to;
    }
    return found;
  }
  let index = Math.min(series.indexFrom(endMs + 1), total) - 1;
  while (index >= 0 && found.length < limit) {
    const parts = partsAt(market, interval, index, total);
    if (parts === null) break;
    found.push(parts);
    index = parts.from - 1;
  }
  return found.reverse();
};

/** Returns candles oldest first, the forming one last; longer intervals are joined from the market's own. */
export const candlesOf = (
  market: SymbolMarket,
  clock: MarketClock,
  query: Omit<CandleQuery, 'symbol'>,
): readonly CandleView[] => {
  const { interval = market.series.interval, kind = 'last' } = query;
  if (!canJoinTo(interval, market.series.intervalMs)) return [];
  const found = partsOf(market, interval, query);
  return kind === 'last'
    ? found.map((parts) => tradedCandle(market, parts))
    : found.map((parts) => markCandle(market, clock, kind, parts));
};

/** Returns the last 24 hours as candles tell them. */
export const dayTickerOf = (market: SymbolMarket, nowMs: number): DayTicker => {
  const { series, lastPrice, playedCount } = market;
  const total = playedCount + Number(market.isForming);
  const first = Math.min(series.indexFrom(nowMs - DAY_MS), total);
  const isEmpty = first === total;
  const sum = sumOf(market, first, total);
  const [newest] = market.tape.page({ limit: 1 }, market.nextTradeId);
  const [firstTradeId, lastTradeId] = isEmpty ? [0, 0] : [market.firstTradeIdAt(first), market.nextTradeId - 1];
  return {
    symbol: market.symbol,
    openPrice: isEmpty ? lastPrice : BigInt(series.openAt(first)),
    highPrice: isEmpty ? lastPrice : BigInt(sum.high),
    lowPrice: isEmpty ? lastPrice : BigInt(sum.low),
    lastPrice,
    lastQuantity: newest?.quantity ?? 0n,
    volume: sum.volume,
    quoteVolume: sum.quoteVolume,
    openTimeMs: isEmpty ? nowMs : series.openTimeAt(first),
    closeTimeMs: nowMs,
    firstTradeId,
    lastTradeId,
    tradeCount: isEmpty ? 0 : Math.max(lastTradeId - firstTradeId + 1, 0),
  };
};

/**
 * Returns what is held open: the customers' longs, and a share that no customer holds and that follows the last day's volume, so that it
 * grows and shrinks with the market.
 *
 * Units: base units.
 */
export const openInterestOf = (market: SymbolMarket, accounts: Iterable<Account>, nowMs: number): Fixed => {
  const { series, playedCount, spec } = market;
  const total = playedCount + Number(market.isForming);
  const { volume } = sumOf(market, Math.min(series.indexFrom(nowMs - DAY_MS), total), total);
  let interest = (volume / HOUSE_INTEREST_DIVISOR / spec.quantityStep) * spec.quantityStep;
  for (const account of accounts) {
    for (const { symbol, quantity } of account.positions()) {
      if (symbol === market.symbol && quantity > 0n) interest += quantity;
    }
  }
  return interest;
};

/** Returns public trades as aggregates, newest last. */
export const aggregatesOf = (market: SymbolMarket, query: AggregateQuery): readonly AggregateTrade[] =>
  market.tape.between(query, market.nextTradeId).map(({ tradeId, lastPrice: price, ...trade }) => {
    const ids = { aggregateId: tradeId, firstTradeId: tradeId, lastTradeId: tradeId };
    return { ...ids, price, ...trade };
  });
