import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Candle, closedAtMs, INTERVAL_MS, type Interval } from '@qt/contracts';
import { probeRedis } from '@qt/event-bus';
import { AppError } from '@qt/kernel';
import type { Component } from '@qt/service-kit';
import { engineParametersOf } from './configuration/engine-settings.ts';
import { readSettingsFile } from './configuration/live-configuration.ts';
import type { RegimeSettings } from './configuration/settings.ts';
import { formingOpenTimeMs } from './domain/candle-place.ts';
import { MarketTrack } from './market-track.ts';
import type { MarketSource, RegimeStore } from './ports.ts';

/** How long the stream is listened to at most; it ends with the first candle or price. */
const LISTEN_MS = 5_000;
const LISTEN_STEP_MS = 25;

export interface DryRunDeps {
  readonly settingsPath: string;
  readonly symbols: readonly string[];
  readonly interval: Interval;
  readonly historyCandles: number;
  readonly source: MarketSource;
  readonly database: Component;
  readonly regimes: Pick<RegimeStore, 'findSnapshot'>;
  readonly redisUrl: string;
}

interface MarketReport {
  readonly symbol: string;
  readonly candles: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly state: string;
  readonly regime: string | null;
  readonly regime_id: number | null;
  readonly probability: number | null;
  readonly candles_per_second: number;
  /** Whether a restart would go on from the saved state, or why it would not. */
  readonly saved_state: string;
}

export interface DryRunReport {
  readonly configuration: { readonly file: string; readonly is_valid: true; readonly settings: RegimeSettings };
  readonly database: { readonly latency_ms: number };
  readonly redis: { readonly latency_ms: number };
  readonly venue: {
    readonly offset_ms: number;
    readonly traded_symbols: number;
    readonly stream: {
      readonly is_open: boolean;
      readonly heard: 'candle' | 'price' | 'nothing';
      readonly after_ms: number;
    };
  };
  readonly markets: readonly MarketReport[];
}

const millis = (value: number): number => Math.round(value * 100) / 100;

/**
 * Tries everything a start would need, with the settings of a file and the market as it is, and returns what was found. Reads only:
 * no candle is stored, no event published, no snapshot written.
 *
 * Throws: CONFIG_INVALID, CONFIG_UNREADABLE, SYMBOL_UNKNOWN; whatever a store or the venue throws when it cannot be reached.
 */
export const dryRun = async (deps: DryRunDeps): Promise<DryRunReport> => {
  const { settingsPath, source, database, redisUrl, symbols } = deps;
  const { settings } = readSettingsFile(settingsPath);
  const startedMs = performance.now();
  await database.start();
  const databaseMs = performance.now() - startedMs;
  try {
    const redisMs = await probeRedis(redisUrl);
    const traded = new Set((await source.instruments()).map(({ symbol }) => symbol));
    const unknown = symbols.filter((symbol) => !traded.has(symbol));
    if (unknown.length > 0)
      throw new AppError('SYMBOL_UNKNOWN', `SYMBOLS names ${unknown.join(', ')}, which the venue does not trade`, {
        retryable: false,
      });
    const offsetMs = await source.syncClock();
    const markets: MarketReport[] = [];
    for (const symbol of symbols) markets.push(await tryMarket(deps, settings, symbol));
    const stream = await tryStream(deps);
    return {
      configuration: { file: settingsPath, is_valid: true, settings },
      database: { latency_ms: millis(databaseMs) },
      redis: { latency_ms: millis(redisMs) },
      venue: { offset_ms: offsetMs, traded_symbols: traded.size, stream },
      markets,
    };
  } finally {
    await source.close();
    await database.stop();
  }
};

const trackOf = ({ interval }: DryRunDeps, settings: RegimeSettings, symbol: string): MarketTrack =>
  new MarketTrack({
    symbol,
    interval,
    snapshotOffset: 0,
    warmupCandles: settings.detection.warmup_candles,
    parameters: engineParametersOf(settings),
  });

const tryMarket = async (deps: DryRunDeps, settings: RegimeSettings, symbol: string): Promise<MarketReport> => {
  const { source, interval, historyCandles, regimes } = deps;
  const endMs = formingOpenTimeMs(source.nowMs(), INTERVAL_MS[interval]);
  const startMs = Math.max(0, endMs - Math.max(historyCandles, 1) * INTERVAL_MS[interval]);
  const candles = await source.candles({ symbol, interval, startMs, endMs });
  const track = trackOf(deps, settings, symbol);
  const startedMs = performance.now();
  for (const candle of candles) take(track, candle);
  const seconds = Math.max(1e-6, (performance.now() - startedMs) / 1_000);
  const snapshot = await regimes.findSnapshot(symbol, interval);
  const fault = snapshot === null ? null : trackOf(deps, settings, symbol).restore(snapshot);
  const { latest } = track;
  return {
    symbol,
    candles: candles.length,
    refused: track.quality.figures().refused,
    state: latest?.state ?? 'warming',
    regime: latest?.regime.name ?? null,
    regime_id: latest?.regime.id ?? null,
    probability: latest?.regime.probability ?? null,
    candles_per_second: Math.round(candles.length / seconds),
    saved_state:
      snapshot === null ? 'there is none' : (fault ?? `usable, of ${new Date(snapshot.openTimeMs).toISOString()}`),
  };
};

const take = (track: MarketTrack, candle: Candle): void => {
  const update = track.classify(candle);
  if (update.kind === 'refused') track.quality.refused(update.code);
  else track.latest = { ...update, detail: null, candle, origin: 'gap_fill' };
};

const tryStream = async ({ source, symbols, interval }: DryRunDeps): Promise<DryRunReport['venue']['stream']> => {
  const startedMs = performance.now();
  let isOpen = false;
  let heard: 'candle' | 'price' | 'nothing' = 'nothing';
  const stream = await source.openMarketStream({
    symbols: [...symbols],
    interval,
    handlers: {
      onCandle: (candle) => {
        if (closedAtMs(candle) > 0) heard = 'candle';
      },
      onMark: () => {
        if (heard === 'nothing') heard = 'price';
      },
      onOpened: () => {
        isOpen = true;
      },
      onLost: () => {
        isOpen = false;
      },
    },
  });
  const hasHeard = (): boolean => heard !== 'nothing';
  while (!hasHeard() && performance.now() - startedMs < LISTEN_MS) await sleep(LISTEN_STEP_MS);
  await stream.close();
  return { is_open: isOpen, heard, after_ms: millis(performance.now() - startedMs) };
};

const lineOf = ({
  symbol,
  candles,
  state,
  regime,
  probability,
  candles_per_second,
  saved_state,
}: MarketReport): string => {
  const share = probability === null ? '-' : probability.toFixed(2);
  return `  ${symbol}: ${regime ?? 'no regime'} (${share}, ${state}) after ${candles} candles at ${candles_per_second}/s; saved state: ${saved_state}`;
};

/** Writes the report: lines to read, then one line of JSON. */
export const printReport = (report: DryRunReport): void => {
  const { configuration, database, redis, venue, markets } = report;
  const lines = [
    'dry run: everything a start needs is there; nothing was written or published',
    `  configuration ${configuration.file} is valid`,
    `  PostgreSQL answers in ${database.latency_ms} ms, Redis in ${redis.latency_ms} ms`,
    `  the venue trades ${venue.traded_symbols} symbols; its stream ${venue.stream.is_open ? 'is open' : 'DID NOT OPEN'}, heard: ${venue.stream.heard}`,
    ...markets.map(lineOf),
    JSON.stringify(report),
  ];
  writeSync(1, `${lines.join('\n')}\n`);
};
