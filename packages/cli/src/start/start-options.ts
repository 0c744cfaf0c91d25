import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { Interval, MarketSymbol } from '@qt/contracts';
import { AppError } from '@qt/kernel';

/** As the command line gave them. */
export interface RawStartOptions {
  readonly replay?: string;
  readonly funding?: string;
  readonly speed?: string;
  readonly exit?: boolean;
  readonly summary?: string;
  readonly from?: string;
  readonly to?: string;
  readonly seed?: string;
  readonly keep?: boolean;
  readonly symbols?: string;
  readonly interval?: string;
  readonly portOffset?: string;
  readonly for?: string;
}

/** How fast market time goes: as fast as the machine can, or this many times the wall clock. */
export type Speed = 'max' | number;

export interface StartOptions {
  /** Empty: the built-in market. */
  readonly replayFiles: readonly string[];
  readonly fundingFiles: readonly string[];
  readonly speed: Speed;
  /** Ends by itself once a replay is through. */
  readonly endsAfterReplay: boolean;
  readonly summaryPath: string | null;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly seed: number;
  readonly keepsAccount: boolean;
  readonly symbols: readonly string[];
  readonly interval: string;
  readonly portOffset: number | 'auto';
  /** Units: wall milliseconds. Null: until told to stop. */
  readonly runsForMs: number | null;
}

const DEFAULT_SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];
const DURATION_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

const refuse = (message: string): never => {
  throw new AppError('BAD_OPTION', message, { retryable: false });
};

const listOf = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

const wholeNumber = (option: string, text: string, most: number): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < 0 || value > most) {
    return refuse(`${option}: found "${text}", expected a whole number from 0 to ${most}`);
  }
  return value;
};

const timeOf = (option: string, text: string | undefined): number | null => {
  if (text === undefined) return null;
  const value = /^\d{12,14}$/.test(text)
    ? Number(text)
    : Date.parse(/\d{2}:\d{2}/.test(text) ? text : `${text}T00:00:00Z`);
  return Number.isFinite(value)
    ? value
    : refuse(`${option}: found "${text}", expected a date such as 2023-01-31, an ISO time, or UTC milliseconds`);
};

const speedOf = (text: string): Speed => {
  if (text === 'max') return 'max';
  const factor = Number(/^(\d+(?:\.\d+)?)x$/.exec(text)?.[1]);
  return factor > 0 ? factor : refuse(`--speed: found "${text}", expected max, or a factor such as 60x or 1x`);
};

const durationOf = (text: string | undefined): number | null => {
  if (text === undefined) return null;
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const unitMs = DURATION_MS[unit];
  return unitMs === undefined
    ? refuse(`--for: found "${text}", expected a duration such as 30s or 10m`)
    : Number(amount) * unitMs;
};

interface NamedFile {
  readonly path: string;
  readonly symbol: string;
  readonly interval: string;
}

/** Reads symbol and interval from `SYMBOL_market_interval_…`; for other names the flags say them, file by file. */
const nameFiles = (paths: readonly string[], symbols: readonly string[], interval: string | undefined): NamedFile[] =>
  paths.map((given, index) => {
    const path = resolve(process.env['INIT_CWD'] ?? process.cwd(), given);
    if (!existsSync(path)) return refuse(`--replay: found no file ${path}; expected a CSV or CSV.gz of candles`);
    const [fromName = '', , intervalFromName = ''] = basename(path).split('_');
    const isNamed = MarketSymbol.safeParse(fromName).success && Interval.safeParse(intervalFromName).success;
    if (isNamed) return { path, symbol: fromName, interval: intervalFromName };
    const symbol = symbols[index];
    if (symbol === undefined || interval === undefined) {
      return refuse(
        `--replay: the name ${basename(path)} does not say symbol and interval; expected SYMBOL_market_interval_… such as BTCUSDT_um_1h_2023.csv, or the flags --symbols (one per file) and --interval`,
      );
    }
    return { path, symbol, interval };
  });

/** Returns the path under a name that says symbol and interval: a link in `folder` where the file's own name does not. */
const linked = ({ path, symbol, interval }: NamedFile, folder: string): string => {
  if (basename(path).startsWith(`${symbol}_`)) return path;
  mkdirSync(folder, { recursive: true });
  const link = join(folder, `${symbol}_um_${interval}_${basename(path)}`);
  rmSync(link, { force: true });
  symlinkSync(path, link);
  return link;
};

const checkSymbols = (symbols: readonly string[]): void => {
  for (const symbol of symbols) {
    if (!MarketSymbol.safeParse(symbol).success)
      refuse(`--symbols: found "${symbol}", expected symbols such as BTCUSDT`);
  }
};

/**
 * Returns the options, checked. `folder` takes links to files whose names do not say what is in them.
 *
 * Throws: BAD_OPTION naming the option, what was found and what was expected.
 */
export const readStartOptions = (raw: RawStartOptions, folder: string): StartOptions => {
  const symbols = listOf(raw.symbols);
  checkSymbols(symbols);
  if (raw.interval !== undefined && !Interval.safeParse(raw.interval).success) {
    refuse(`--interval: found "${raw.interval}", expected one of ${Interval.options.join(', ')}`);
  }
  const files = nameFiles(listOf(raw.replay), symbols, raw.interval);
  if (raw.replay !== undefined && files.length === 0)
    refuse('--replay: found no file, expected one or more, joined by commas');
  const intervals = [...new Set(files.map(({ interval }) => interval))];
  if (intervals.length > 1)
    refuse(`--replay: found intervals ${intervals.join(' and ')}; expected files of one interval`);
  const inFiles = files.map(({ symbol }) => symbol);
  const twice = inFiles.find((symbol, index) => inFiles.indexOf(symbol) !== index);
  if (twice !== undefined) refuse(`--replay: found two files of ${twice}; expected one per symbol`);
  const unknown = symbols.filter((symbol) => files.length > 0 && !inFiles.includes(symbol));
  if (unknown.length > 0)
    refuse(`--symbols: ${unknown.join(', ')} is in none of the files; found ${inFiles.join(', ')}`);
  const chosen = files.filter(({ symbol }) => symbols.length === 0 || symbols.includes(symbol));
  const fromMs = timeOf('--from', raw.from);
  const toMs = timeOf('--to', raw.to);
  if (fromMs !== null && toMs !== null && fromMs >= toMs) refuse(`--from ${raw.from} is not before --to ${raw.to}`);
  const isReplay = files.length > 0;
  return {
    replayFiles: chosen.map((file) => linked(file, folder)),
    fundingFiles: listOf(raw.funding).map((path) => resolve(process.env['INIT_CWD'] ?? process.cwd(), path)),
    speed: speedOf(raw.speed ?? (isReplay ? 'max' : '60x')),
    endsAfterReplay: raw.exit ?? false,
    summaryPath: raw.summary === undefined ? null : resolve(process.env['INIT_CWD'] ?? process.cwd(), raw.summary),
    fromMs,
    toMs,
    seed: wholeNumber('--seed', raw.seed ?? '1', 4_294_967_295),
    keepsAccount: raw.keep ?? false,
    symbols: isReplay ? chosen.map(({ symbol }) => symbol) : symbols.length > 0 ? symbols : DEFAULT_SYMBOLS,
    interval: intervals[0] ?? raw.interval ?? '1m',
    portOffset: raw.portOffset === 'auto' ? 'auto' : wholeNumber('--port-offset', raw.portOffset ?? '0', 55_000),
    runsForMs: durationOf(raw.for),
  };
};
