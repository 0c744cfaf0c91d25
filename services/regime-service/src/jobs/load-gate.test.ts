import { describe, expect, it } from '@jest/globals';
import { waitingBecause } from './load-gate.ts';
import { ResourceReadings } from './resource-readings.ts';

const HOUR_MS = 3_600_000;
const limits = { cpuRatio: 0.8, memoryRatio: 0.7 };
const idle = { cpuRatio: 0.1, memoryRatio: 0.1 };

describe('waitingBecause', () => {
  it.each([
    { name: 'unimportant, machine idle', importance: 2, load: idle, waits: false },
    { name: 'unimportant, processors busy', importance: 2, load: { ...idle, cpuRatio: 0.81 }, waits: true },
    { name: 'unimportant, memory used', importance: 2, load: { ...idle, memoryRatio: 0.71 }, waits: true },
    { name: 'at the limit itself', importance: 2, load: { cpuRatio: 0.8, memoryRatio: 0.7 }, waits: false },
    { name: 'ordinary, processors busy', importance: 8, load: { ...idle, cpuRatio: 0.85 }, waits: false },
    { name: 'ordinary, processors nearly full', importance: 8, load: { ...idle, cpuRatio: 0.91 }, waits: true },
    { name: 'ordinary, memory nearly full', importance: 15, load: { ...idle, memoryRatio: 0.86 }, waits: true },
    { name: 'urgent, everything full', importance: 16, load: { cpuRatio: 1, memoryRatio: 1 }, waits: false },
    { name: 'an hour old, processors full', waitedMs: HOUR_MS, load: { ...idle, cpuRatio: 1 }, waits: false },
    { name: 'a little younger', waitedMs: HOUR_MS - 1, load: { ...idle, cpuRatio: 1 }, waits: true },
    { name: 'a day old, memory used', waitedMs: 24 * HOUR_MS, load: { ...idle, memoryRatio: 0.71 }, waits: true },
  ])('$name', ({ importance = 2, waitedMs = 0, load, waits }) => {
    expect(waitingBecause({ importance, waitedMs }, load, limits) !== null).toBe(waits);
  });

  it('says what was measured and what is allowed', () => {
    expect(waitingBecause({ importance: 2, waitedMs: 0 }, { ...idle, cpuRatio: 0.934 }, limits)).toBe(
      'processors are 0.93 busy; a task of importance 2 waits above 0.80',
    );
  });
});

describe('ResourceReadings', () => {
  it('sees the work of this process', async () => {
    const readings = new ResourceReadings();
    const untilMs = performance.now() + 300;
    while (performance.now() < untilMs) Math.sqrt(untilMs);
    const { processCpuRatio, processors, memoryRatio, memoryLimitBytes, heapRatio, cpuRatio } = readings.read();
    // A machine shared with others gives this process less than the one processor it asks for, but not nothing.
    expect(processCpuRatio).toBeGreaterThan(0.05 / processors);
    expect(cpuRatio).toBeGreaterThanOrEqual(processCpuRatio);
    expect(memoryRatio).toBeGreaterThan(0);
    expect(memoryRatio).toBeLessThan(1);
    expect(heapRatio).toBeGreaterThan(0);
    expect(memoryLimitBytes).toBeGreaterThan(process.memoryUsage.rss());
  });
});
