import { describe, expect, it } from '@jest/globals';
import { ReadingTurns } from './reading-turns.ts';

describe('ReadingTurns', () => {
  it('lets so many through at once, in order, and refuses whoever finds too many waiting', async () => {
    const turns = new ReadingTurns({ atOnce: 2, waiting: 3 });
    let running = 0;
    let most = 0;
    const order: number[] = [];
    const read = (name: number) => async (): Promise<number> => {
      running += 1;
      most = Math.max(most, running);
      order.push(name);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      if (name === 1) throw new Error('the second fails');
      return name;
    };
    const all = await Promise.allSettled([0, 1, 2, 3, 4, 5].map((name) => turns.take(read(name))));
    expect(all.map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as Error).message))).toEqual([
      0,
      'the second fails',
      2,
      3,
      4,
      '3 requests wait for the database already; try again later',
    ]);
    expect(most).toBe(2);
    expect(order).toEqual([0, 1, 2, 3, 4]);
    await expect(turns.take(read(7))).resolves.toBe(7);
  });

  it('takes other limits while some run and wait: fewer go on after those, more begin at once', async () => {
    const turns = new ReadingTurns({ atOnce: 3, waiting: 10 });
    let running = 0;
    const ends: (() => void)[] = [];
    const all = Array.from({ length: 8 }, () =>
      turns.take(async () => {
        running += 1;
        await new Promise<void>((resolve) => ends.push(resolve));
        running -= 1;
      }),
    );
    const endOne = async (): Promise<number> => {
      ends.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
      return running;
    };
    expect(running).toBe(3);
    turns.allow({ atOnce: 1, waiting: 2 });
    expect([await endOne(), await endOne(), await endOne()]).toEqual([2, 1, 1]);
    await expect(turns.take(async () => undefined)).rejects.toThrow(/^2 requests wait/);
    turns.allow({ atOnce: 2, waiting: 10 });
    await new Promise((resolve) => setImmediate(resolve));
    expect(running).toBe(2);
    while (ends.length > 0) await endOne();
    await Promise.all(all);
    expect(running).toBe(0);
  });
});
