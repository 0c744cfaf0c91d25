import { parentPort } from 'node:worker_threads';
import { type LabTask, runTask } from '@qt/regime-lab';

// One task in, its results out, until the pool ends this thread.
parentPort?.on('message', (task: LabTask) => parentPort?.postMessage(runTask(task)));
