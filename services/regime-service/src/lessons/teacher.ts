import { Worker } from 'node:worker_threads';
import { AppError } from '@qt/kernel';
import type { EngineUpdate } from '@qt/regime';
import type { Lesson, LessonRequest } from './lesson.ts';
import type { LessonMessage } from './lesson-thread.ts';

/**
 * Teaches new engines a market's past on a thread of its own: that takes seconds, in which the service must go on answering. One lesson
 * at a time; the thread begins with the first and lives until it is dismissed.
 */
export class Teacher {
  #thread: Worker | null = null;
  #isDismissed = false;

  /** Throws: LESSON_ENDED when dismissed meanwhile; whatever the engine throws. */
  async teach(request: LessonRequest): Promise<Lesson> {
    if (this.#isDismissed) throw ended();
    this.#thread ??= new Worker(new URL('./lesson-thread.ts', import.meta.url));
    const thread = this.#thread;
    const { promise, resolve, reject } = Promise.withResolvers<Lesson>();
    const seen: EngineUpdate[] = [];
    const hear = (message: LessonMessage): void => {
      if (message.kind === 'seen') seen.push(...message.seen);
      else resolve({ seen, newest: message.newest, state: message.state });
    };
    const gone = (): void => reject(ended());
    thread.on('message', hear).once('error', reject).once('exit', gone);
    try {
      thread.postMessage(request);
      return await promise;
    } finally {
      thread.off('message', hear).off('error', reject).off('exit', gone);
    }
  }

  /** Ends the thread, and with it a lesson that is being given. */
  async dismiss(): Promise<void> {
    this.#isDismissed = true;
    await this.#thread?.terminate();
  }
}

const ended = (): AppError =>
  new AppError('LESSON_ENDED', 'the thread that learns a market was ended', { retryable: true });
