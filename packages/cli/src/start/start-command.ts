import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, messageOf } from '@qt/kernel';
import type { Command } from 'commander';
import type { SimulatorState } from '@qt/testing';
import { identityOf } from '../process-identity.ts';
import { type RuntimeDirectory, runtimeDirectory } from '../runtime-directory.ts';
import { LiveView } from './live-view.ts';
import { choosePorts } from './ports.ts';
import { ReplayDriver } from './replay-driver.ts';
import { ReplayProgress } from './replay-progress.ts';
import { type RunSummary, summarizeRun } from './run-summary.ts';
import { type RawStartOptions, readStartOptions, type StartOptions } from './start-options.ts';
import { Suite } from './suite.ts';
import { SuiteLock } from './suite-lock.ts';
import { summaryTable } from './summary-table.ts';

const out = process.stdout;

/** Why the suite is to stop: somebody said so, or something cannot go on. */
class StopRequest {
  readonly #controller = new AbortController();
  #error: unknown = null;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get error(): unknown {
    return this.#error;
  }

  because(error: unknown): void {
    if (this.signal.aborted) return;
    this.#error = error;
    this.#controller.abort();
  }

  async wait(): Promise<void> {
    if (this.signal.aborted) return;
    // The timer keeps the process up while nothing else does.
    const holding = setInterval(() => undefined, 60_000);
    await new Promise<void>((resolve) => this.signal.addEventListener('abort', () => resolve(), { once: true }));
    clearInterval(holding);
  }
}

const listenForSignals = (stop: StopRequest, suite: () => Suite | null): void => {
  let heard = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      heard += 1;
      if (heard === 1) {
        out.write(`\n${name}: draining and stopping everything (once more to end it at once)\n`);
        stop.because(null);
        return;
      }
      suite()?.kill();
      process.exit(130);
    });
  }
  const parent = process.ppid;
  // The script that called us was killed without a word: nobody is there any more to stop us.
  if (process.env['QT_FOLLOWS_PARENT'] === '1') {
    setInterval(() => {
      if (process.ppid !== parent) stop.because(null);
    }, 1_000).unref();
  }
};

const pagesOf = (urls: Readonly<Record<string, string>>): string =>
  Object.entries(urls)
    .map(([name, url]) => `  ${name.padEnd(21)} ${url}${name === 'exchange-simulator' ? '/control/state' : '/health'}`)
    .join('\n');

interface Session {
  readonly runtime: RuntimeDirectory;
  readonly options: StartOptions;
  readonly suite: Suite;
  readonly stop: StopRequest;
}

const playReplay = async ({ runtime, options, suite, stop }: Session): Promise<RunSummary | null> => {
  const progress = new ReplayProgress(out);
  let last: SimulatorState | null = null;
  const driver = new ReplayDriver({
    urls: suite.urls,
    speed: options.speed,
    signal: stop.signal,
    onProgress: (state) => {
      last = state;
      progress.show(state);
    },
  });
  const state = await driver.run();
  progress.end(last ?? state);
  if (stop.error !== null) return null;
  return closeBooks({ runtime, suite, options });
};

/** Has the venue close its ledger, and holds both sides against each other. */
const closeBooks = async ({ runtime, suite, options }: Omit<Session, 'stop'>): Promise<RunSummary> => {
  const response = await fetch(`${suite.urls['exchange-simulator'] ?? ''}/control/end`, { method: 'POST' });
  if (!response.ok)
    throw new AppError('VENUE_NOT_CLOSED', `the simulator did not close its ledger: ${response.status}`, {
      retryable: false,
    });
  const summary = await summarizeRun({ databaseUrl: suite.databaseUrl, ledgerPath: runtime.ledger });
  out.write(`${summaryTable(summary)}\n`);
  const document = `${JSON.stringify(summary, null, 2)}\n`;
  if (options.summaryPath === null) out.write(document);
  else {
    writeFileSync(options.summaryPath, document);
    out.write(`summary: ${options.summaryPath}\n`);
  }
  return summary;
};

const trade = async ({ options, stop }: Session, view: LiveView): Promise<void> => {
  view.start();
  if (options.runsForMs !== null) await Promise.race([sleep(options.runsForMs), stop.wait()]);
  else await stop.wait();
  view.stop();
};

