import { describe, expect, it } from '@jest/globals';
import { Agenda } from './agenda.ts';

describe('Agenda', () => {
  it('runs in the order of time, and at one time in the order of writing', () => {
    const agenda = new Agenda();
    const ran: string[] = [];
    for (const [dueMs, name] of [
      [20, 'c'],
      [10, 'a'],
      [20, 'd'],
      [10, 'b'],
      [30, 'e'],
    ] as const) {
      agenda.at(dueMs, () => ran.push(name));
    }
    expect(agenda.nextMs).toBe(10);
    agenda.runDue(20);
    expect(ran).toEqual(['a', 'b', 'c', 'd']);
    expect(agenda.nextMs).toBe(30);
  });

  it('runs what an entry puts down for the same moment', () => {
    const agenda = new Agenda();
    const ran: string[] = [];
    agenda.at(10, () => {
      ran.push('first');
      agenda.at(10, () => ran.push('second'));
      agenda.at(11, () => ran.push('later'));
    });
    agenda.runDue(10);
    expect(ran).toEqual(['first', 'second']);
    expect(agenda.nextMs).toBe(11);
  });
});
