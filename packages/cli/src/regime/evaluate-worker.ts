import { parentPort } from 'node:worker_threads';
import { evaluateSeed, type SeedTask } from '@qt/regime-lab';

// One task in, its results out, until the pool ends this thread.
parentPort?.on('message', (task: SeedTask) => parentPort?.postMessage(evaluateSeed(task)));
