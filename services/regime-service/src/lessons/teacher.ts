import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { AppError, InvariantError } from '@qt/kernel';
import type { EngineUpdate } from '@qt/regime';
import type { Lesson, LessonRequest } from './lesson.ts';
import type { LessonMessage } from './lesson-process.ts';

const PROCESS = fileURLToPath(new URL('./lesson-process.ts', import.meta.url));

/**
 * Teaches new engines a market's past in a process of its own: that takes seconds, in which the service must go on answering, and memory
 * that a thread would leave behind in the service for good. One lesson at a time; the process begins with the first and lives until it
 * is dismissed.
 */
export class Teacher {
  #process: ChildProcess | null = null;
  #isDismissed = false;

  /** Of the process that learns; null while there is none. */
  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  /** Throws: LESSON_ENDED when dismissed meanwhile, or when the process ended by itself; InvariantError with what the engine threw. */
  async teach(request: LessonRequest): Promise<Lesson> {
    if (this.#isDismissed) throw ended('it was dismissed');
    const child = (this.#process ??= this.#begin());
    const { promise, resolve, reject } = Promise.withResolvers<Lesson>();
    const seen: EngineUpdate[] = [];
    const hear = (message: LessonMessage): void => {
      if (message.kind === 'seen') seen.push(...message.seen);
      else if (message.kind === 'failed') reject(new InvariantError(message.reason));
      else resolve({ seen, newest: message.newest, state: message.state });
    };
    const gone = (code: number | null, signal: string | null): void =>
      reject(ended(signal === null ? `it ended with ${code}` : `it ended by ${signal}`));
    const failed = (error: Error): void => reject(ended(error.message));
    child.on('message', hear).on('error', failed).once('exit', gone);
    try {
      child.send(request);
      return await promise;
    } finally {
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

  #begin(): ChildProcess {
    // Numbers as they are: JSON knows no -0.
    const child = fork(PROCESS, { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child.once('exit', () => {
      this.#process = null;
    });
    // Heard by whoever waits for a lesson; a process that cannot be told anything must not end this one.
    child.on('error', () => undefined);
    return child;
  }
}

const ended = (reason: string): AppError =>
  new AppError('LESSON_ENDED', `the process that learns a market is gone: ${reason}`, { retryable: true });
