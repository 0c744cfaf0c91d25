import { AppError } from '@qt/kernel';
import type { SimulatorConfig } from '../config.ts';
import { createGeneratedMarket } from '../domain/generated-market.ts';
import { intervalMsOf } from '../domain/intervals.ts';
import { createReplayMarket } from '../domain/replay-market.ts';
import type { MarketSource, SavedVenue } from '../domain/venue-types.ts';
import { readCandleFile, readFundingFile } from '../market-files.ts';
import { createReplayNow } from './shift-to-now.ts';

/**
 * Returns the market that the configuration asks for, from the moment on at which `saved` came to rest.
 *
 * Throws: CONFIG_INVALID when a replay has no files, or a history begins before 1970; MARKET_FILE_… and MARKET_FILES_UNUSABLE naming what is wrong with the files;
 * MARKET_NOT_SHIFTED.
 */
export function loadMarket(config: SimulatorConfig, wallMs: number, saved: SavedVenue | null = null): MarketSource {
  if (config.SIM_MARKET === 'replay') {
    if (config.SIM_REPLAY_FILES === undefined) {
      throw new AppError('CONFIG_INVALID', 'SIM_REPLAY_FILES is not set; SIM_MARKET=replay needs candle files', {
        retryable: false,
      });
    }
    const replay = {
      series: config.SIM_REPLAY_FILES.map((path) => readCandleFile(path)),
      funding: (config.SIM_FUNDING_FILES ?? []).map((path) => readFundingFile(path)),
      ...(config.SIM_FROM_MS === undefined ? {} : { fromMs: config.SIM_FROM_MS }),
      ...(config.SIM_TO_MS === undefined ? {} : { toMs: config.SIM_TO_MS }),
    };
    return config.SIM_SHIFT_TO_NOW ? createReplayNow(replay, wallMs) : createReplayMarket(replay);
  }
  const intervalMs = intervalMsOf(config.SIM_INTERVAL) ?? 60_000;
  if (saved !== null) {
    // The walk begins where it began, so that it goes on as the same walk; what was played before is history.
    const startMs = Math.floor(saved.timeMs / intervalMs) * intervalMs;
    return createGeneratedMarket({
      seed: config.SIM_SEED,
      symbols: config.SIM_SYMBOLS,
      interval: config.SIM_INTERVAL,
      startMs,
      historyCandles: (startMs - saved.market.firstMs) / intervalMs,
    });
  }
  const wantedMs = config.SIM_SHIFT_TO_NOW ? undefined : config.SIM_START_MS;
  const startMs = wantedMs ?? Math.floor(wallMs / intervalMs) * intervalMs;
  if (startMs < config.SIM_HISTORY_CANDLES * intervalMs) {
    const found = `${config.SIM_HISTORY_CANDLES} candles of ${config.SIM_INTERVAL}`;
    const message = `SIM_HISTORY_CANDLES: found ${found} before the start; they would begin before 1970`;
    throw new AppError('CONFIG_INVALID', message, { retryable: false });
  }
  return createGeneratedMarket({
    seed: config.SIM_SEED,
    symbols: config.SIM_SYMBOLS,
    interval: config.SIM_INTERVAL,
    startMs,
    historyCandles: config.SIM_HISTORY_CANDLES,
  });
}
