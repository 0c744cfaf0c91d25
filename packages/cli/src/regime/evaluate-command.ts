import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLASSIFIER_NAMES, type EvaluationReport, reportOf, type SeedResult, tasksOf } from '@qt/regime-lab';
import type { Command } from 'commander';
import { type RawEvaluateOptions, readEvaluateOptions } from './evaluate-options.ts';
import { type OnTask, runTasks } from './evaluate-pool.ts';
import { evaluateRealCandles, type RawRealOptions, writeEvaluationPage } from './report-evaluation.ts';
import { ablationTable, gateTable, scenarioTable, verdictOf } from './evaluate-tables.ts';

const SAID_EVERY_MS = 20_000;

/** Returns a listener that says now and then how far the run is. */
const sayProgress = (): OnTask => {
  const startedMs = performance.now();
  let lastSaidMs = 0;
  return (done, all) => {
    const elapsedMs = performance.now() - startedMs;
    if (done < all && elapsedMs - lastSaidMs < SAID_EVERY_MS) return;
    lastSaidMs = elapsedMs;
    const leftMinutes = ((elapsedMs / done) * (all - done)) / 60_000;
    process.stderr.write(
      `${done} of ${all} markets after ${(elapsedMs / 1_000).toFixed(0)} s, ${leftMinutes.toFixed(1)} min left\n`,
    );
  };
};

const sayReport = (report: EvaluationReport): void => {
  for (const scenario of report.scenarios) console.log(scenarioTable(scenario));
  if (report.ablation.length > 0) console.log(ablationTable(report.ablation));
  if (report.gates.length > 0) console.log(gateTable(report.gates));
  console.log(
    `seeds ${report.seeds.join(', ')}; ${report.candles} candles each, the first ${report.skippedCandles} not scored`,
  );
  console.log(verdictOf(report));
};

const evaluate = async (raw: RawEvaluateOptions & RawRealOptions): Promise<void> => {
  if (raw.real !== undefined) return evaluateRealCandles(raw);
  const { plan, isQuick, isReportOnly, threads, outFolder } = readEvaluateOptions(raw);
  const results: SeedResult[] = await runTasks(tasksOf(plan), threads, sayProgress());
  const report = reportOf(plan, results, { isQuick });
  sayReport(report);
  if (outFolder !== null) {
    mkdirSync(outFolder, { recursive: true });
    const path = join(outFolder, 'evaluation.json');
    writeFileSync(path, `${JSON.stringify(report)}\n`);
    const page = writeEvaluationPage(outFolder, report, null);
    console.log(`report written to ${path} and ${page}`);
  }
  if (!isReportOnly && report.gates.some(({ passed }) => !passed)) process.exitCode = 1;
};

/** Adds `qt regime evaluate`: the engine on markets with known regimes, against its ceiling, its rivals and its gates. */
export const evaluateCommand = (regime: Command): void => {
  regime
    .command('evaluate')
    .description('measure the engine on markets with known regimes; ends with 1 when a gate is missed')
    .option('--quick', 'two seeds of 4,000 candles and loose floors: a minute instead of the better part of an hour')
    .option('--seeds <list>', 'such as 1,4 or 401-416 (default: the gate seeds 401-416)')
    .option('--candles <number>', 'candles of each market (default: 20000)')
    .option('--history <number>', 'unlabeled candles before them, for those that learn from history (default: 20000)')
    .option('--scenario <list>', 'markets by the start of their names, such as gaussian or student-t4-easy')
    .option('--classifier <list>', `which take part, of ${CLASSIFIER_NAMES.join(', ')}`)
    .option('--ablate', 'the engine against itself without each of its methods and learners')
    .option('--report-only', 'show what is missed and end with 0 all the same')
    .option('--threads <number>', 'threads to run on (default: all cores)')
    .option('--out <folder>', 'write everything found here, as evaluation.json, and as a page')
    .option('--real [files]', 'judge it on real candles instead: these files, or the default ones beside the project')
    .option('--real-candles <number>', 'the most candles read of each file (default: 20000)')
    .action(evaluate);
};
