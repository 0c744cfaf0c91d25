import { greatest, least } from '../domain/fixed.ts';
import { intervalMsOf } from '../domain/intervals.ts';
import type { CandleView } from '../domain/venue-types.ts';

/** Returns the length of an interval that can be built from candles of `baseMs`, undefined for any other. */
export function intervalLengthMs(interval: string, baseMs: number): number | undefined {
  const lengthMs = intervalMsOf(interval);
  return lengthMs !== null && lengthMs % baseMs === 0 ? lengthMs : undefined;
}

const merge = (group: readonly CandleView[], lengthMs: number): CandleView | undefined => {
  const first = group[0];
  const last = group.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const openTimeMs = Math.floor(first.openTimeMs / lengthMs) * lengthMs;
  const closeTimeMs = openTimeMs + lengthMs - 1;
  const total = (value: (candle: CandleView) => bigint): bigint =>
    group.reduce((sum, candle) => sum + value(candle), 0n);
  return {
    symbol: first.symbol,
    openTimeMs,
    closeTimeMs,
    open: first.open,
    high: group.reduce((high, candle) => greatest(high, candle.high), first.high),
    low: group.reduce((low, candle) => least(low, candle.low), first.low),
    close: last.close,
    volume: total((candle) => candle.volume),
    quoteVolume: total((candle) => candle.quoteVolume),
    tradeCount: group.reduce((sum, candle) => sum + candle.tradeCount, 0),
    takerBuyVolume: total((candle) => candle.takerBuyVolume),
    takerBuyQuoteVolume: total((candle) => candle.takerBuyQuoteVolume),
    firstTradeId: first.firstTradeId,
    lastTradeId: last.lastTradeId,
    isClosed: last.isClosed && last.closeTimeMs === closeTimeMs,
  };
};

/**
 * Returns candles of a longer interval made of shorter ones.
 *
 * Shape: both oldest first; the last may still be forming.
 */
export function mergeCandles(candles: readonly CandleView[], lengthMs: number): readonly CandleView[] {
  const groups = new Map<number, CandleView[]>();
  for (const candle of candles) {
    const slot = Math.floor(candle.openTimeMs / lengthMs);
    const group = groups.get(slot);
    if (group === undefined) groups.set(slot, [candle]);
    else group.push(candle);
  }
  return [...groups.values()].flatMap((group) => merge(group, lengthMs) ?? []);
}
