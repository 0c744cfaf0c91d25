import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@qt/kernel';
import { Adwin, type AdwinState } from './adwin.ts';

const coin = (random: () => number, probability: number): number => (random() < probability ? 1 : 0);

describe('Adwin', () => {
  it.each([
    { from: 0.2, to: 0.8, within: 100 },
    { from: 0.5, to: 0.8, within: 300 },
    { from: 0.2, to: 0.3, within: 2_500 },
  ])('sees a rate go from $from to $to within $within values', ({ from, to, within }) => {
    for (let seed = 1; seed <= 5; seed += 1) {
      const random = seededRandom(seed);
      const window = new Adwin();
      for (let index = 0; index < 2_000; index += 1) window.add(coin(random, from));
      let seenAfter: number | null = null;
      for (let index = 1; index <= within && seenAfter === null; index += 1) {
        const moved = window.add(coin(random, to));
        if (moved !== null && moved > 0) seenAfter = index;
      }
      expect(seenAfter).not.toBeNull();
    }
  });

  it('after a cut its mean is of the new values', () => {
    const random = seededRandom(7);
    const window = new Adwin();
    for (let index = 0; index < 2_000; index += 1) window.add(coin(random, 0.1));
    for (let index = 0; index < 1_000; index += 1) window.add(coin(random, 0.9));
    expect(window.mean).toBeGreaterThan(0.8);
    expect(window.width).toBeLessThan(1_100);
  });

  it('hardly ever sees a change where there is none: at most 2 in 200,000 values', () => {
    let alarms = 0;
    for (let seed = 1; seed <= 10; seed += 1) {
      const random = seededRandom(seed);
      const window = new Adwin();
      for (let index = 0; index < 20_000; index += 1) if (window.add(random()) !== null) alarms += 1;
    }
    expect(alarms).toBeLessThanOrEqual(2);
  });

  it('keeps the exact sum of its buckets, in a number of them that grows with the logarithm of the width', () => {
    const window = new Adwin({ checkEvery: 1_000_000 });
    for (let index = 1; index <= 3_000; index += 1) window.add(index);
    expect(window.width).toBe(3_000);
    expect(window.mean).toBeCloseTo(1_500.5, 9);
    const buckets = window.save().counts.reduce((left, right) => left + right, 0) / 2;
    expect(buckets).toBeLessThanOrEqual(5 * Math.ceil(Math.log2(3_000)));
  });

  it('has bounded memory: what is older than its largest buckets is forgotten', () => {
    const window = new Adwin({ bucketsPerSize: 2, sizeCount: 4, checkEvery: 1_000_000 });
    for (let index = 0; index < 10_000; index += 1) window.add(1);
    expect(window.width).toBeLessThanOrEqual(2 * (1 + 2 + 4 + 8));
  });

  it('continues bit for bit from a state saved as text', () => {
    const random = seededRandom(11);
    const values = Array.from({ length: 1_500 }, (_, index) => random() + (index > 900 ? 0.4 : 0));
    const whole = new Adwin();
    const expected = values.map((value) => whole.add(value));
    const first = new Adwin();
    values.slice(0, 700).forEach((value) => first.add(value));
    const second = new Adwin();
    second.restore(JSON.parse(JSON.stringify(first.save())) as AdwinState);
    expect(values.slice(700).map((value) => second.add(value))).toEqual(expected.slice(700));
    expect(second.save()).toEqual(whole.save());
  });
});
