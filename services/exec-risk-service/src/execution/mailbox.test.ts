import { describe, expect, it } from '@jest/globals';
import { dec } from '@qt/kernel';
import { Mailbox } from './mailbox.ts';

const aMark = (occurredAtMs: number) => ({ kind: 'mark', symbol: 'BTCUSDT', markPrice: dec(1), occurredAtMs }) as const;

describe('Mailbox', () => {
  it('gives letters in the order in which they came and says when one comes', () => {
    let calls = 0;
    const mailbox = new Mailbox(() => {
      calls += 1;
    });
    mailbox.put(aMark(1));
    mailbox.put({ kind: 'stream_opened' });
    expect([mailbox.next(), mailbox.next(), mailbox.next()]).toEqual([aMark(1), { kind: 'stream_opened' }, null]);
    expect(calls).toBe(2);
  });

  it('wakes who waits for the next letter, and lets nobody wait for ever', async () => {
    const mailbox = new Mailbox(() => {});
    const waiting = mailbox.untilNext(5_000);
    mailbox.put(aMark(1));
    expect(await waiting).toBe(true);
    expect(await mailbox.untilNext(1)).toBe(false);
  });
});
