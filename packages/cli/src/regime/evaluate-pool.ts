import { Worker } from 'node:worker_threads';
import { AppError } from '@qt/kernel';
import type { LabTask } from '@qt/regime-lab';

/** Told after each task. */
export type OnTask<Result> = (task: LabTask, results: readonly Result[]) => void;

/**
 * Runs tasks on so many threads and returns all results, in the order in which they came.
 *
 * Throws: what a task throws; the others are given up.
 */
export const runTasks = async <Result>(
  tasks: readonly LabTask[],
  threads: number,
  onTask: OnTask<Result>,
): Promise<Result[]> => {
  const waiting = [...tasks];
  const found: Result[] = [];
  const runOne = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./evaluate-worker.ts', import.meta.url));
      workers.push(worker);
      let task: LabTask | undefined;
      const next = (): void => {
        task = waiting.shift();
        if (task === undefined) resolve();
        else worker.postMessage(task);
      };
      worker.on('error', reject);
      // Nobody else says why a thread is gone; after the last task this changes nothing any more.
      worker.on('exit', (code) =>
        reject(new AppError('WORKER_GONE', `a thread ended with ${code}`, { retryable: false })),
      );
      worker.on('message', (results: readonly Result[]) => {
        found.push(...results);
        try {
          if (task !== undefined) onTask(task, results);
          next();
        } catch (error) {
          reject(error);
        }
      });
      next();
    });
  const workers: Worker[] = [];
  try {
    await Promise.all(Array.from({ length: Math.min(threads, tasks.length) }, runOne));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return found;
};
