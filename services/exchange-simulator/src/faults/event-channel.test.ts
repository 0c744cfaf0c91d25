import { describe, expect, it } from '@jest/globals';
import { FaultBook } from './fault-book.ts';
import { FaultRule } from './fault-rule.ts';
import { EventChannel, USER_EVENTS } from './event-channel.ts';

const aChannel = (fault: object) => {
  const clock = { nowMs: 1_000 };
  const faults = new FaultBook({ seed: 1, nowMs: () => clock.nowMs });
  faults.add(FaultRule.parse(fault));
  const delivered: string[] = [];
  const recorded: string[] = [];
  const channel = new EventChannel({
    kinds: USER_EVENTS,
    faults,
    nowMs: () => clock.nowMs,
    recordFault: ({ kind }) => recorded.push(kind),
  });
  const send = (payload: string, lane = 'a') =>
    channel.send({ accountId: 'a', name: 'ORDER_TRADE_UPDATE', lane, deliver: () => delivered.push(payload) });
  return { channel, clock, delivered, recorded, send };
};

describe('EventChannel', () => {
  it('delivers a duplicated event twice', () => {
    const { delivered, recorded, send } = aChannel({ kind: 'user_event_duplicate' });
    send('1');
    send('2');
    expect(delivered).toEqual(['1', '1', '2']);
    expect(recorded).toEqual(['user_event_duplicate']);
  });

  it('lets the next event overtake a reordered one', () => {
    const { delivered, send } = aChannel({ kind: 'user_event_reorder' });
    send('1');
    send('2');
    send('3');
    expect(delivered).toEqual(['2', '1', '3']);
  });

  it('lets only events of the same lane overtake', () => {
    const { delivered, send } = aChannel({ kind: 'user_event_reorder' });
    send('1', 'a');
    send('2', 'b');
    send('3', 'a');
    expect(delivered).toEqual(['2', '3', '1']);
  });

  it('delivers a reordered event that nothing overtook', () => {
    const { channel, delivered, send } = aChannel({ kind: 'user_event_reorder' });
    send('1');
    channel.releaseOvertaken();
    expect(delivered).toEqual(['1']);
  });

  it('delivers a delayed event when its market time has come', () => {
    const { channel, clock, delivered, send } = aChannel({ kind: 'user_event_delay', delayMs: 500 });
    send('1');
    send('2');
    clock.nowMs = 1_499;
    channel.releaseDue();
    expect(delivered).toEqual(['2']);
    clock.nowMs = 1_500;
    channel.releaseDue();
    expect(delivered).toEqual(['2', '1']);
  });

  it('loses a dropped event for good', () => {
    const { channel, delivered, recorded, send } = aChannel({ kind: 'user_event_drop' });
    send('1');
    send('2');
    channel.releaseAll();
    expect(delivered).toEqual(['2']);
    expect(recorded).toEqual(['user_event_drop']);
  });

  it('leaves the events of other accounts alone', () => {
    const { delivered, send } = aChannel({ kind: 'user_event_drop', accountId: 'b' });
    send('1');
    expect(delivered).toEqual(['1']);
  });

  it('delivers all that is held when the market ends', () => {
    const { channel, delivered, send } = aChannel({ kind: 'user_event_delay', delayMs: 86_400_000 });
    send('1');
    channel.releaseAll();
    expect(delivered).toEqual(['1']);
  });
});
