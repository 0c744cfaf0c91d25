import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { AppError, messageOf } from '@qt/kernel';
import { CommonConfig } from '@qt/service-kit';
import { HeavyDbConfig } from '@qt/heavydb';
import { z } from 'zod';

/** Every variable this service reads; PORT and the like belong to the process itself. */
export const RegimeConfig = z.object({
  ...CommonConfig,
  ...HeavyDbConfig,
  VENUE: z.enum(['simulator', 'testnet', 'live']).default('simulator'),
  VENUE_REST_URL: z.url().optional(),
  VENUE_WS_URL: z.url().optional(),
  /**
   * Candles fetched before the first live one; at least 200, or the engine starts out warming. The default is where more of them hardly
   * helps: two requests and about a second of learning per market.
   */
  HISTORY_CANDLES: z.coerce.number().int().min(0).max(50_000).default(3_000),
  /** Of how many instances this is one; each takes every SHARD_COUNT-th symbol of the sorted list. */
  SHARD_COUNT: z.coerce.number().int().min(1).max(64).default(1),
  SHARD_INDEX: z.coerce.number().int().min(0).max(63).default(0),
  /** The settings; `--config FILE` comes before it. */
  REGIME_CONFIG_FILE: z.string().min(1).optional(),
  /** Where log files and heap snapshots are written; without it, logs go to stdout only. */
  LOG_DIR: z.string().min(1).optional(),
  /** Checks everything against live data, reports, and ends; writes and publishes nothing. */
  DRY_RUN: z.stringbool().default(false),
});
export type RegimeConfig = z.infer<typeof RegimeConfig>;

const MOUNTED_SETTINGS = '/etc/adaptive_regime/config.yaml';
const SETTINGS_OF_THE_PROJECT = fileURLToPath(new URL('../../../config/regime/config.yaml', import.meta.url));

/** Returns the file that `--config FILE` names, if it is there. Throws: ARGUMENTS_INVALID. */
export const settingsArgument = (args: readonly string[]): string | undefined => {
  try {
    return parseArgs({ args: [...args], options: { config: { type: 'string' } } }).values.config;
  } catch (error) {
    throw new AppError('ARGUMENTS_INVALID', `${messageOf(error)}; expected nothing but --config FILE`, {
      retryable: false,
      cause: error,
    });
  }
};

/** Returns the file of the settings: as told, else where the guide has it, else the project's own. */
export const settingsPath = (named: string | undefined): string =>
  named ?? (existsSync(MOUNTED_SETTINGS) ? MOUNTED_SETTINGS : SETTINGS_OF_THE_PROJECT);
