import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@qt/kernel';
import { identityOf } from '../process-identity.ts';
import type { RuntimeDirectory } from '../runtime-directory.ts';

interface Holder {
  readonly pid: number;
  readonly identity: string;
  readonly page: string;
}

const readHolder = (path: string): Holder | null => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return null; // cut off by a crash: nobody holds it
  }
};

/** Ends what a starter that was killed has left behind: first asks, then kills. */
const endLeftovers = async (runtime: RuntimeDirectory, say: (line: string) => void): Promise<void> => {
  const isLeft = ({ pid, identity }: { pid: number; identity: string }) => identityOf(pid) === identity;
  const left = (runtime.suite()?.processes ?? []).filter(isLeft);
  if (left.length === 0) return;
  say(`ending what an earlier start left behind: ${left.map(({ name, pid }) => `${name} (${pid})`).join(', ')}`);
  for (const { name, pid } of left) signal(pid, name === 'postgres' ? 'SIGINT' : 'SIGTERM');
  for (let waitedMs = 0; waitedMs < 12_000 && left.some(isLeft); waitedMs += 100) await sleep(100);
  for (const { pid } of left.filter(isLeft)) signal(pid, 'SIGKILL');
};

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch {
    // gone in between: what was wanted
  }
};

/** One suite per runtime folder. */
export class SuiteLock {
  readonly #runtime: RuntimeDirectory;

  constructor(runtime: RuntimeDirectory) {
    this.#runtime = runtime;
  }

  /** Throws: ALREADY_RUNNING naming the process and its page. */
  async take(page: string, say: (line: string) => void): Promise<void> {
    const { lock } = this.#runtime;
    for (;;) {
      if (this.#write(page)) break;
      const holder = readHolder(lock);
      if (holder !== null && identityOf(holder.pid) === holder.identity) {
        const message = `A suite is already running here: process ${holder.pid}, ${holder.page}. Stop it with Ctrl-C or "kill ${holder.pid}", or look at it with "npx qt status"`;
        throw new AppError('ALREADY_RUNNING', message, { retryable: false });
      }
      rmSync(lock, { force: true });
    }
    await endLeftovers(this.#runtime, say);
  }

  release(): void {
    rmSync(this.#runtime.lock, { force: true });
  }

  #write(page: string): boolean {
    try {
      const file = openSync(this.#runtime.lock, 'wx');
      writeSync(file, JSON.stringify({ pid: process.pid, identity: identityOf(process.pid) ?? '', page }));
      closeSync(file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }
}
