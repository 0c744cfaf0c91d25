import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const START_MS = 1_700_000_040_000;
const MINUTE_MS = 60_000;
const FLAT_CANDLES = 4;
const CANDLES = 40;

interface Fall {
  /** Share of the first price that is lost in each candle after the flat ones. */
  readonly perCandleRatio: number;
}

const candlesOf = (price: number, { perCandleRatio }: Fall): string => {
  const lines = ['open_time_ms,open,high,low,close,volume'];
  let open = price;
  for (let index = 0; index < CANDLES; index += 1) {
    const close = index < FLAT_CANDLES ? open : open - price * perCandleRatio;
    const row = [open, Math.max(open, close) + 1, Math.min(open, close) - 1, close].map((value) => value.toFixed(1));
    lines.push([START_MS + index * MINUTE_MS, ...row, '5000'].join(','));
    open = close;
  }
  return `${lines.join('\n')}\n`;
};

/** Returns the simulator's environment for a market in which BTCUSDT falls evenly and ETHUSDT does not move. */
export const aFallingMarket = (fall: Fall): Record<string, string> => {
  const folder = mkdtempSync(join(tmpdir(), 'qt-falling-'));
  const paths = [
    { name: 'BTCUSDT_um_1m_falling.csv', text: candlesOf(40_000, fall) },
    { name: 'ETHUSDT_um_1m_flat.csv', text: candlesOf(2_000, { perCandleRatio: 0 }) },
  ].map(({ name, text }) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  });
  return { SIM_MARKET: 'replay', SIM_REPLAY_FILES: paths.join(','), SIM_SYMBOLS: 'BTCUSDT,ETHUSDT' };
};

/** Writes the delivered limits with some values replaced, and returns the file's path. */
export const limitsWith = (changes: Readonly<Record<string, number>>): string => {
  let text = readFileSync('config/risk-limits.yaml', 'utf8');
  for (const [name, value] of Object.entries(changes)) {
    const line = new RegExp(`^( +${name}): \\S+`, 'm');
    if (!line.test(text)) throw new Error(`config/risk-limits.yaml has no ${name}`);
    text = text.replace(line, `$1: ${value}`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'qt-limits-'));
  const path = join(folder, 'risk-limits.yaml');
  writeFileSync(path, text);
  return path;
};
