import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@qt/kernel';
import { PageHinkley, type PageHinkleyState } from './page-hinkley.ts';

const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(Math.max(random(), 1e-12))) * Math.cos(2 * Math.PI * random());
const firstAlarm = (test: PageHinkley, values: readonly number[]): number | null => {
  const index = values.findIndex((value) => test.add(value));
  return index < 0 ? null : index;
};

describe('PageHinkley', () => {
  it.each([1, 1_000])('sees a mean rise by one standard deviation, in units of %i', (unit) => {
    for (let seed = 1; seed <= 5; seed += 1) {
      const random = seededRandom(seed);
      const test = new PageHinkley();
      const before = Array.from({ length: 2_000 }, () => unit * (3 + normal(random)));
      const after = Array.from({ length: 200 }, () => unit * (4 + normal(random)));
      expect(firstAlarm(test, before)).toBeNull();
      expect(firstAlarm(test, after)).not.toBeNull();
    }
  });

  it('never sees a change in 200,000 values of one distribution, and none in a fall', () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const random = seededRandom(seed);
      const test = new PageHinkley();
      const values = Array.from({ length: 20_000 }, () => normal(random));
      expect(firstAlarm(test, values)).toBeNull();
      expect(
        firstAlarm(
          test,
          values.slice(0, 300).map((value) => value - 2),
        ),
      ).toBeNull();
    }
  });

  it('with a short memory stays silent on noise, and sees a rise soon, not a fall', () => {
    const options = { tolerance: 0.15, alarmLevel: 50, memoryValues: 720 };
    const random = seededRandom(2);
    const values = Array.from({ length: 50_000 }, () => normal(random));
    expect(firstAlarm(new PageHinkley(options), values)).toBeNull();
    const rise = values.slice(0, 4_000).map((value, index) => value + (index < 2_000 ? 0 : 1));
    expect(firstAlarm(new PageHinkley(options), rise)).toBeGreaterThan(2_000);
    expect(firstAlarm(new PageHinkley(options), rise)).toBeLessThan(2_150);
    const fall = rise.map((value) => -value);
    expect(firstAlarm(new PageHinkley(options), fall)).toBeNull();
  });

  it('is not moved by one outlier, nor by values that never differ', () => {
    const random = seededRandom(3);
    const test = new PageHinkley();
    const values = Array.from({ length: 1_000 }, () => normal(random));
    expect(firstAlarm(test, [...values, 1e9])).toBeNull();
    expect(
      firstAlarm(
        new PageHinkley(),
        values.map(() => 7),
      ),
    ).toBeNull();
  });

  it('continues bit for bit from a state saved as text', () => {
    const random = seededRandom(5);
    const values = Array.from({ length: 800 }, (_, index) => normal(random) + (index > 500 ? 1.5 : 0));
    const whole = new PageHinkley();
    const expected = values.map((value) => whole.add(value));
    const first = new PageHinkley();
    values.slice(0, 450).forEach((value) => first.add(value));
    const second = new PageHinkley();
    second.restore(JSON.parse(JSON.stringify(first.save())) as PageHinkleyState);
    expect(values.slice(450).map((value) => second.add(value))).toEqual(expected.slice(450));
  });
});
