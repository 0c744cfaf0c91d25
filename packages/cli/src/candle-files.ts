import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Interval, MarketSymbol } from '@qt/contracts';
import { listOf, pathOf, refuse } from './option-values.ts';

interface NamedFile {
  readonly path: string;
  readonly symbol: string;
  readonly interval: string;
}

/** Returns symbol and interval of a name such as `BTCUSDT_um_1h_2023.csv.gz`, null for a name that does not say both. */
export const marketInName = (path: string): { symbol: string; interval: Interval } | null => {
  const [symbol = '', , intervalText = ''] = basename(path).split('_');
  const interval = Interval.safeParse(intervalText);
  return MarketSymbol.safeParse(symbol).success && interval.success ? { symbol, interval: interval.data } : null;
};

/** Reads symbol and interval from the names; for names that do not say them the flags do, file by file. */
const nameFiles = (paths: readonly string[], symbols: readonly string[], interval: string | undefined): NamedFile[] =>
  paths.map((given, index) => {
    const path = pathOf(given);
    if (!existsSync(path)) return refuse(`--replay: found no file ${path}; expected a CSV or CSV.gz of candles`);
    const named = marketInName(path);
    if (named !== null) return { path, ...named };
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

/** As the command line gave them. */
interface ReplayFlags {
  readonly replay: string | undefined;
  readonly symbols: string | undefined;
  readonly interval: string | undefined;
}

/** The files of a replay, one for each symbol, under names that say what is in them. */
export interface CandleFiles {
  readonly paths: readonly string[];
  readonly symbols: readonly string[];
  readonly interval: string | null;
}

/**
 * Returns the candle files that are to be replayed; none when `--replay` was not given. `folder` takes links to files whose names do not
 * say what is in them.
 *
 * Throws: BAD_OPTION naming the option, what was found and what was expected.
 */
export const candleFilesOf = (flags: ReplayFlags, folder: string): CandleFiles => {
  const symbols = listOf(flags.symbols);
  checkSymbols(symbols);
  if (flags.interval !== undefined && !Interval.safeParse(flags.interval).success) {
    refuse(`--interval: found "${flags.interval}", expected one of ${Interval.options.join(', ')}`);
  }
  const files = nameFiles(listOf(flags.replay), symbols, flags.interval);
  if (flags.replay !== undefined && files.length === 0)
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
  return {
    paths: chosen.map((file) => linked(file, folder)),
    symbols: chosen.map(({ symbol }) => symbol),
    interval: intervals[0] ?? null,
  };
};
