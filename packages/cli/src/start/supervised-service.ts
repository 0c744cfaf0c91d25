import type { ChildProcess } from 'node:child_process';
import { closeSync, createWriteStream, existsSync, openSync, renameSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@qt/kernel';
import { CONFIG_FAULT_EXIT_CODE } from '@qt/service-kit';
import { endProcess, exitOf, spawnGuarded } from '@qt/testing';
import { identityOf } from '../process-identity.ts';
import { PROJECT_ROOT, type SuiteProcess } from '../runtime-directory.ts';

const READY_DEADLINE_MS = 60_000;
const STOP_GRACE_MS = 12_000;
const FIRST_BACKOFF_MS = 200;
const LONGEST_BACKOFF_MS = 5_000;
/** A process that lived this long is taken for sound: its next death starts the backoff anew. */
const SOUND_AFTER_MS = 20_000;
/** Deaths in a row before it ever was ready, after which another try is pointless. */
const MOST_FAILED_STARTS = 5;

export interface SupervisedOptions {
  readonly name: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logs: string;
  /** Another process could not go on where this one died: once it has been ready, its death ends the suite. */
  readonly losesAccounts?: boolean;
  readonly say: (line: string) => void;
  /** Called when the process can never run: it has said why. */
  readonly onHopeless: (error: AppError) => void;
  /** Called when its process id or count of restarts changed. */
  readonly onChange: () => void;
}

/** One service as a child process: started again when it dies, unless it says that starting again is pointless. */
export class SupervisedService {
  readonly #options: SupervisedOptions;
  #child: ChildProcess | null = null;
  #identity = '';
  #errors: WriteStream | null = null;
  #lastWords = '';
  #restarts = 0;
  #failedStarts = 0;
  #wasReady = false;
  #isStopping = false;
  #isHopeless = false;

  constructor(options: SupervisedOptions) {
    this.#options = options;
    const log = this.#logPath;
    if (existsSync(log)) renameSync(log, `${log}.1`);
  }

  get name(): string {
    return this.#options.name;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#options.port}`;
  }

  get restarts(): number {
    return this.#restarts;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Whether it has said that starting it again is pointless. */
  get isHopeless(): boolean {
    return this.#isHopeless;
  }

  facts(): SuiteProcess {
    const { name, port } = this.#options;
    return { name, port, pid: this.#child?.pid ?? 0, identity: this.#identity, restarts: this.#restarts };
  }

  /** Starts the process and goes on; `untilReady` waits. */
  start(): void {
    this.#launch();
  }

  /** Throws: SERVICE_NOT_READY after 60 s. */
  async untilReady(): Promise<void> {
    const deadlineMs = Date.now() + READY_DEADLINE_MS;
    while (Date.now() < deadlineMs && !this.#isStopping && !this.#isHopeless) {
      if (await this.#answersReady()) {
        this.#wasReady = true;
        return;
      }
      await sleep(50);
    }
    if (this.#isStopping || this.#isHopeless) return;
    const message = `${this.name} is not ready after ${READY_DEADLINE_MS / 1_000} s; see ${this.#logPath}`;
    throw new AppError('SERVICE_NOT_READY', message, { retryable: false });
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#child !== null) await endProcess(this.#child, 'SIGTERM', STOP_GRACE_MS);
    this.#errors?.end();
  }

  /** Ends it without a word, for a second Ctrl-C. */
  kill(): void {
    this.#isStopping = true;
    this.#child?.kill('SIGKILL');
  }

  get #logPath(): string {
    return join(this.#options.logs, `${this.name}.log`);
  }

  #launch(): void {
    const { name, port, env } = this.#options;
    const log = openSync(this.#logPath, 'a');
    const child = spawnGuarded({
      command: process.execPath,
      // A small nursery keeps a service's memory where its work is; the default grows it by 100 MB for nothing.
      args: ['--max-semi-space-size=8', join(PROJECT_ROOT, 'services', name, 'src', 'main.ts')],
      cwd: PROJECT_ROOT,
      env: { ...env, PORT: String(port), HOST: '127.0.0.1', PARENT_PID: String(process.pid) },
      stdio: ['ignore', log, 'pipe'],
      deathSignal: 'TERM',
    });
    closeSync(log);
    this.#child = child;
    this.#identity = identityOf(child.pid ?? 0) ?? '';
    this.#lastWords = '';
    this.#errors ??= createWriteStream(this.#logPath, { flags: 'a' });
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#errors?.write(chunk);
      this.#lastWords = (this.#lastWords + chunk.toString()).slice(-2_000);
    });
    this.#options.onChange();
    void this.#watch(child, Date.now());
  }

  async #watch(child: ChildProcess, startedAtMs: number): Promise<void> {
    const { code, signal } = await exitOf(child);
    if (this.#isStopping) return;
    if (code === CONFIG_FAULT_EXIT_CODE) return this.#giveUp(this.#lastWords.trim());
    const how = signal === null ? `ended with code ${code}` : `was killed (${signal})`;
    if (this.#wasReady && this.#options.losesAccounts === true) {
      const words = 'its accounts were in its memory and are gone, so that this run cannot go on. Start again';
      return this.#giveUp(`${this.name} ${how}: ${words} (${this.#logPath} may say why)`);
    }
    const wasSound = this.#wasReady || Date.now() - startedAtMs > SOUND_AFTER_MS;
    // Who is killed from outside while starting has not failed by itself, however often it happens.
    const failures = signal === 'SIGKILL' ? Math.max(1, this.#failedStarts) : this.#failedStarts + 1;
    this.#failedStarts = wasSound ? 1 : failures;
    if (this.#failedStarts > MOST_FAILED_STARTS) {
      return this.#giveUp(
        `${this.name} ${how} ${this.#failedStarts} times without being ready: ${this.#lastWords.trim()}`,
      );
    }
    this.#restarts += 1;
    this.#wasReady = false;
    const waitMs = Math.min(FIRST_BACKOFF_MS * 2 ** (this.#failedStarts - 1), LONGEST_BACKOFF_MS);
    this.#options.say(`${this.name} ${how}; starting it again in ${waitMs} ms (restart ${this.#restarts})`);
    await sleep(waitMs);
    if (this.#isStopping) return;
    this.#launch();
    await this.untilReady().catch((error: unknown) => this.#options.say(String(error)));
  }

  #giveUp(reason: string): void {
    this.#isHopeless = true;
    const words = reason === '' ? `${this.name} cannot run; see ${this.#logPath}` : reason;
    this.#options.onHopeless(new AppError('SERVICE_HOPELESS', words, { retryable: false }));
  }

  async #answersReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/ready`, { signal: AbortSignal.timeout(3_000) })).ok;
    } catch {
      return false; // not listening yet
    }
  }
}
