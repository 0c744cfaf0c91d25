import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { AppError, InvariantError, messageOf } from '@qt/kernel';
import type { EngineUpdate } from '@qt/regime';
import type { Lesson, LessonRequest } from './lesson.ts';
import type { LessonMessage } from './lesson-process.ts';

const PROCESS = fileURLToPath(new URL('./lesson-process.ts', import.meta.url));

/** Several times what the longest history takes on a busy machine. */
const LONGEST_LESSON_MS = 600_000;
/** What the process is told of the service's environment: what Node needs to run, and no address, key or password. */
const ENVIRONMENT = ['NODE_OPTIONS', 'NODE_ENV', 'PATH', 'LD_LIBRARY_PATH', 'SystemRoot', 'TZ'];

export interface TeacherOptions {
  /** After so long without an answer the process is ended. */
  readonly longestMs?: number;
  /** What runs the process: this Node when left out. */
  readonly program?: string;
}

/**
 * Teaches new engines a market's past in a process of its own: that takes seconds, in which the service must go on answering, and memory
 * that a thread would leave behind in the service for good. One lesson at a time; the process begins with the first and lives until it
 * is dismissed.
 */
export class Teacher {
  readonly #options: Required<TeacherOptions>;
  #process: ChildProcess | null = null;
  #isDismissed = false;

  constructor({ longestMs = LONGEST_LESSON_MS, program = process.execPath }: TeacherOptions = {}) {
    this.#options = { longestMs, program };
  }

  /** Of the process that learns; null while there is none. */
  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  /** Throws: LESSON_ENDED when dismissed meanwhile, or when the process ended, hung or could not begin; InvariantError with what the engine threw. */
  async teach(request: LessonRequest): Promise<Lesson> {
    if (this.#isDismissed) throw ended('it was dismissed');
    const child = (this.#process ??= this.#begin());
    const { promise, resolve, reject } = Promise.withResolvers<Lesson>();
    const seen: EngineUpdate[] = [];
    const hear = (message: LessonMessage): void => {
      hung.refresh();
      if (message.kind === 'seen') seen.push(...message.seen);
      else if (message.kind === 'failed') reject(new InvariantError(message.reason));
      else resolve({ seen, newest: message.newest, state: message.state });
    };
    const gone = (code: number | null, signal: string | null): void =>
      reject(ended(signal === null ? `it ended with ${code}` : `it ended by ${signal}`));
    const failed = (error: Error): void => reject(ended(error.message));
    const hung = setTimeout(() => {
      child.kill('SIGKILL');
      failed(new Error(`it said nothing for ${this.#options.longestMs / 1_000} s`));
    }, this.#options.longestMs);
    child.on('message', hear).on('error', failed).once('exit', gone);
    try {
      // One that could not begin has no ears: why, its error says.
      if (child.connected) child.send(request);
      return await promise;
    } finally {
      clearTimeout(hung);
      child.off('message', hear).off('error', failed).off('exit', gone);
    }
  }

  /** Ends the process, and with it a lesson that is being given. */
  async dismiss(): Promise<void> {
    this.#isDismissed = true;
    const child = this.#process;
    if (child?.pid === undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
    await promise;
  }

  /** Throws: LESSON_ENDED. */
  #begin(): ChildProcess {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => ENVIRONMENT.includes(name)));
    const child = this.#fork(env);
    const forget = (): void => {
      if (this.#process === child) this.#process = null;
    };
    child.once('exit', forget);
    // Heard by whoever waits for a lesson; a process that cannot be told anything must not end this one.
    child.on('error', () => {
      if (child.pid === undefined) forget();
    });
    return child;
  }

  #fork(env: NodeJS.ProcessEnv): ChildProcess {
    try {
      return fork(PROCESS, {
        execPath: this.#options.program,
        env,
        // Numbers as they are: JSON knows no -0.
        serialization: 'advanced',
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
    } catch (error) {
      // No memory for another process.
      throw ended(messageOf(error));
    }
  }
}

const ended = (reason: string): AppError =>
  new AppError('LESSON_ENDED', `the process that learns a market is gone: ${reason}`, { retryable: true });
