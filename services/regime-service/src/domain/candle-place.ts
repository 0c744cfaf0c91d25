/** Where a candle stands after the last accepted one. */
export type CandlePlace =
  | { readonly kind: 'next' }
  /** Seen before, or older than what was seen. */
  | { readonly kind: 'known' }
  /** Units: open times, `startMs` inclusive, `endMs` exclusive. */
  | { readonly kind: 'after_gap'; readonly startMs: number; readonly endMs: number };

/** Returns the place of a candle; without a last one, every candle is the next. */
export const placeOf = (openTimeMs: number, lastOpenTimeMs: number | null, intervalMs: number): CandlePlace => {
  if (lastOpenTimeMs === null) return { kind: 'next' };
  if (openTimeMs <= lastOpenTimeMs) return { kind: 'known' };
  const startMs = lastOpenTimeMs + intervalMs;
  return openTimeMs === startMs ? { kind: 'next' } : { kind: 'after_gap', startMs, endMs: openTimeMs };
};

/** Returns the open time of the candle that is forming at `nowMs`: everything before it is closed. */
export const formingOpenTimeMs = (nowMs: number, intervalMs: number): number => nowMs - (nowMs % intervalMs);
