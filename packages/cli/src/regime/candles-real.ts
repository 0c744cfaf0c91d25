import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { INTERVAL_MS } from '@qt/contracts';
import { AppError } from '@qt/kernel';
import type { Bar } from '@qt/regime';
import {
  evaluateReal,
  LEAST_REAL_CANDLES,
  type RealMarketReport,
  type RealReport,
  type RealSeries,
  seriesOf,
  type UnjudgedFile,
} from '@qt/regime-lab';
import { marketInName } from '../candle-files.ts';
import { type CandleLine, ENOUGH, readCandleLines } from './candles-file.ts';

/** Judged when nothing else is asked for: five markets, four candle lengths, a bear and a bull market. */
export const REAL_FILES: readonly string[] = [
  'BTCUSDT_um_1h_20230101-20240630.csv.gz',
  'ETHUSDT_um_1h_20230101-20240630.csv.gz',
  'LTCUSDT_um_1h_20200109-20240630.csv.gz',
  'BTCUSDT_um_5m_20220601-20221124.csv.gz',
  'LTCUSDT_um_1m_20230703-20230817.csv.gz',
  'FILUSDT_um_1m_20230801-20231130.csv.gz',
  'BTCUSDT_spot_1d_20170817-20240630.csv.gz',
];
/** Of longer files the first so many are read: enough for tight intervals, few enough for a minute's work. */
export const REAL_CANDLES_PER_FILE = 20_000;

const barOf = (candle: CandleLine): Bar => ({
  openTimeMs: candle.openTimeMs,
  open: Number(candle.open),
  high: Number(candle.high),
  low: Number(candle.low),
  close: Number(candle.close),
  volume: Number(candle.volume),
});

const isSound = (bar: Bar, lastOpenTimeMs: number): boolean =>
  Object.values(bar).every(Number.isFinite) &&
  bar.openTimeMs > lastOpenTimeMs &&
  bar.low > 0 &&
  bar.low <= Math.min(bar.open, bar.close) &&
  bar.high >= Math.max(bar.open, bar.close);

/**
 * Reads the first candles of a file whose name says symbol and interval; faulty ones are left out.
 *
 * Throws: CANDLE_FILE_UNREADABLE, CANDLE_FILE_MALFORMED, INTERVAL_UNKNOWN.
 */
export const readRealSeries = async (path: string, mostCandles: number): Promise<RealSeries> => {
  const named = marketInName(path);
  if (named === null) {
    throw new AppError(
      'INTERVAL_UNKNOWN',
      `${path}: the name does not say symbol and interval; expected SYMBOL_market_interval_… such as BTCUSDT_um_1h_2023.csv`,
      { retryable: false },
    );
  }
  const bars: Bar[] = [];
  await readCandleLines(path, (line) => {
    if (line.kind === 'broken') return undefined;
    const bar = barOf(line.candle);
    if (isSound(bar, bars.at(-1)?.openTimeMs ?? Number.NEGATIVE_INFINITY)) bars.push(bar);
    return bars.length >= mostCandles ? ENOUGH : undefined;
  });
  return seriesOf({ name: basename(path).replace(/\.csv(\.gz)?$/, ''), intervalMs: INTERVAL_MS[named.interval], bars });
};

/** What is to be judged. */
interface RealFilesRequest {
  /** Paths. */
  readonly files: readonly string[];
  readonly mostCandles: number;
  /** Told which file is being judged: a file takes some seconds. */
  readonly onFile: (file: string) => void;
}

/** Returns what is wrong with a file that cannot be read as candles. Throws: whatever says nothing about the file. */
const reasonOf = (error: unknown): string => {
  if (error instanceof AppError && !error.retryable) return error.message;
  throw error;
};

/** Returns the candles of a file, or why it cannot be judged. */
const seriesOrReason = async (path: string, mostCandles: number): Promise<RealSeries | string> => {
  try {
    const series = await readRealSeries(path, mostCandles);
    const found = series.bars.length;
    return found >= LEAST_REAL_CANDLES ? series : `found ${found} candles, expected at least ${LEAST_REAL_CANDLES}`;
  } catch (error) {
    return reasonOf(error);
  }
};

/**
 * Judges the engine on files of real candles, one after the other. A file that is missing, too short or no file of candles is named, not
 * passed over, and does not keep the others from being judged.
 */
export const evaluateRealFiles = async ({ files, mostCandles, onFile }: RealFilesRequest): Promise<RealReport> => {
  const markets: RealMarketReport[] = [];
  const unjudged: UnjudgedFile[] = [];
  for (const path of files) {
    const file = basename(path);
    if (!existsSync(path)) {
      unjudged.push({ file, reason: `found no file ${path}` });
      continue;
    }
    onFile(file);
    const series = await seriesOrReason(path, mostCandles);
    if (typeof series === 'string') unjudged.push({ file, reason: series });
    else markets.push(evaluateReal(series));
  }
  return { version: 1, markets, unjudged };
};
