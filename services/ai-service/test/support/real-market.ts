import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { INTERVAL_MS, type RegimeClassified } from '@qt/contracts';
import { RegimeEngine } from '@qt/regime';
import { realCandles } from '@qt/testing';

/** Returns the first `limit` hours of a file of real candles with what the regime engine says about each. */
export const classifiedHours = (name: string, limit: number): RegimeClassified[] => {
  const symbol = name.slice(0, name.indexOf('_'));
  const lines = gunzipSync(readFileSync(realCandles(name)))
    .toString()
    .trim()
    .split('\n');
  const engine = new RegimeEngine({ intervalMs: INTERVAL_MS['1h'] });
  return lines.slice(1, limit + 1).flatMap((line) => {
    const [openTime, open = '', high = '', low = '', close = '', volume = ''] = line.split(',');
    const candle = { symbol, interval: '1h' as const, openTimeMs: Number(openTime), open, high, low, close, volume };
    const update = engine.update(candle);
    if (update.kind === 'refused') return [];
    const { state, regime, dwellCandles, probabilities } = update;
    return [{ candle, state, regime, dwellCandles, probabilities: [...probabilities] }];
  });
};
