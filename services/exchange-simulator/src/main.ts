import { randomBytes } from 'node:crypto';
import { wallClock } from '@qt/kernel';
import { loadConfig, runService } from '@qt/service-kit';
import { LedgerFile } from './adapters/ledger-file.ts';
import { loadMarket } from './adapters/load-market.ts';
import { checkMarketFits, forgetSaved, readKeptAccount } from './adapters/saved-account-file.ts';
import { WireIds } from './answers/wire-ids.ts';
import { buildApp } from './app.ts';
import { SimulatorConfig } from './config.ts';
import { fixed } from './domain/fixed.ts';
import { Venue } from './domain/venue.ts';

const ACCOUNT_ID = 'account-1';
const BINANCE_WEIGHT_LIMIT = 2_400;

const config = loadConfig(SimulatorConfig, process.env);

await runService('exchange-simulator', ({ logger, metrics }) => {
  const { SIM_SPEED: speed } = config;
  const key = config.SIM_API_KEY ?? randomBytes(32).toString('hex');
  const secret = config.SIM_API_SECRET ?? randomBytes(32).toString('hex');
  if (config.SIM_API_KEY === undefined || config.SIM_API_SECRET === undefined) {
    // To a person, not to the log: whoever starts the venue without keys needs them to trade on it.
    process.stderr.write(`API key:    ${key}\nAPI secret: ${secret}\n`);
  }
  const ids = new WireIds(config.SIM_LARGE_IDS);
  // Before the ledger begins anew: a market that cannot be read must not cost the record of the last one.
  const saved = readKeptAccount(config);
  const market = loadMarket(config, wallClock.nowMs(), saved);
  if (saved !== null) checkMarketFits(saved, market);
  else if (config.SIM_STATE_FILE !== undefined) forgetSaved(config.SIM_STATE_FILE);
  const ledger = new LedgerFile(config.SIM_LEDGER_FILE, ids, { goesOn: saved !== null });
  const venue = new Venue({
    seed: config.SIM_SEED,
    market,
    ledger: (record) => ledger.append(record),
    speed: String(speed),
    ...(saved === null ? {} : { saved }),
  });
  if (saved === null) {
    venue.openAccount({ accountId: ACCOUNT_ID, startBalance: fixed(config.SIM_START_BALANCE_USDT) });
  }
  return buildApp({
    venue,
    market,
    ledger,
    statePath: config.SIM_STATE_FILE,
    ids,
    keys: [{ accountId: ACCOUNT_ID, key, secret }],
    speed,
    isNow: config.SIM_SHIFT_TO_NOW,
    // Requests are counted per wall minute, in which an accelerated market passes as many of its own.
    weightLimit:
      config.SIM_WEIGHT_LIMIT ?? (typeof speed === 'number' ? BINANCE_WEIGHT_LIMIT * Math.max(1, speed) : null),
    wallMs: () => wallClock.nowMs(),
    logger,
    metrics,
  });
});
