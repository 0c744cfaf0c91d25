import { Worker } from 'node:worker_threads';
import { AppError } from '@qt/kernel';
import type { SeedResult, SeedTask } from '@qt/regime-lab';

/** Told after each task. */
export type OnTask = (done: number, all: number, results: readonly SeedResult[]) => void;

/**
 * Runs tasks on so many threads and returns all results, in the order in which they came.
 *
 * Throws: what a task throws; the others are given up.
 */
export const runTasks = async (tasks: readonly SeedTask[], threads: number, onTask: OnTask): Promise<SeedResult[]> => {
  const waiting = [...tasks];
  const found: SeedResult[] = [];
  let done = 0;
  const runOne = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./evaluate-worker.ts', import.meta.url));
      workers.push(worker);
      const next = (): void => {
        const task = waiting.shift();
        if (task === undefined) resolve();
        else worker.postMessage(task);
      };
      worker.on('error', reject);
      // Nobody else says why a thread is gone; after the last task this changes nothing any more.
      worker.on('exit', (code) =>
        reject(new AppError('WORKER_GONE', `a thread ended with ${code}`, { retryable: false })),
      );
      worker.on('message', (results: readonly SeedResult[]) => {
        found.push(...results);
        done += 1;
        onTask(done, tasks.length, results);
        next();
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
