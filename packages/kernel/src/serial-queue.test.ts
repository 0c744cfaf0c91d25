import { describe, expect, it } from '@jest/globals';
import { SerialQueue } from './serial-queue.ts';

describe('SerialQueue', () => {
  it('runs jobs in order, one at a time, and goes on after a failure', async () => {
    const queue = new SerialQueue();
    const seen: string[] = [];
    const slow = queue.run(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      seen.push('slow');
    });
    const failing = queue.run(() => {
      seen.push('failing');
      throw new Error('no');
    });
    const last = queue.run(() => seen.push('last'));

    await expect(failing).rejects.toThrow('no');
    await Promise.all([slow, last]);
    expect(seen).toEqual(['slow', 'failing', 'last']);
  });

  it('is idle only when nothing waits or runs', async () => {
    const queue = new SerialQueue();
    await queue.idle();
    let isDone = false;
    void queue.run(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      isDone = true;
    });
    expect(queue.size).toBe(1);
    await queue.idle();
    expect(isDone).toBe(true);
    expect(queue.size).toBe(0);
  });
});
