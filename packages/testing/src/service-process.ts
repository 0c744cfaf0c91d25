import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { AppError } from '@qt/kernel';
import { freePort } from './free-port.ts';
import { endProcess, exitOf, spawnGuarded } from './guarded-process.ts';
import { SimulatorControl } from './simulator-control.ts';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const START_DEADLINE_MS = 30_000;
const KEPT_OUTPUT = 200_000;

type Environment = Readonly<Record<string, string>>;

/** One service as a child process of the test. It ends with the test's process, however that ends. */
export interface ServiceProcess {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly child: ChildProcess;
  /** What it has said on stdout and stderr. */
  output(): string;
  /** Resolves with the exit code once it has ended. */
  exited(): Promise<number | null>;
  /** SIGTERM, and SIGKILL when that was not heard within 12 s. */
  stop(): Promise<void>;
  /** SIGKILL, at once. */
  kill(): Promise<void>;
}

const keepOutput = (child: ChildProcess): (() => string) => {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-KEPT_OUTPUT);
    });
  }
  return () => said;
};

/** Starts `services/<name>/src/main.ts` with this environment and PATH only; does not wait for anything. */
export const spawnService = async (
  name: string,
  env: Environment,
  args: readonly string[] = [],
): Promise<ServiceProcess> => {
  const main = join(ROOT, 'services', name, 'src', 'main.ts');
  if (!existsSync(main)) throw new AppError('NO_SUCH_SERVICE', `found no ${main}`, { retryable: false });
  const port = env['PORT'] === undefined ? await freePort() : Number(env['PORT']);
  const child = spawnGuarded({
    command: process.execPath,
    args: [main, ...args],
    cwd: ROOT,
    env: { PATH: process.env['PATH'], PARENT_PID: String(process.pid), HOST: '127.0.0.1', ...env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
    deathSignal: 'TERM',
  });
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    pid: child.pid ?? 0,
    child,
    output: keepOutput(child),
    exited: async () => (await exitOf(child)).code,
    stop: () => endProcess(child, 'SIGTERM', 12_000),
    kill: async () => {
      child.kill('SIGKILL');
      await exitOf(child);
    },
  };
};

const isReady = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/ready`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
};

/** Starts a service and waits until it is ready. Throws with its last output when it ends first or takes longer than 30 s. */
export const startService = async (name: string, env: Environment): Promise<ServiceProcess> => {
  const service = await spawnService(name, env);
  const deadlineMs = Date.now() + START_DEADLINE_MS;
  while (Date.now() < deadlineMs && service.child.exitCode === null && service.child.signalCode === null) {
    if (await isReady(service.url)) return service;
    await sleep(50);
  }
  const reason =
    service.child.exitCode === null ? 'is not ready after 30 s' : `ended with code ${service.child.exitCode}`;
  await service.kill().catch(() => undefined);
  throw new AppError('SERVICE_NOT_READY', `${name} ${reason}:\n${service.output().slice(-3_000)}`, {
    retryable: false,
  });
};

export interface RunningSimulator extends ServiceProcess {
  readonly restUrl: string;
  readonly wsUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly control: SimulatorControl;
}

/** Starts exchange-simulator with known test keys and waits until it is ready. */
export const startSimulator = async ({ env = {} }: { readonly env?: Environment } = {}): Promise<RunningSimulator> => {
  const apiKey = env['SIM_API_KEY'] ?? 'test-key-of-the-simulated-venue';
  const apiSecret = env['SIM_API_SECRET'] ?? 'test-secret-of-the-simulated-venue';
  const service = await startService('exchange-simulator', { ...env, SIM_API_KEY: apiKey, SIM_API_SECRET: apiSecret });
  return {
    ...service,
    restUrl: service.url,
    wsUrl: service.url.replace(/^http/, 'ws'),
    apiKey,
    apiSecret,
    control: new SimulatorControl(service.url),
  };
};
