import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { UserFeed } from './user-feed.ts';
import type { VenueAnswer } from './venue-answer.ts';

const aFeed = async () => {
  const reopened: string[] = [];
  const calls: string[] = [];
  const answers: { next: VenueAnswer } = {
    next: { kind: 'answered', httpStatus: 200, body: '{"listenKey":"abc"}', retryAfterMs: null },
  };
  const feed = new UserFeed({
    client: {
      call: ({ method }) => {
        calls.push(method);
        return Promise.resolve(answers.next);
      },
    },
    wsUrl: 'ws://venue',
    deadlineMs: 1000,
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  const address = await feed.address();
  await feed.start({
    open: () => Promise.resolve(),
    close: () => Promise.resolve(),
    health: () => ({ isConnected: true, lastMessageAtMs: null }),
    reopen: (reason) => reopened.push(reason),
  });
  return { feed, address, reopened, calls, answers };
};

describe('UserFeed', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('opens the private base with the key', async () => {
    const { feed, address, calls } = await aFeed();
    expect(address).toBe('ws://venue/private/ws/abc');
    expect(calls).toEqual(['POST']);
    await feed.close();
  });

  it('reopens when the stream does not mention an order that the venue has confirmed', async () => {
    const { feed, reopened } = await aFeed();
    feed.expect('q1-E0');
    feed.settle('q1-E0', true);
    await jest.advanceTimersByTimeAsync(14_000);
    expect(reopened).toEqual([]);
    await jest.advanceTimersByTimeAsync(6_000);
    expect(reopened).toEqual(['silent about our order q1-E0']);
    await feed.close();
  });

  it.each([
    {
      name: 'the event came before the answer',
      run: (feed: UserFeed) => {
        feed.expect('a');
        feed.heard('a');
        feed.settle('a', true);
      },
    },
    {
      name: 'the event came after it',
      run: (feed: UserFeed) => {
        feed.expect('a');
        feed.settle('a', true);
        feed.heard('a');
      },
    },
    {
      name: 'the order was not placed',
      run: (feed: UserFeed) => {
        feed.expect('a');
        feed.settle('a', false);
      },
    },
  ])('stays when $name', async ({ run }) => {
    const { feed, reopened } = await aFeed();
    run(feed);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(reopened).toEqual([]);
    await feed.close();
  });

  it('keeps the key alive every 20 minutes', async () => {
    const { feed, calls, reopened } = await aFeed();
    await jest.advanceTimersByTimeAsync(41 * 60_000);
    expect(calls).toEqual(['POST', 'PUT', 'PUT']);
    expect(reopened).toEqual([]);
    await feed.close();
  });

  it('reopens with a new key when the venue no longer knows the old one', async () => {
    const { feed, answers, reopened } = await aFeed();
    answers.next = {
      kind: 'answered',
      httpStatus: 400,
      body: '{"code":-1125,"msg":"This listenKey does not exist."}',
      retryAfterMs: null,
    };
    await jest.advanceTimersByTimeAsync(20 * 60_000 + 5_000);
    expect(reopened).toEqual(['the listen key is no longer valid']);
    await feed.close();
  });

  it('reopens before the key dies when keeping it alive fails', async () => {
    const { feed, answers, reopened } = await aFeed();
    answers.next = { kind: 'failed', wasSent: true, failure: 'ECONNRESET' };
    await jest.advanceTimersByTimeAsync(49 * 60_000);
    expect(reopened).toEqual([]);
    await jest.advanceTimersByTimeAsync(2 * 60_000);
    expect(reopened[0]).toBe('the listen key is no longer valid');
    await feed.close();
  });
});
