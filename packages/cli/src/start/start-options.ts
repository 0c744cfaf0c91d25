import { candleFilesOf } from '../candle-files.ts';
import { listOf, pathOf, refuse, type Speed, speedOf, timeOf, wholeNumber } from '../option-values.ts';

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

const durationOf = (text: string | undefined): number | null => {
  if (text === undefined) return null;
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const unitMs = DURATION_MS[unit];
  return unitMs === undefined
    ? refuse(`--for: found "${text}", expected a duration such as 30s or 10m`)
    : Number(amount) * unitMs;
};

/**
 * Returns the options, checked. `folder` takes links to files whose names do not say what is in them.
 *
 * Throws: BAD_OPTION naming the option, what was found and what was expected.
 */
export const readStartOptions = (raw: RawStartOptions, folder: string): StartOptions => {
  const files = candleFilesOf({ replay: raw.replay, symbols: raw.symbols, interval: raw.interval }, folder);
  const fromMs = timeOf('--from', raw.from);
  const toMs = timeOf('--to', raw.to);
  if (fromMs !== null && toMs !== null && fromMs >= toMs) refuse(`--from ${raw.from} is not before --to ${raw.to}`);
  const isReplay = files.paths.length > 0;
  const symbols = isReplay ? files.symbols : listOf(raw.symbols);
  return {
    replayFiles: files.paths,
    fundingFiles: listOf(raw.funding).map(pathOf),
    speed: speedOf(raw.speed ?? (isReplay ? 'max' : '60x')),
    endsAfterReplay: raw.exit ?? false,
    summaryPath: raw.summary === undefined ? null : pathOf(raw.summary),
    fromMs,
    toMs,
    seed: wholeNumber('--seed', raw.seed ?? '1', 4_294_967_295),
    keepsAccount: raw.keep ?? false,
    symbols: symbols.length > 0 ? symbols : DEFAULT_SYMBOLS,
    interval: files.interval ?? raw.interval ?? '1m',
    portOffset: raw.portOffset === 'auto' ? 'auto' : wholeNumber('--port-offset', raw.portOffset ?? '0', 55_000),
    runsForMs: durationOf(raw.for),
  };
};
