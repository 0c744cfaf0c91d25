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
});