/** Runs a suite from its start to its end and returns the exit code. */
const runSuite = async (raw: RawStartOptions): Promise<number> => {
  const runtime = runtimeDirectory();
  const options = readStartOptions(raw, join(runtime.path, 'replay'));
  runtime.prepare();
  const lock = new SuiteLock(runtime);
  const stop = new StopRequest();
  let suite: Suite | null = null;
  listenForSignals(stop, () => suite);
  const guess = options.portOffset === 'auto' ? 0 : options.portOffset;
  await lock.take(`http://127.0.0.1:${8002 + guess}/health`, (line) => out.write(`${line}\n`));
  try {
    const { ports, offset } = await choosePorts(options.portOffset);
    let view: LiveView | null = null;
    const say = (line: string): void => (view === null ? void out.write(`${line}\n`) : view.say(line));
    suite = new Suite({ runtime, ports, options, say, onHopeless: (error) => stop.because(error) });
    const running = suite;
    const isReplay = options.replayFiles.length > 0;
    const note = (): void =>
      runtime.writeSuite({
        pid: process.pid,
        identity: identityOf(process.pid) ?? '',
        startedAt: new Date().toISOString(),
        mode: isReplay ? 'replay' : 'paper',
        speed: String(options.speed),
        portOffset: offset,
        symbols: [...options.symbols],
        interval: options.interval,
        ledgerPath: runtime.ledger,
        urls: { ...running.urls },
        processes: running.processes(),
      });
    running.onChange(note);
    const startedMs = performance.now();
    await Promise.race([running.start(), stop.wait()]);
    note();
    if (stop.error !== null) throw stop.error;
    if (stop.signal.aborted) return 0;
    say(
      `started in ${((performance.now() - startedMs) / 1_000).toFixed(1)} s: ${options.symbols.join(', ')} ${options.interval}, ${isReplay ? 'replay' : 'built-in market'} at ${options.speed === 'max' ? 'full speed' : `${options.speed}x`}`,
    );
    say(pagesOf(running.urls));
    const session: Session = { runtime, options, suite: running, stop };
    if (isReplay) {
      const summary = await playReplay(session);
      if (stop.error !== null) throw stop.error;
      if (!options.endsAfterReplay && !stop.signal.aborted) {
        say('the replay is through; the suite stays up until Ctrl-C (--exit ends it)');
        await stop.wait();
      }
      return summary?.invariants.every(({ holds }) => holds) === true ? 0 : 1;
    }
    view = new LiveView({ out, urls: running.urls, symbols: options.symbols });
    await trade(session, view);
    if (stop.error !== null) throw stop.error;
    return 0;
  } finally {
    await suite?.stop();
    lock.release();
    out.write('everything has stopped\n');
  }
};

/** Adds `qt start`: what `npm start` runs. */
export const startCommand = (program: Command): void => {
  program
    .command('start')
    .description('start stores, simulated venue and services; trade until Ctrl-C, or replay candle files')
    .option('--replay <files>', 'candle files (CSV or CSV.gz), joined by commas')
    .option('--funding <files>', 'funding files for the replay, joined by commas')
    .option('--speed <speed>', 'max, or a factor such as 60x or 1x (default: max for replays, else 60x)')
    .option('--exit', 'end once the replay is through')
    .option('--summary <file>', 'write the JSON summary of a replay here')
    .option('--from <time>', 'replay from here: date, ISO time or UTC milliseconds; earlier candles are history')
    .option('--to <time>', 'replay up to here')
    .option('--seed <number>', 'seed of the market and of its fills', '1')
    .option(
      '--keep',
      'go on with the account, orders, positions and record of the run before, instead of from an empty account',
    )
    .option('--symbols <list>', 'symbols to trade, or those of the files in order')
    .option('--interval <interval>', 'candle length, such as 1m or 1h')
    .option('--port-offset <number>', 'added to every port; auto finds one at which all are free', '0')
    .option('--for <duration>', 'stop by itself after, such as 30s or 10m')
    .action(async (raw: RawStartOptions) => {
      try {
        process.exitCode = await runSuite(raw);
      } catch (error) {
        process.stderr.write(
          `${error instanceof AppError ? error.message : ((error as Error).stack ?? messageOf(error))}\n`,
        );
        process.exitCode = 1;
      }
      process.exit();
    });
};
