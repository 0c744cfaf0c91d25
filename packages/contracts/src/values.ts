import { z } from 'zod';

/** Decimal text without exponent: the wire form of every amount of money, price and quantity. */
export const DecimalText = z.string().regex(/^-?\d+(\.\d+)?$/, 'expected plain decimal text such as "-12.5"');
export type DecimalText = z.infer<typeof DecimalText>;

/** UTC milliseconds since 1970. */
export const UnixMs = z.int().nonnegative();

/** A share of a whole, 0 to 1. */
export const Ratio = z.number().min(0).max(1);

/** A USD-M perpetual's symbol as the venue spells it, such as BTCUSDT. */
export const MarketSymbol = z.string().regex(/^[A-Z0-9]{2,24}$/, 'expected a symbol such as BTCUSDT');
export type MarketSymbol = z.infer<typeof MarketSymbol>;

export const INTERVAL_MS = {
  '1m': 60_000,
  '3m': 180_000,
  '5m': 300_000,
  '15m': 900_000,
  '30m': 1_800_000,
  '1h': 3_600_000,
  '2h': 7_200_000,
  '4h': 14_400_000,
  '1d': 86_400_000,
} as const;

/** A candle's length, in the venue's words. */
export const Interval = z.enum(['1m', '3m', '5m', '15m', '30m', '1h', '2h', '4h', '1d']);
export type Interval = z.infer<typeof Interval>;

export const Side = z.enum(['buy', 'sell']);
export type Side = z.infer<typeof Side>;

export const Direction = z.enum(['long', 'short']);
export type Direction = z.infer<typeof Direction>;

/** One closed candle. Prices in quote per base unit, volume in base units; the close is at `openTimeMs` + interval - 1 ms. */
export const Candle = z.object({
  symbol: MarketSymbol,
  interval: Interval,
  openTimeMs: UnixMs,
  open: DecimalText,
  high: DecimalText,
  low: DecimalText,
  close: DecimalText,
  volume: DecimalText,
});
export type Candle = z.infer<typeof Candle>;

/** Returns the time at which a candle is complete: the first millisecond after it. */
export const closedAtMs = (candle: Pick<Candle, 'openTimeMs' | 'interval'>): number =>
  candle.openTimeMs + INTERVAL_MS[candle.interval];
