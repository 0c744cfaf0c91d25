import { describe, expect, it } from '@jest/globals';
import { ClassTally, type ClassTallyState } from './class-tally.ts';

describe('ClassTally', () => {
  it('says nothing before the first candle', () => {
    const tally = new ClassTally(3, 1);
    expect([tally.agreement, tally.constantAgreement, tally.precision, tally.recall]).toEqual([null, null, null, null]);
  });

  it('counts agreement, precision and recall as by hand, without forgetting', () => {
    const tally = new ClassTally(2, 1);
    // Said 0 sixty times, forty of them right; said 1 forty times, thirty of them right.
    for (let index = 0; index < 100; index += 1) tally.add(index < 60 ? 0 : 1, index < 40 || index >= 90 ? 0 : 1);
    expect(tally.agreement).toBeCloseTo(0.7, 12);
    expect(tally.constantAgreement).toBeCloseTo(0.5, 12);
    expect(tally.precision).toBeCloseTo((40 / 60 + 30 / 40) / 2, 12);
    expect(tally.recall).toBeCloseTo((40 / 50 + 30 / 50) / 2, 12);
  });

  it('never lets a constant answer beat the constant baseline', () => {
    const tally = new ClassTally(3, 0.99);
    for (let index = 0; index < 500; index += 1) tally.add(1, index % 3);
    expect(tally.agreement!).toBeLessThanOrEqual(tally.constantAgreement!);
  });

  it('forgets: what was wrong long ago no longer counts', () => {
    const tally = new ClassTally(2, 0.98);
    for (let index = 0; index < 500; index += 1) tally.add(0, 1);
    for (let index = 0; index < 500; index += 1) tally.add(1, 1);
    expect(tally.agreement).toBeGreaterThan(0.99);
  });

  it('continues bit for bit from a state saved as text', () => {
    const whole = new ClassTally(4, 0.97);
    for (let index = 0; index < 50; index += 1) whole.add(index % 4, (index * 3) % 4);
    const second = new ClassTally(4, 0.97);
    second.restore(JSON.parse(JSON.stringify(whole.save())) as ClassTallyState);
    for (const tally of [whole, second]) for (let index = 0; index < 50; index += 1) tally.add(index % 3, index % 4);
    expect(second.save()).toEqual(whole.save());
  });
});
