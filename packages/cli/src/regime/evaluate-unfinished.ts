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

/**
 * What a run has found so far, market by market, in `unfinished` below the folder of its report. It is there while a run is not
 * finished and after one was interrupted; a report is there when one has ended.
 */
export class UnfinishedRun<Result> {
  readonly #folder: string;

  constructor(reportFolder: string, tasks: readonly LabTask[]) {
    this.#folder = join(reportFolder, 'unfinished', nameOfRun(tasks));
    mkdirSync(this.#folder, { recursive: true });
  }

  /** Returns the results of a task that an earlier run of the same code finished; null when none did. */
  read(task: LabTask): readonly Result[] | null {
    const path = join(this.#folder, fileOf(task));
    return existsSync(path) ? (deserialize(gunzipSync(readFileSync(path))) as readonly Result[]) : null;
  }

  /** Whole or not at all: a run that is killed leaves no half a file under a name that is read. */
  write(task: LabTask, results: readonly Result[]): void {
    const path = join(this.#folder, fileOf(task));
    writeFileSync(`${path}.part`, gzipSync(serialize(results)));
    renameSync(`${path}.part`, path);
  }

  /** Takes away what the report now holds; what other runs left stays. */
  finish(): void {
    rmSync(this.#folder, { recursive: true, force: true });
    const parent = dirname(this.#folder);
    if (readdirSync(parent).length === 0) rmdirSync(parent);
  }
}
