import { describe, expect, it } from '@jest/globals';
import { TaskBacklog } from './task-backlog.ts';
import type { TaskRequest } from './task-request.ts';

const pending = (taskId: string, change: Partial<TaskRequest> = {}) => ({
  taskId,
  requestedAtMs: 0,
  request: { kind: 'audit', reason: 'test', origin: 'operator', symbol: null, slotMs: null, ...change } as const,
});

describe('TaskBacklog', () => {
  it('holds one request per kind and market, the more urgent one, most important first', () => {
    const backlog = new TaskBacklog();
    backlog.put(pending('1'));
    backlog.put(pending('2'));
    backlog.put(pending('3', { symbol: 'BTCUSDT' }));
    backlog.put(pending('4', { urgency: 5 }));
    backlog.put(pending('5', { kind: 'snapshot' }));
    expect(backlog.list().map(({ taskId }) => taskId)).toEqual(['5', '4', '3']);
  });

  it('keeps the last turn of a routine', () => {
    const backlog = new TaskBacklog();
    for (const slotMs of [1, 3, 2]) backlog.put(pending(String(slotMs), { origin: 'schedule', slotMs }));
    expect(backlog.list().map(({ taskId }) => taskId)).toEqual(['3']);
  });

  it('keeps the one that took the place of another while that was on its way', () => {
    const backlog = new TaskBacklog();
    const first = pending('1');
    backlog.put(first);
    backlog.put(pending('2', { urgency: 5 }));
    backlog.remove(first);
    expect(backlog.size).toBe(1);
  });
});
