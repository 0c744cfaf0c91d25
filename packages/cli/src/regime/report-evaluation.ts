import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError, messageOf } from '@qt/kernel';
import { type EvaluationReport, evaluationPage, type RealReport, realReportLines } from '@qt/regime-lab';
import { listOf, pathOf, refuse, wholeNumber } from '../option-values.ts';
import { evaluateRealFiles, REAL_CANDLES_PER_FILE, REAL_FILES } from './candles-real.ts';
import { writePage } from './report-html.ts';

const MOST_CANDLES = 1_000_000;
/** Real candles are not part of the project; they are looked for beside it. */
const SHARED_CANDLES = fileURLToPath(new URL('../../../../../shared/data/candles', import.meta.url));

/** As the command line gave them. */
export interface RawRealOptions {
  /** Files joined by commas; true for those that are judged by default. */
  readonly real?: string | true;
  readonly realCandles?: string;
  readonly out?: string;
}

/** Makes the folder of a report where there is none. Throws: OUTPUT_NOT_WRITABLE. */
export const makeReportFolder = (folder: string): void => {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new AppError('OUTPUT_NOT_WRITABLE', `--out: ${folder} cannot be made a folder: ${messageOf(cause)}`, {
      retryable: false,
      cause,
    });
  }
};

/** Writes `evaluation.html` into a folder that is made when it is not there, and returns its path. Throws: OUTPUT_NOT_WRITABLE. */
export const writeEvaluationPage = (
  folder: string,
  report: EvaluationReport | null,
  real: RealReport | null,
): string => {
  makeReportFolder(folder);
  const path = join(folder, report === null ? 'real.html' : 'evaluation.html');
  writePage(path, evaluationPage(report, real));
  return path;
};

/** Judges the engine on real candles, says what was found, and writes `real.json` and `real.html` where `--out` says. */
export const evaluateRealCandles = async (raw: RawRealOptions): Promise<void> => {
  const isDefault = raw.real === true || raw.real === undefined;
  const files = isDefault ? REAL_FILES.map((file) => join(SHARED_CANDLES, file)) : listOf(raw.real).map(pathOf);
  if (files.length === 0) refuse('--real: found no file, expected none for the default ones, or some joined by commas');
  const mostCandles = wholeNumber('--real-candles', raw.realCandles ?? String(REAL_CANDLES_PER_FILE), MOST_CANDLES);
  const folder = raw.out === undefined ? null : pathOf(raw.out);
  // Before minutes of judging, not after.
  if (folder !== null) makeReportFolder(folder);
  const report = await evaluateRealFiles({
    files,
    mostCandles,
    onFile: (file) => process.stderr.write(`judging ${file}\n`),
  });
  for (const line of realReportLines(report)) console.log(line);
  if (report.unjudged.length > 0) {
    process.stderr.write(
      `${report.unjudged.length} of ${files.length} files of real candles could not be judged: ${report.unjudged.map(({ file, reason }) => `${file} (${reason})`).join('; ')}\n`,
    );
    process.exitCode = 1;
  }
  if (folder === null) return;
  const page = writeEvaluationPage(folder, null, report);
  const json = join(folder, 'real.json');
  writePage(json, `${JSON.stringify(report)}\n`);
  console.log(`report written to ${json} and ${page}`);
};
