import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@qt/kernel';
import { DriftMonitor, type DriftMonitorState } from './drift-monitor.ts';

const noise = (random: () => number): number => random() + random() + random() - 1.5;
const watch = (
  monitor: DriftMonitor,
  random: () => number,
  { candles, worse }: { candles: number; worse: number[] },
) => {
  const losses = new Float64Array(5);
  for (let candle = 0; candle < candles; candle += 1) {
    const shared = Math.abs(noise(random));
    worse.forEach((excess, model) => {
      losses[model] = shared + excess + 0.2 * noise(random);
    });
    monitor.watchPrediction(noise(random));
    monitor.watchModels(losses, shared);
  }
};
const NONE_WORSE = [0, 0, 0, 0, 0];

describe('DriftMonitor', () => {
  it('sees nothing in 20,000 candles of one market, and changes nothing', () => {
    const monitor = new DriftMonitor(5);
    watch(monitor, seededRandom(1), { candles: 20_000, worse: NONE_WORSE });
    expect(monitor.kind).toBe('none');
    expect([monitor.suddenAlarms, monitor.gradualAlarms]).toEqual([0, 0]);
    expect(monitor.score).toBeLessThan(0.5);
    expect(monitor.shareRatio(0.002)).toBe(0.002);
    expect(monitor.stepFactor).toBe(1);
  });

  it('calls it sudden when the base no longer predicts the market, for 200 candles', () => {
    const monitor = new DriftMonitor(5);
    const random = seededRandom(2);
    watch(monitor, random, { candles: 2_000, worse: NONE_WORSE });
    let candles = 0;
    while (monitor.kind === 'none' && candles < 300) {
      monitor.watchPrediction(1 + noise(random));
      candles += 1;
    }
    expect(candles).toBeLessThan(300);
    expect(monitor.kind).toBe('sudden');
    expect(monitor.score).toBe(1);
    expect(monitor.shareRatio(0.002)).toBe(0.05);
    for (let candle = 0; candle < 200; candle += 1) monitor.watchPrediction(noise(random));
    expect(monitor.kind).toBe('none');
    expect(monitor.score).toBeLessThan(0.5);
  });

  it('calls it gradual when one model has got worse, and sudden when most have', () => {
    const one = new DriftMonitor(5);
    watch(one, seededRandom(3), { candles: 4_000, worse: NONE_WORSE });
    watch(one, seededRandom(4), { candles: 2_000, worse: [0, 2, 0, 0, 0] });
    expect(one.gradualAlarms).toBeGreaterThan(0);
    expect(one.suddenAlarms).toBe(0);
    expect(one.stepFactor).toBe(1.5);
    const most = new DriftMonitor(5);
    watch(most, seededRandom(5), { candles: 4_000, worse: NONE_WORSE });
    watch(most, seededRandom(6), { candles: 2_000, worse: [2, 2, 2, 2, 0] });
    expect(most.suddenAlarms).toBeGreaterThan(0);
  });

  it('continues bit for bit from a state saved as text', () => {
    const whole = new DriftMonitor(5);
    watch(whole, seededRandom(7), { candles: 1_000, worse: NONE_WORSE });
    const second = new DriftMonitor(5);
    second.restore(JSON.parse(JSON.stringify(whole.save())) as DriftMonitorState);
    watch(whole, seededRandom(8), { candles: 3_000, worse: [1, 0, 0, 0, 0] });
    watch(second, seededRandom(8), { candles: 3_000, worse: [1, 0, 0, 0, 0] });
    expect(second.save()).toEqual(whole.save());
  });
});
