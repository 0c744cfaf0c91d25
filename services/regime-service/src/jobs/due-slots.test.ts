import { describe, expect, it } from '@jest/globals';
import { DueSlots, ROUTINES, slotsAt } from './due-slots.ts';

const at = (time: string): number => Date.parse(`2026-03-29T${time}Z`);

describe('routines', () => {
  it.each([
    { name: 'history of yesterday before 03:00', now: '02:59:59.999', slot: Date.parse('2026-03-28T03:00:00Z') },
    { name: 'history of today from 03:00 on', now: '03:00:00', slot: at('03:00:00') },
    { name: 'and until the day ends', now: '23:59:59', slot: at('03:00:00') },
  ])('$name', ({ now, slot }) => {
    expect(slotsAt(ROUTINES, at(now)).find(({ kind }) => kind === 'analyze_history')?.atMs).toBe(slot);
  });

  it('are told once per turn, the last of several that were missed, and never when time goes back', () => {
    const slots = new DueSlots(ROUTINES.filter(({ kind }) => kind !== 'audit'));
    const told = (time: string) =>
      slots.reached(at(time)).map(({ kind, atMs }) => `${kind} ${new Date(atMs).toISOString().slice(8, 16)}`);
    expect(told('02:10:00')).toEqual(['analyze_history 28T03:00', 'optimize_boundaries 29T02:00']);
    expect(told('02:59:59')).toEqual([]);
    expect(told('03:00:00')).toEqual(['analyze_history 29T03:00', 'optimize_boundaries 29T03:00']);
    expect(told('02:00:00')).toEqual([]);
    expect(told('07:30:00')).toEqual(['optimize_boundaries 29T07:00']);
  });
});
