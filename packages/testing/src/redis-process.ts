import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@qt/kernel';
import { endProcess, letGo, spawnGuarded } from './guarded-process.ts';

const START_DEADLINE_MS = 10_000;

export interface RedisProcessOptions {
  readonly port: number;
  /** Kept between runs; a temporary directory that goes with the server when left out. */
  readonly directory?: string;
  readonly isDurable: boolean;
  /** Anything but `noeviction` is for tests that want to see it refused. */
  readonly maxmemoryPolicy?: string;
  readonly onLog?: (text: string) => void;
}

const answersPing = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write('PING\r\n'));
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', (chunk) => settle(chunk.toString().startsWith('+PONG')));
    socket.once('error', () => settle(false));
    socket.setTimeout(500, () => settle(false));
  });

/** One `redis-server` on the loopback address. It ends with the process that started it. */
export class RedisProcess {
  readonly #options: RedisProcessOptions;
  readonly #directory: string;
  #server: ChildProcess | null = null;
  #log = '';

  constructor(options: RedisProcessOptions) {
    this.#options = options;
    this.#directory = options.directory ?? mkdtempSync(join(tmpdir(), 'qt-redis-'));
  }

  get pid(): number | undefined {
    return this.#server?.pid;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.#options.port}`;
  }

  /** Throws: REDIS_START_FAILED with the server's own last words. */
  async start(): Promise<void> {
    const { port, isDurable, maxmemoryPolicy = 'noeviction' } = this.#options;
    mkdirSync(this.#directory, { recursive: true });
    const durable = isDurable ? ['--appendonly', 'yes', '--appendfsync', 'everysec'] : ['--appendonly', 'no'];
    const network = ['--bind', '127.0.0.1', '--port', String(port), '--dir', this.#directory];
    const server = spawnGuarded({
      command: 'redis-server',
      args: [...network, ...durable, '--save', '', '--maxmemory-policy', maxmemoryPolicy, '--daemonize', 'no'],
      stdio: ['ignore', 'pipe', 'pipe'],
      deathSignal: 'TERM',
    });
    this.#server = server;
    let spawnError: Error | null = null;
    server.once('error', (error) => {
      spawnError = error;
    });
    for (const stream of [server.stdout, server.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#log = (this.#log + chunk.toString()).slice(-2_000);
        this.#options.onLog?.(chunk.toString());
      });
    }
    const deadlineMs = Date.now() + START_DEADLINE_MS;
    while (Date.now() < deadlineMs && spawnError === null && server.exitCode === null) {
      if (await answersPing(port)) {
        letGo(server);
        return;
      }
      await sleep(10);
    }
    const said = spawnError === null ? this.#log.trim().split('\n').slice(-3).join(' | ') : String(spawnError);
    throw new AppError('REDIS_START_FAILED', `redis-server did not start on port ${port}: ${said}`, {
      retryable: true,
    });
  }

  async stop(): Promise<void> {
    if (this.#server !== null) await endProcess(this.#server, 'SIGTERM', 5_000);
    this.#server = null;
    if (this.#options.directory === undefined) rmSync(this.#directory, { recursive: true, force: true });
  }
}
