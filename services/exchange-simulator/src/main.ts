import { wallClock } from '@qt/kernel';
import { loadConfig, runService } from '@qt/service-kit';
import { plannedAccounts } from './adapters/accounts-file.ts';
import { LedgerFile } from './adapters/ledger-file.ts';
import { loadMarket } from './adapters/load-market.ts';
import { openAccounts } from './adapters/open-accounts.ts';
import { checkMarketFits, forgetSaved, readKeptAccount } from './adapters/saved-account-file.ts';
import { plannedScenario } from './adapters/scenario-file.ts';
import { WireIds } from './answers/wire-ids.ts';
import { buildApp } from './app.ts';
import { houseOf, networkOf, SimulatorConfig } from './config.ts';
import { RecentLedger } from './control/recent-ledger.ts';
import { Venue } from './domain/venue.ts';

const config = loadConfig(SimulatorConfig, process.env);

await runService('exchange-simulator', ({ logger, metrics }) => {
  const { SIM_SPEED: speed } = config;
  // To a person, not to the log: whoever starts the venue without keys needs them to trade on it.
  const accounts = plannedAccounts(config, (text) => process.stderr.write(text));
  const ids = new WireIds(config.SIM_LARGE_IDS);
  // Before the ledger begins anew: a market that cannot be read must not cost the record of the last one.
  const saved = readKeptAccount(config);
  const market = loadMarket(config, wallClock.nowMs(), saved);
  if (saved !== null) checkMarketFits(saved, market);
  else if (config.SIM_STATE_FILE !== undefined) forgetSaved(config.SIM_STATE_FILE);
  const ledger = new LedgerFile(config.SIM_LEDGER_FILE, ids, { goesOn: saved !== null });
  const recentLedger = new RecentLedger();
  const venue = new Venue({
    seed: config.SIM_SEED,
    market,
    ledger: (record) => {
      ledger.append(record);
      recentLedger.note(record);
    },
    speed: String(speed),
    ...houseOf(config),
    ...(saved === null ? {} : { saved }),
  });
  openAccounts(venue, accounts, saved);
  const scenario = plannedScenario(config, { venue, market, accounts });
  return buildApp({
    venue,
    market,
    ledger,
    recentLedger,
    statePath: config.SIM_STATE_FILE,
    ids,
    accounts,
    seed: config.SIM_SEED,
    scenario,
    speed,
    isNow: config.SIM_SHIFT_TO_NOW,
    ...networkOf(config),
    wallMs: () => wallClock.nowMs(),
    logger,
    metrics,
  });
});
