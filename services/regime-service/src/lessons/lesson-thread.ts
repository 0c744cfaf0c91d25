import { parentPort } from 'node:worker_threads';
import type { EngineUpdate } from '@qt/regime';
import { type Lesson, type LessonRequest, teach } from './lesson.ts';

/** What the thread answers: what it saw, piece by piece, then the end. */
export type LessonMessage =
  | { readonly kind: 'seen'; readonly seen: readonly EngineUpdate[] }
  | ({ readonly kind: 'ended' } & Pick<Lesson, 'newest' | 'state'>);

const say = (message: LessonMessage): void => parentPort?.postMessage(message);

parentPort?.on('message', (request: LessonRequest) => {
  const end = teach(request, (seen) => say({ kind: 'seen', seen }));
  say({ kind: 'ended', ...end });
});
