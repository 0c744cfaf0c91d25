import { rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AblationResult,
  ablationReportOf,
  ablationTasksOf,
  CLASSIFIER_NAMES,
  type EvaluationReport,
  FIGURES_EXPLAINED,
  type LabTask,
  reportOf,
  type SeedResult,
  tasksOf,
} from '@qt/regime-lab';
import type { Command } from 'commander';
import { refuse } from '../option-values.ts';
import {
  type EvaluateOptions,
  type RawEvaluateOptions,
  readEvaluateOptions,
  refuseBesideReal,
} from './evaluate-options.ts';
import { runTasks } from './evaluate-pool.ts';
import { ablationTable, ablationVerdicts, gateTable, scenarioTable, verdictOf } from './evaluate-tables.ts';
import { UnfinishedRun } from './evaluate-unfinished.ts';
import {
  evaluateRealCandles,
  makeReportFolder,
  type RawRealOptions,
  writeEvaluationPage,
} from './report-evaluation.ts';
import { writePage } from './report-html.ts';

const SAID_EVERY_MS = 20_000;

/** Returns a listener that says now and then how far the run is; it is told after each of `all` tasks. */
const sayProgress = (all: number): (() => void) => {
  const startedMs = performance.now();
  let lastSaidMs = 0;
  let done = 0;
  return () => {
    done += 1;
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
  if (report.ablation !== null) console.log(`${ablationTable(report.ablation)}\n${ablationVerdicts(report.ablation)}`);
  if (report.gates.length > 0) console.log(gateTable(report.gates));
  if (report.scenarios.length > 0)
    console.log(`Means over the seeds, the worst seed in brackets. ${FIGURES_EXPLAINED}`);
  console.log(
    `seeds ${report.seeds.join(', ')}; ${report.candles} candles each, the first ${report.skippedCandles} not scored`,
  );
  console.log(verdictOf(report));
};

/** Runs the tasks, of a run that writes a report from where an earlier one was interrupted. */
const resultsOf = async <Result>(
  tasks: readonly LabTask[],
  { threads, unfinished }: { readonly threads: number; readonly unfinished: UnfinishedRun<Result> | null },
): Promise<Result[]> => {
  const known = tasks.map((task) => unfinished?.read(task) ?? null);
  const waiting = tasks.filter((_, place) => known[place] === null);
  const already = tasks.length - waiting.length;
  if (already > 0) process.stderr.write(`${already} of ${tasks.length} markets were finished by an earlier run\n`);
  const say = sayProgress(waiting.length);
  const found = await runTasks<Result>(waiting, threads, (task, results) => {
    unfinished?.write(task, results);
    say();
  });
  return [...known.flatMap((results) => results ?? []), ...found];
};

const REPORT_FILES = ['evaluation.json', 'evaluation.html'] as const;

/** An old report must not be taken for that of a run that was interrupted. Throws: OUTPUT_NOT_WRITABLE. */
const emptyReportFolder = (folder: string): void => {
  makeReportFolder(folder);
  for (const file of REPORT_FILES) rmSync(join(folder, file), { force: true });
};

const writeReport = (folder: string, report: EvaluationReport): void => {
  const page = writeEvaluationPage(folder, report, null);
  const path = join(folder, REPORT_FILES[0]);
  writePage(path, `${JSON.stringify(report)}\n`);
  console.log(`report written to ${path} and ${page}`);
};

const measure = async ({ run, isQuick, threads, outFolder }: EvaluateOptions): Promise<EvaluationReport> => {
  const tasks: LabTask[] = run.kind === 'ablate' ? ablationTasksOf(run.plan) : tasksOf(run.plan);
  if (outFolder !== null) emptyReportFolder(outFolder);
  const measureAll = async <Result>(reportOfAll: (results: Result[]) => EvaluationReport) => {
    const unfinished = outFolder === null ? null : new UnfinishedRun<Result>(outFolder, tasks);
    const report = reportOfAll(await resultsOf(tasks, { threads, unfinished }));
    if (outFolder !== null) writeReport(outFolder, report);
    unfinished?.finish();
    return report;
  };
  return run.kind === 'ablate'
    ? measureAll<AblationResult>((results) => ablationReportOf(run.plan, results))
    : measureAll<SeedResult>((results) => reportOf(run.plan, results, { isQuick }));
};

const evaluate = async (raw: RawEvaluateOptions & RawRealOptions): Promise<void> => {
  if (raw.real !== undefined) {
    refuseBesideReal(raw);
    return evaluateRealCandles(raw);
  }
  if (raw.realCandles !== undefined) refuse('--real-candles: found without --real, expected beside it');
  const options = readEvaluateOptions(raw);
  const report = await measure(options);
  sayReport(report);
  if (!options.isReportOnly && report.gates.some(({ passed }) => !passed)) process.exitCode = 1;
};

/** Adds `qt regime evaluate`: the engine on markets with known regimes, against its ceiling, its rivals and its gates. */
export const evaluateCommand = (regime: Command): void => {
  regime
    .command('evaluate')
    .description('measure the engine on markets with known regimes; ends with 1 when a gate is missed')
    .option('--quick', 'two seeds of 4,000 candles and loose floors: a minute instead of the better part of an hour')
    .option(
      '--seeds <list>',
      'such as 1,4 or 1-16 (default: the gate seeds 401-416, with --quick 1-2); tune on 1-60 only',
    )
    .option('--candles <number>', 'candles of each market (default: 20000, with --ablate 8000)')
    .option(
      '--history <number>',
      'unlabeled candles before them, for those that learn from history (default: 20000, with --ablate 6000)',
    )
    .option('--scenario <list>', 'markets by the start of their names, such as gaussian or student-t4-easy')
    .option('--classifier <list>', `which take part, of ${CLASSIFIER_NAMES.join(', ')}`)
    .option('--ablate', 'the engine against itself without each of its methods and learners: is each worth its place?')
    .option('--report-only', 'show what is missed and end with 0 all the same')
    .option('--threads <number>', 'threads to run on (default: all cores)')
    .option(
      '--out <folder>',
      'write everything found here, as evaluation.json and as a page; goes on where a run was interrupted',
    )
    .option('--real [files]', 'judge it on real candles instead: these files, or the default ones beside the project')
    .option('--real-candles <number>', 'the most candles read of each file (default: 20000)')
    .action(evaluate);
};
