import { describe, expect, it } from '@jest/globals';
import { TaskList, type TaskListState } from './task-list.ts';

const ask = (
  tasks: TaskList,
  kind: 'audit' | 'optimize_boundaries',
  { at, priority = 5 }: { at: number; priority?: number },
): boolean => tasks.ask({ kind, priority, reason: 'r', createdAtCandle: at });

describe('TaskList', () => {
  it('hands tasks out once, most urgent first, oldest first among equals', () => {
    const tasks = new TaskList();
    ask(tasks, 'audit', { at: 1, priority: 2 });
    ask(tasks, 'optimize_boundaries', { at: 2, priority: 7 });
    tasks.ask({ kind: 'refit_learners', priority: 7, reason: 'r', createdAtCandle: 3 });
    expect(tasks.take().map(({ kind }) => kind)).toEqual(['optimize_boundaries', 'refit_learners', 'audit']);
    expect(tasks.take()).toEqual([]);
  });

  it('asks for the same work again only after its cooldown, taken or not', () => {
    const tasks = new TaskList();
    expect(ask(tasks, 'optimize_boundaries', { at: 0 })).toBe(true);
    expect(ask(tasks, 'optimize_boundaries', { at: 499 })).toBe(false);
    tasks.take();
    expect(ask(tasks, 'optimize_boundaries', { at: 499 })).toBe(false);
    expect(ask(tasks, 'optimize_boundaries', { at: 500 })).toBe(true);
  });

  it('keeps at most one of a kind, the newest', () => {
    const tasks = new TaskList();
    for (let candle = 0; candle < 50_000; candle += 1) ask(tasks, 'optimize_boundaries', { at: candle });
    expect(tasks.waiting).toHaveLength(1);
    expect(tasks.waiting[0]?.createdAtCandle).toBe(49_500);
  });

  it.each([
    { asked: 99, priority: 10 },
    { asked: -3, priority: 1 },
    { asked: 6.4, priority: 6 },
  ])('a priority of $asked is $priority', ({ asked, priority }) => {
    const tasks = new TaskList();
    ask(tasks, 'audit', { at: 0, priority: asked });
    expect(tasks.waiting[0]?.priority).toBe(priority);
  });

  it('remembers cooldowns in a state saved as text', () => {
    const tasks = new TaskList();
    ask(tasks, 'audit', { at: 10 });
    const second = new TaskList();
    second.restore(JSON.parse(JSON.stringify(tasks.save())) as TaskListState);
    expect(second.waiting).toEqual(tasks.waiting);
    expect(ask(second, 'audit', { at: 20 })).toBe(false);
  });
});
