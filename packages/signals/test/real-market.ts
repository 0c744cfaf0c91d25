import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Candle, INTERVAL_MS, Interval, type RegimeClassified } from '@qt/contracts';
import { RegimeEngine } from '@qt/regime';
import { realCandles } from '@qt/testing';

/** Returns the candles of a file of real data, oldest first; symbol and interval come from its name. */
export const readCandles = (name: string, span: { fromMs?: number; toMs?: number; limit?: number } = {}): Candle[] => {
  const [symbol = '', , intervalText] = name.split('_');
  const interval = Interval.parse(intervalText);
  const lines = gunzipSync(readFileSync(realCandles(name)))
    .toString()
    .trim()
    .split('\n')
    .slice(1);
  const candles = lines.map((line) => {
    const [openTime, open = '', high = '', low = '', close = '', volume = ''] = line.split(',');
    return { symbol, interval, openTimeMs: Number(openTime), open, high, low, close, volume };
  });
  const { fromMs = 0, toMs = Number.MAX_SAFE_INTEGER, limit = candles.length } = span;
  return candles.filter(({ openTimeMs }) => openTimeMs >= fromMs && openTimeMs < toMs).slice(0, limit);
};

/** Returns what the regime engine says about each candle, as its event would carry it. */
export const classify = (candles: readonly Candle[]): RegimeClassified[] => {
  const first = candles[0];
  if (first === undefined) return [];
  const engine = new RegimeEngine({ intervalMs: INTERVAL_MS[first.interval] });
  return candles.flatMap((candle) => {
    const update = engine.update(candle);
    if (update.kind === 'refused') return [];
    const { state, regime, dwellCandles, probabilities } = update;
    return [{ candle, state, regime, dwellCandles, probabilities: [...probabilities] }];
  });
};
