import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@qt/kernel';
import type { BlockMeansState } from '../feedback/block-means.ts';
import { AdvantageWindow } from './advantage-window.ts';

describe('AdvantageWindow', () => {
  it('says nothing before 1000 values, and then forgets those before the last 1000', () => {
    const window = new AdvantageWindow();
    for (let index = 0; index < 999; index += 1) window.add(-1);
    expect(window.mean).toBeNull();
    expect(window.isClear).toBe(false);
    window.add(-1);
    expect(window.mean).toBeCloseTo(-1, 12);
    for (let index = 0; index < 1_000; index += 1) window.add(2);
    expect(window.mean).toBeCloseTo(2, 12);
    expect(window.isClear).toBe(true);
  });

  it('does not take noise for an advantage most of the time', () => {
    const random = seededRandom(1);
    const window = new AdvantageWindow();
    let clear = 0;
    for (let index = 0; index < 40_000; index += 1) {
      window.add(random() - 0.5);
      clear += window.isClear ? 1 : 0;
    }
    expect(clear / 40_000).toBeLessThan(0.15);
  });

  it('continues bit for bit from a state saved as text', () => {
    const random = seededRandom(2);
    const values = Array.from({ length: 2_350 }, () => random());
    const whole = new AdvantageWindow();
    for (const value of values) whole.add(value);
    const first = new AdvantageWindow();
    for (const value of values.slice(0, 1_234)) first.add(value);
    const second = new AdvantageWindow();
    second.restore(JSON.parse(JSON.stringify(first.save())) as BlockMeansState);
    for (const value of values.slice(1_234)) second.add(value);
    expect(second.mean).toBe(whole.mean);
  });
});
