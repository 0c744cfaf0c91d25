import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import { gunzipSync, gzipSync } from 'node:zlib';
import { AppError, messageOf } from '@qt/kernel';
import { type LabTask, scenarioNameOf } from '@qt/regime-lab';

/** The code whose figures these are: other code would give others. */
const MEASURED_CODE = ['regime', 'regime-lab', 'market-math', 'kernel'].map((name) =>
  fileURLToPath(new URL(`../../../${name}/src`, import.meta.url)),
);
const NAME_LENGTH = 16;

const isCode = (path: string): boolean => path.endsWith('.ts') && !path.endsWith('.test.ts');

/** Returns a name for what a run measures: the code of the engine and of the lab, the runtime, and what is asked of each market. */
const nameOfRun = (tasks: readonly LabTask[]): string => {
  const hash = createHash('sha256').update(process.version);
  for (const folder of MEASURED_CODE) {
    const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(isCode).toSorted();
    for (const path of paths) hash.update(path).update(readFileSync(join(folder, path)));
  }
  // Not which markets: a run of more of them can go on from one of fewer.
  const asked = tasks.map((task) => JSON.stringify({ ...task, scenario: null, seed: null, hasTimeline: null }));
  for (const one of new Set(asked)) hash.update(one);
  return hash.digest('hex').slice(0, NAME_LENGTH);
};

const fileOf = (task: LabTask): string => {
  const timeline = task.kind === 'evaluate' && task.hasTimeline ? '-drawn' : '';
  return `${scenarioNameOf(task.scenario)}-seed${task.seed}${timeline}.gz`;
};

/** Returns what was kept; null of a file that is cut short or broken, as a loss of power leaves it. */
const decoded = <Result>(bytes: Uint8Array): readonly Result[] | null => {
  try {
    return deserialize(gunzipSync(bytes)) as readonly Result[];
  } catch {
    // The market is measured again, and its file written anew.
    return null;
  }
};

/**
 * What a run has found so far, market by market, in `unfinished` below the folder of its report. It is there while a run is not
 * finished and after one was interrupted; a report is there when one has ended. Two runs on one folder do not spoil each other's files.
 */
export class UnfinishedRun<Result> {
  readonly #folder: string;

  constructor(reportFolder: string, tasks: readonly LabTask[]) {
    this.#folder = join(reportFolder, 'unfinished', nameOfRun(tasks));
  }

  /** Returns the results of a task that an earlier run of the same code finished; null when none did. */
  read(task: LabTask): readonly Result[] | null {
    const path = join(this.#folder, fileOf(task));
    return existsSync(path) ? decoded(readFileSync(path)) : null;
  }

  /**
   * Whole or not at all: a run that is killed leaves no half a file under a name that is read.
   *
   * Throws: OUTPUT_NOT_WRITABLE.
   */
  write(task: LabTask, results: readonly Result[]): void {
    const path = join(this.#folder, fileOf(task));
    const part = `${path}.${process.pid}.part`;
    try {
      // Each time: another run of the same that ends meanwhile takes the folder with it.
      mkdirSync(this.#folder, { recursive: true });
      writeFileSync(part, gzipSync(serialize(results)));
      renameSync(part, path);
    } catch (cause) {
      if (existsSync(part)) rmSync(part);
      throw new AppError(
        'OUTPUT_NOT_WRITABLE',
        `${path} cannot be written: ${messageOf(cause)}; what was written before stays, and the same command goes on from there`,
        { retryable: false, cause },
      );
    }
  }

  /** Takes away what the report now holds; what other runs left stays. */
  finish(): void {
    rmSync(this.#folder, { recursive: true, force: true });
    const parent = dirname(this.#folder);
    if (existsSync(parent) && readdirSync(parent).length === 0) rmdirSync(parent);
  }
}
