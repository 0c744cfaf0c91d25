import type { Candle } from '@qt/contracts';

/** A candle as the detector computes with it. Prices in quote per base unit, volume in base units. */
export interface Bar {
  readonly openTimeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** Everything that can be wrong with a candle. */
export const CANDLE_FAULTS = [
  'NOT_FINITE',
  'PRICE_NOT_POSITIVE',
  'VOLUME_NEGATIVE',
  'HIGH_BELOW_BODY',
  'LOW_ABOVE_BODY',
  'TIME_NOT_ADVANCING',
  'TIME_OFF_GRID',
] as const;
export type CandleFault = (typeof CANDLE_FAULTS)[number];

export type CandleVerdict =
  | { readonly kind: 'accepted'; readonly bar: Bar }
  | { readonly kind: 'refused'; readonly code: CandleFault; readonly detail: string };

const refused = (code: CandleFault, detail: string): CandleVerdict => ({ kind: 'refused', code, detail });

/**
 * Returns the candle as numbers, or the first fault found in it. A candle without movement or without volume is a good candle.
 *
 * Denies: NOT_FINITE, PRICE_NOT_POSITIVE, VOLUME_NEGATIVE, HIGH_BELOW_BODY, LOW_ABOVE_BODY, TIME_NOT_ADVANCING, TIME_OFF_GRID.
 */
export const inspectCandle = (
  candle: Omit<Candle, 'symbol' | 'interval'>,
  last: { readonly openTimeMs: number | null; readonly intervalMs: number },
): CandleVerdict => {
  const { openTimeMs } = candle;
  const open = Number(candle.open);
  const high = Number(candle.high);
  const low = Number(candle.low);
  const close = Number(candle.close);
  const volume = Number(candle.volume);
  if (!Number.isFinite(open + high + low + close + volume + openTimeMs)) {
    const { open: o, high: h, low: l, close: c, volume: v } = candle;
    return refused('NOT_FINITE', `every field must be a finite number, was ${o} ${h} ${l} ${c} ${v} at ${openTimeMs}`);
  }
  if (Math.min(open, high, low, close) <= 0)
    return refused('PRICE_NOT_POSITIVE', `prices must be positive, were ${open} ${high} ${low} ${close}`);
  if (volume < 0) return refused('VOLUME_NEGATIVE', `volume must not be negative, was ${volume}`);
  if (high < Math.max(open, close))
    return refused('HIGH_BELOW_BODY', `high ${high} is below open ${open} or close ${close}`);
  if (low > Math.min(open, close))
    return refused('LOW_ABOVE_BODY', `low ${low} is above open ${open} or close ${close}`);
  if (openTimeMs % last.intervalMs !== 0)
    return refused('TIME_OFF_GRID', `open time ${openTimeMs} is no multiple of ${last.intervalMs} ms`);
  if (last.openTimeMs !== null && openTimeMs <= last.openTimeMs)
    return refused('TIME_NOT_ADVANCING', `open time ${openTimeMs} is not after ${last.openTimeMs}`);
  return { kind: 'accepted', bar: { openTimeMs, open, high, low, close, volume } };
};
