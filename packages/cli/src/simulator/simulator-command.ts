import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError, messageOf } from '@qt/kernel';
import type { Command } from 'commander';
import { greeting, type VenueFacts } from './greeting.ts';
import { planSimulator, type RawSimulatorOptions } from './simulator-options.ts';
import { VenueProcess } from './venue-process.ts';

const out = process.stdout;

/** Ends the venue on a signal, on a second one at once, and when whoever called us is gone. */
const endOnSignals = (venue: VenueProcess): void => {
  let heard = 0;
  const end = (why: string): void => {
    heard += 1;
    if (heard === 1) out.write(`\n${why}: ending the venue\n`);
    if (heard === 1) venue.end();
    else venue.kill();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => end(name));
  const parent = process.ppid;
  if (process.env['QT_FOLLOWS_PARENT'] === '1') {
    setInterval(() => {
      if (process.ppid !== parent && heard === 0) end('the process that called this one is gone');
    }, 1_000).unref();
  }
};

/** Runs the venue alone, from its start to its end, and returns the exit code. */
const runSimulator = async (raw: RawSimulatorOptions): Promise<number> => {
  let folder: string | null = null;
  const linkFolder = (): string => {
    folder ??= mkdtempSync(join(tmpdir(), 'qt-simulator-'));
    return folder;
  };
  try {
    const plan = await planSimulator(raw, linkFolder);
    const venue = new VenueProcess(plan.environment);
    endOnSignals(venue);
    const url = await venue.untilRunning();
    if (url !== null) {
      const state = await fetch(`${url}/control/state`).then((response) => response.json() as Promise<VenueFacts>);
      out.write(`${greeting(plan, url, state)}\n`);
    }
    return await venue.ended;
  } finally {
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  }
};

/** Adds `qt simulator`: the venue alone, for any client that speaks Binance USD-M. */
export const simulatorCommand = (program: Command): void => {
  program
    .command('simulator')
    .description('the simulated Binance USD-M venue alone, for any client: no database, no Redis; Ctrl-C ends it')
    .option('--replay <files>', 'candle files (CSV or CSV.gz), joined by commas')
    .option('--market <seed>', 'a market generated from this seed (this is the default, with seed 1)')
    .option('--funding <files>', 'funding files for the replay, joined by commas')
    .option('--speed <speed>', '1x, 60x, max, or stepped (default: 1x; 60x for a replay without --now)')
    .option('--now', 'shift the market so that it happens now, for clients that keep their own clock')
    .option('--from <time>', 'replay from here: date, ISO time or UTC milliseconds; earlier candles are history')
    .option('--to <time>', 'replay up to here')
    .option('--seed <number>', 'seed of prices inside candles, book and faults (default: 1)')
    .option('--symbols <list>', 'symbols to list, joined by commas (default: BTCUSDT,ETHUSDT,SOLUSDT, or all files)')
    .option('--interval <interval>', 'candle length of the generated market, such as 1m or 1h')
    .option('--port <number>', 'where it listens, on 127.0.0.1', '8090')
    .option('--api-key <key>', 'key of its one account; without keys they are made and shown')
    .option('--api-secret <secret>', 'secret of its one account')
    .option('--accounts <file>', 'several accounts with their keys and balances, instead of one')
    .option('--ledger <file>', 'write every change of the venue here, one JSON line each')
    .option('--scenario <file>', 'faults and events that are to happen by themselves')
    .action(async (raw: RawSimulatorOptions) => {
      try {
        process.exitCode = await runSimulator(raw);
      } catch (error) {
        process.stderr.write(`${error instanceof AppError ? error.message : messageOf(error)}\n`);
        process.exitCode = 1;
      }
      process.exit();
    });
};
