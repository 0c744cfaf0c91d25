import { messageOf } from '@qt/kernel';
import type { EngineUpdate } from '@qt/regime';
import { type Lesson, type LessonRequest, teach } from './lesson.ts';

/** What the process answers: what it saw, piece by piece, then the end. */
export type LessonMessage =
  | { readonly kind: 'seen'; readonly seen: readonly EngineUpdate[] }
  | ({ readonly kind: 'ended' } & Pick<Lesson, 'newest' | 'state'>)
  | { readonly kind: 'failed'; readonly reason: string };

// Not the service's own name: whoever signals that by name must not meet this one.
process.title = 'regime_lesson';
// A terminal tells the whole group; the service, which is told too, ends this process when it does not need it.
process.on('SIGINT', () => undefined);
process.on('SIGHUP', () => undefined);
// Left to Node, this would open a debugger's port.
process.on('SIGUSR1', () => undefined);
process.on('disconnect', () => process.exit());

const service = process.ppid;

const say = (message: LessonMessage): void => {
  // In the middle of a lesson no event is heard: whether the service is still there has to be asked.
  if (process.ppid !== service) process.exit();
  process.send?.(message);
};

process.on('message', (request: LessonRequest) => {
  try {
    const end = teach(request, (seen) => say({ kind: 'seen', seen }));
    say({ kind: 'ended', ...end });
  } catch (error) {
    say({ kind: 'failed', reason: messageOf(error) });
  }
});
