import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { wallClock } from '@qt/kernel';
import { type RunningStore, silentLogger, startRedis } from '@qt/testing';
import { type BudgetRequest, createRedisWeightBudget, type WeightBudget } from '../../src/index.ts';

const START_MS = 1_700_000_040_000; // the first millisecond of a minute
const LIMITS = { weight1m: 100, orders10s: 10, orders1m: 20 };
const aRead = (weight: number): BudgetRequest => ({ weight, orders: 0, priority: 'normal' });
const anEntry: BudgetRequest = { weight: 0, orders: 1, priority: 'normal' };
const anExit: BudgetRequest = { weight: 0, orders: 1, priority: 'protective' };

describe('createRedisWeightBudget', () => {
  let redis: RunningStore;
  let first: WeightBudget;
  let second: WeightBudget;
  let address = 0;

  const aBudget = (redisUrl: string, nowMs = START_MS): WeightBudget =>
    createRedisWeightBudget({
      redisUrl,
      address: `address-${address}`,
      clock: { nowMs: () => nowMs },
      logger: silentLogger,
      limits: LIMITS,
    });
  /** Two processes behind one address that nobody has used yet. */
  const aPair = async (): Promise<void> => {
    await Promise.all([first?.close(), second?.close()]);
    address += 1;
    first = aBudget(redis.url);
    second = aBudget(redis.url);
  };

  beforeAll(async () => {
    redis = await startRedis();
  }, 30_000);
  afterAll(async () => {
    await Promise.all([first.close(), second.close()]);
    await redis.stop();
  });

  it('shares the weight of one address between processes', async () => {
    await aPair();
    expect(await first.take(aRead(50))).toEqual({ kind: 'granted' });
    expect(await second.take(aRead(30))).toEqual({ kind: 'granted' });
    expect(await first.take(aRead(1))).toEqual({ kind: 'refused', reason: 'budget', retryAtMs: START_MS + 60_000 });
    expect(await second.take({ weight: 20, orders: 0, priority: 'protective' })).toEqual({ kind: 'granted' });
  });

  it('gives back what it refused', async () => {
    await aPair();
    expect(await first.take(aRead(70))).toEqual({ kind: 'granted' });
    expect(await second.take(aRead(20))).toMatchObject({ kind: 'refused' });
    expect(await second.take(aRead(10))).toEqual({ kind: 'granted' });
  });

  it('never grants more than the share when two processes race', async () => {
    await aPair();
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) => (index % 2 ? first : second).take(anEntry)),
    );
    expect(answers.filter(({ kind }) => kind === 'granted').length).toBeLessThanOrEqual(7);
    for (let exit = 0; exit < 3; exit += 1) expect(await first.take(anExit)).toEqual({ kind: 'granted' });
  });

  it('believes the venue, for both processes', async () => {
    await aPair();
    await first.report({ weight1m: 80, orders10s: null, orders1m: null });
    expect(await second.take(aRead(1))).toMatchObject({ kind: 'refused', reason: 'budget' });
  });

  it('tells the other process of a ban', async () => {
    await aPair();
    await first.hold(START_MS + 30_000, 'normal');
    expect(await second.take(anEntry)).toMatchObject({ kind: 'refused', reason: 'budget' });
    expect(await second.take(anExit)).toEqual({ kind: 'granted' });
    await first.hold(START_MS + 60_000, 'all');
    expect(await second.take(anExit)).toMatchObject({ kind: 'refused', reason: 'banned' });
  });

  it('counts alone while Redis cannot be reached', async () => {
    const alone = createRedisWeightBudget({
      redisUrl: 'redis://127.0.0.1:1',
      address: 'alone',
      clock: wallClock,
      logger: silentLogger,
      limits: LIMITS,
    });
    expect(await alone.take(aRead(80))).toEqual({ kind: 'granted' });
    expect(await alone.take(aRead(1))).toMatchObject({ kind: 'refused' });
    expect(await alone.take(anExit)).toEqual({ kind: 'granted' });
    await alone.close();
  });
});
