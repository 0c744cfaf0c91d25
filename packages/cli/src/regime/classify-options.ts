import { existsSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { INTERVAL_MS, Interval, MarketSymbol } from '@qt/contracts';
import { marketInName } from '../candle-files.ts';
import { pathOf, refuse, wholeNumber } from '../option-values.ts';

/** They are held in memory until all are there. */
const MOST_WARMUP_CANDLES = 500_000;

/** As the command line gave them. */
export interface RawClassifyOptions {
  readonly candles: string;
  readonly out: string;
  readonly interval?: string;
  readonly symbol?: string;
  readonly warmup?: string;
  readonly report?: string;
}

export interface ClassifyOptions {
  readonly candlesPath: string;
  readonly outPath: string;
  readonly reportPath: string | null;
  readonly symbol: string;
  /** Null: neither the flag nor the name says it, and the times of the first candles have to. */
  readonly interval: Interval | null;
  /** First accepted candles that are learned from and not classified. */
  readonly warmupCandles: number;
}

const intervalOf = (given: string | undefined, inName: Interval | undefined): Interval | null => {
  if (given === undefined) return inName ?? null;
  const parsed = Interval.safeParse(given);
  return parsed.success
    ? parsed.data
    : refuse(`--interval: found "${given}", expected one of ${Interval.options.join(', ')}`);
};

const symbolOf = (given: string | undefined, inName: string | undefined, path: string): string => {
  if (given === undefined) return inName ?? basename(path);
  return MarketSymbol.safeParse(given).success
    ? given
    : refuse(`--symbol: found "${given}", expected a symbol such as BTCUSDT`);
};

const writable = (option: string, given: string, candlesPath: string): string => {
  const path = pathOf(given);
  if (path === candlesPath) return refuse(`${option}: found the candle file itself, expected another file`);
  if (!existsSync(dirname(path))) return refuse(`${option}: found no folder ${dirname(path)}; make it first`);
  if (existsSync(path) && statSync(path).isDirectory())
    return refuse(`${option}: found the folder ${path}, expected a file`);
  return path;
};

/** Throws: BAD_OPTION naming the option, what was found and what was expected. */
export const readClassifyOptions = (raw: RawClassifyOptions): ClassifyOptions => {
  const candlesPath = pathOf(raw.candles);
  if (!existsSync(candlesPath) || !statSync(candlesPath).isFile())
    refuse(`--candles: found no file ${candlesPath}; expected a CSV or CSV.gz of candles`);
  const named = marketInName(candlesPath);
  const outPath = writable('--out', raw.out, candlesPath);
  const reportPath = raw.report === undefined ? null : writable('--report', raw.report, candlesPath);
  if (reportPath === outPath) refuse('--report: found the file of --out, expected another file');
  return {
    candlesPath,
    outPath,
    reportPath,
    symbol: symbolOf(raw.symbol, named?.symbol, candlesPath),
    interval: intervalOf(raw.interval, named?.interval),
    warmupCandles: raw.warmup === undefined ? 0 : wholeNumber('--warmup', raw.warmup, MOST_WARMUP_CANDLES),
  };
};

/**
 * Returns the interval whose length is the smallest step between open times, null when there is none such.
 *
 * Shape: `openTimesMs[n]`, in the order of the file.
 */
export const intervalOfTimes = (openTimesMs: readonly number[]): Interval | null => {
  let smallestMs = Number.POSITIVE_INFINITY;
  for (let index = 1; index < openTimesMs.length; index += 1) {
    const stepMs = (openTimesMs[index] ?? 0) - (openTimesMs[index - 1] ?? 0);
    if (stepMs > 0 && stepMs < smallestMs) smallestMs = stepMs;
  }
  return Interval.options.find((interval) => INTERVAL_MS[interval] === smallestMs) ?? null;
};
