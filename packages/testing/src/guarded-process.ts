import { type ChildProcess, execFileSync, spawn, type StdioOptions } from 'node:child_process';
import type { Socket } from 'node:net';

export interface GuardedSpawn {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly stdio: StdioOptions;
  /** Sent by the kernel when the process that started it dies, however it dies. */
  readonly deathSignal: 'TERM' | 'INT' | 'KILL';
  /** Runs as this user; only where we are root. */
  readonly user?: string;
}

let setprivIsThere: boolean | null = null;

const hasSetpriv = (): boolean => {
  if (setprivIsThere !== null) return setprivIsThere;
  try {
    setprivIsThere = /pdeathsig/.test(execFileSync('setpriv', ['--help'], { encoding: 'utf8', stdio: 'pipe' }));
  } catch {
    setprivIsThere = false; // not Linux: the watch on PARENT_PID and the clean-up at the next start remain
  }
  return setprivIsThere;
};

/**
 * Starts a process that does not outlive this one, also when this one is killed without a word. It gets its own process group:
 * a Ctrl-C in the terminal reaches the starter alone, which then ends its children in order.
 */
export const spawnGuarded = ({ command, args, env, cwd, stdio, deathSignal, user }: GuardedSpawn): ChildProcess => {
  const privileges = user === undefined ? [] : ['--reuid', user, '--regid', user, '--init-groups'];
  const [file, ...rest] = hasSetpriv()
    ? ['setpriv', '--pdeathsig', deathSignal, ...privileges, '--', command, ...args]
    : [command, ...args];
  return spawn(file as string, rest, {
    stdio,
    detached: true,
    ...(env === undefined ? {} : { env: { ...env } }),
    ...(cwd === undefined ? {} : { cwd }),
  });
};

/** Lets this process end while `child` runs: a test that failed to stop its server must not hang; the kernel then ends the server. */
export const letGo = (child: ChildProcess): void => {
  child.unref();
  for (const stream of [child.stdout, child.stderr]) (stream as Socket | null)?.unref();
};

/** Resolves with the exit of `child`, at once when it has ended already. */
export const exitOf = (child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> => {
  if (child.exitCode !== null || child.signalCode !== null) {
    return Promise.resolve({ code: child.exitCode, signal: child.signalCode });
  }
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
};

/** Asks `child` to end and kills it when it has not within `graceMs`. */
export const endProcess = async (child: ChildProcess, signal: NodeJS.Signals, graceMs: number): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const exited = exitOf(child);
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await exited;
  clearTimeout(timer);
};
