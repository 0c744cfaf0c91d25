import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@qt/kernel';
import { Reliability, type ReliabilityState } from './reliability.ts';

const run = (reliability: Reliability, hitRateOf: (confidence: number) => number): Reliability => {
  const random = seededRandom(1);
  for (let index = 0; index < 5_000; index += 1) {
    const confidence = 0.3 + 0.7 * random();
    reliability.add(confidence, random() < hitRateOf(confidence) ? 1 : 0);
  }
  return reliability;
};

describe('Reliability', () => {
  it('finds no error where what was promised is kept', () => {
    const reliability = run(new Reliability(1), (confidence) => confidence);
    expect(reliability.calibrationError).toBeLessThan(0.03);
    expect(Math.abs(reliability.overconfidence!)).toBeLessThan(0.02);
  });

  it.each([
    { name: 'too sure', shift: -0.2 },
    { name: 'too modest', shift: 0.2 },
  ])('measures how far it is off: $name', ({ shift }) => {
    const reliability = run(new Reliability(1), (confidence) =>
      Math.min(1, Math.max(0, 0.6 * confidence + 0.2 + shift)),
    );
    expect(Math.sign(reliability.overconfidence!)).toBe(-Math.sign(shift));
    expect(reliability.calibrationError).toBeGreaterThan(0.1);
  });

  it('says nothing before the first candle, and takes a confidence of 1', () => {
    const reliability = new Reliability(0.99);
    expect(reliability.calibrationError).toBeNull();
    reliability.add(1, 1);
    expect(reliability.calibrationError).toBe(0);
  });

  it('continues bit for bit from a state saved as text', () => {
    const whole = run(new Reliability(0.99), () => 0.5);
    const second = new Reliability(0.99);
    second.restore(JSON.parse(JSON.stringify(whole.save())) as ReliabilityState);
    expect(run(second, () => 0.7).save()).toEqual(run(whole, () => 0.7).save());
  });
});
