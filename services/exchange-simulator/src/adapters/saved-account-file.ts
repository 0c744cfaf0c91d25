import { accessSync, constants, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError, messageOf } from '@qt/kernel';
import type { SimulatorConfig } from '../config.ts';
import { heldSymbols } from '../domain/saved-account.ts';
import type { MarketSource, SavedVenue } from '../domain/venue-types.ts';

const VERSION = 2;
/** Exact amounts are bigints, which JSON does not know; no id of a client can begin with this sign. */
const AMOUNT = /^#-?\d+$/;

const toJson = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? `#${value}` : value);
const fromJson = (_key: string, value: unknown): unknown =>
  typeof value === 'string' && AMOUNT.test(value) ? BigInt(value.slice(1)) : value;

const refuse = (found: string): never => {
  const message = `The account of the last run cannot be kept: ${found}. Start without keeping it, from an empty account`;
  throw new AppError('ACCOUNT_NOT_KEPT', message, { retryable: false });
};

const linesOf = (path: string | undefined): number =>
  path === undefined || !existsSync(path) ? 0 : readFileSync(path, 'utf8').split('\n').length - 1;

const readSaved = (path: string): SavedVenue => {
  let document: { readonly version?: unknown; readonly venue?: SavedVenue } | null;
  try {
    document = JSON.parse(readFileSync(path, 'utf8'), fromJson) as typeof document;
  } catch (error) {
    return refuse(`${path} cannot be read (${messageOf(error)})`);
  }
  const { version, venue } = document ?? {};
  if (version === VERSION && venue !== undefined) {
    if (Array.isArray(venue.accounts) && venue.market?.kind !== undefined && venue.ledgerSeq !== undefined)
      return venue;
    return refuse(`${path} is not what a venue has saved`);
  }
  return refuse(`found version ${String(version)} in ${path}, expected ${VERSION}`);
};

/**
 * Returns the venue that the last run has saved, null when there was none yet or none is to be kept.
 *
 * Throws: ACCOUNT_NOT_KEPT when the last run did not come to a clean stop: its ledger then says more than what was saved.
 */
export function readKeptAccount(config: SimulatorConfig): SavedVenue | null {
  const { SIM_STATE_FILE: path, SIM_LEDGER_FILE: ledgerPath } = config;
  if (!config.SIM_KEEP_ACCOUNT) return null;
  if (path === undefined) return refuse('SIM_STATE_FILE is not set, so that nothing was saved');
  const lines = linesOf(ledgerPath);
  if (!existsSync(path)) {
    return lines === 0
      ? null
      : refuse(`the simulator was killed, ${path} is missing while the ledger has ${lines} lines`);
  }
  const saved = readSaved(path);
  if (ledgerPath !== undefined && lines !== saved.ledgerSeq) {
    refuse(
      `the simulator was killed, its ledger has ${lines} lines while the saved account stands at ${saved.ledgerSeq}`,
    );
  }
  if (saved.market.kind !== config.SIM_MARKET) {
    refuse(`it traded on a ${saved.market.kind} market, this run has a ${config.SIM_MARKET} one`);
  }
  const isOtherWalk = saved.seed !== config.SIM_SEED || saved.market.interval !== config.SIM_INTERVAL;
  if (config.SIM_MARKET === 'generated' && isOtherWalk) {
    const was = `seed ${saved.seed} and interval ${saved.market.interval}`;
    refuse(`its market had ${was}, this run has seed ${config.SIM_SEED} and interval ${config.SIM_INTERVAL}`);
  }
  return saved;
}

/** Throws: ACCOUNT_NOT_KEPT when the market ends before the saved account's time, or does not list what it holds. */
export function checkMarketFits(saved: SavedVenue, market: MarketSource): void {
  if (market.endMs !== null && market.endMs <= saved.timeMs) {
    const [at, end] = [saved.timeMs, market.endMs].map((timeMs) => new Date(timeMs).toISOString());
    refuse(`it stands at ${at} and these candles end at ${end}; time does not go back`);
  }
  const missing = saved.accounts.flatMap(heldSymbols).filter((symbol) => !market.symbols.includes(symbol));
  if (missing.length > 0) refuse(`it holds ${missing.join(', ')}, which this market does not have`);
}

/** Saves the venue, whole or not at all. */
export function writeSaved(path: string, venue: SavedVenue): void {
  const next = `${path}.next`;
  writeFileSync(next, JSON.stringify({ version: VERSION, venue }, toJson));
  renameSync(next, path);
}

/**
 * Forgets what an earlier run has saved: an account that is not kept must never come back.
 *
 * Throws: STATE_UNWRITABLE where nothing could be saved at the end.
 */
export function forgetSaved(path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK);
    rmSync(path, { force: true });
  } catch (cause) {
    const message = `The accounts cannot be saved at ${path}: ${messageOf(cause)}. Give another SIM_STATE_FILE`;
    throw new AppError('STATE_UNWRITABLE', message, { retryable: false, cause });
  }
}
