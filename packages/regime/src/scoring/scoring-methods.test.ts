import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@qt/kernel';
import { factorsAfter, InputMaker, type Stretch, unknowingBase } from '../../test/scoring-input.ts';
import { TransitionLaw } from '../base/transition-law.ts';
import { evenFactors, FACTORS, marginalsInto } from './factors.ts';
import { JumpModel } from './jump-model.ts';
import { MarketFeatures } from './market-features.ts';
import { MarketPace } from './market-pace.ts';
import { MultiScaleEvidence } from './multi-scale-evidence.ts';
import { RangeMemory } from './range-memory.ts';
import { RunLength } from './run-length.ts';
import type { ScoringMethod } from './scoring-method.ts';
import { VolatilityLadder } from './volatility-ladder.ts';

const METHODS: readonly { name: string; make: (features: MarketFeatures) => ScoringMethod }[] = [
  { name: 'volatility ladder', make: () => new VolatilityLadder(evenFactors()) },
  { name: 'range memory', make: () => new RangeMemory(evenFactors()) },
  { name: 'market pace', make: () => new MarketPace(evenFactors()) },
  { name: 'run length', make: () => new RunLength(evenFactors()) },
  { name: 'jump model', make: (features) => new JumpModel(evenFactors(), features) },
  { name: 'multi-scale evidence', make: (features) => new MultiScaleEvidence(evenFactors(), features) },
];

const aMethod = (name: string, sign = 1) => {
  const features = new MarketFeatures();
  const found = METHODS.find((method) => method.name === name);
  if (found === undefined) throw new Error(`no method is called ${name}`);
  return { features, method: found.make(features), maker: new InputMaker({ seed: 5, sign }) };
};

/** Teaches what is true while a market of that kind goes by. */
const teach = (subject: ReturnType<typeof aMethod>, stretch: Stretch, regimeId: number): void => {
  const labels = new Float64Array(10);
  const regimes = new Float64Array(18);
  regimes[regimeId] = 1;
  marginalsInto(labels, regimes);
  for (let candle = 0; candle < stretch.candles; candle += 1) {
    factorsAfter(subject, { ...stretch, candles: 1 });
    subject.method.learn?.(labels);
  }
};

const LOW = 0;
const HIGH = 2;
const REVERTING = 4;
const STRONG_DOWN = 5;
const STRONG_UP = 9;

describe('scoring methods', () => {
  it.each([
    { name: 'volatility ladder', stretch: { level: 2 }, at: HIGH, least: 0.9 },
    { name: 'volatility ladder', stretch: { level: 0 }, at: LOW, least: 0.9 },
    { name: 'range memory', stretch: { level: 2 }, at: HIGH, least: 0.75 },
    { name: 'range memory', stretch: { level: 0 }, at: LOW, least: 0.75 },
    { name: 'run length', stretch: { level: 2 }, at: HIGH, least: 0.85 },
    { name: 'run length', stretch: { drift: 0.9 }, at: STRONG_UP, least: 0.7 },
    { name: 'run length', stretch: { autoregression: -0.5 }, at: REVERTING, least: 0.8 },
    { name: 'jump model', stretch: { level: 2 }, at: HIGH, least: 0.8 },
    { name: 'jump model', stretch: { drift: -0.9, autoregression: 0.2 }, at: STRONG_DOWN, least: 0.6 },
    { name: 'jump model', stretch: { autoregression: -0.5 }, at: REVERTING, least: 0.7 },
  ])('$name hears $stretch', ({ name, stretch, at, least }) => {
    const subject = aMethod(name);
    // Before it: the opposite.
    const { level = 1, drift = 0, autoregression = 0 } = stretch;
    const opposite = { level: 2 - level, drift: -drift, autoregression: -autoregression };
    const before = factorsAfter(subject, { candles: 250, ...opposite })[at] ?? 0;
    const after = factorsAfter(subject, { candles: 250, ...stretch })[at] ?? 0;
    expect(after).toBeGreaterThan(least);
    expect(after).toBeGreaterThan(before);
  });

  it('multi-scale evidence hears what it was taught', () => {
    const subject = aMethod('multi-scale evidence');
    teach(subject, { candles: 400, drift: 0.9 }, 10);
    teach(subject, { candles: 400, drift: -0.9, level: 0 }, 0);
    const up = factorsAfter(subject, { candles: 200, drift: 0.9 });
    expect(up[STRONG_UP]).toBeGreaterThan(0.9);
    expect(up[1]).toBeGreaterThan(0.8);
    const down = factorsAfter(subject, { candles: 200, drift: -0.9, level: 0 });
    expect(down[STRONG_DOWN]).toBeGreaterThan(0.9);
    expect(down[LOW]).toBeGreaterThan(0.8);
  });

  it('market pace repeats a base whose candles say what it believes, and doubts one whose surprises come in clusters', () => {
    const law = new TransitionLaw();
    /** Candles speak for high or for low volatility, `clusterCandles` at a time, though nothing changes. */
    const softenedAfter = (clusterCandles: number): number => {
      const random = seededRandom(8);
      const posterior = new Float64Array(18).fill(1 / 18);
      const base = unknowingBase(posterior);
      const method = new MarketPace(evenFactors());
      const maker = new InputMaker({ seed: 6, base });
      let lean = 0;
      let apart = 0;
      for (let candle = 0; candle < 2_000; candle += 1) {
        if (candle % clusterCandles === 0) lean = random() < 0.75 ? 1 : -1;
        law.advance(posterior, posterior, 1);
        for (let id = 0; id < 18; id += 1) {
          posterior[id] = (posterior[id] ?? 0) * 3 ** (id >= 12 ? lean : -lean);
        }
        const sum = posterior.reduce((left, right) => left + right, 0);
        for (let id = 0; id < 18; id += 1) posterior[id] = (posterior[id] ?? 0) / sum;
        const input = maker.next({ candles: 1 });
        method.update(input);
        apart += Math.abs((method.factors[HIGH] ?? 0) - (input.baseFactors[HIGH] ?? 0)) / 2_000;
      }
      return apart;
    };
    const alone = softenedAfter(1);
    expect(alone).toBeLessThan(0.03);
    expect(softenedAfter(6)).toBeGreaterThan(1.4 * alone);
  });

  it('run length sees that returns have changed', () => {
    const { method, maker } = aMethod('run length');
    const runLength = method as RunLength;
    factorsAfter({ method, maker }, { candles: 300, level: 0 });
    expect(runLength.shortRunProbability).toBeLessThan(0.2);
    factorsAfter({ method, maker }, { candles: 8, level: 2 });
    expect(runLength.shortRunProbability).toBeGreaterThan(0.8);
  });

  it.each(METHODS)('$name keeps factors that sum to 1', ({ name }) => {
    const subject = aMethod(name);
    for (const stretch of [
      { candles: 80, level: 2, drift: 0.5 },
      { candles: 80, level: 0, autoregression: -0.4 },
    ]) {
      for (let candle = 0; candle < stretch.candles; candle += 1) {
        factorsAfter(subject, { ...stretch, candles: 1 });
        for (const { first, size } of FACTORS) {
          const sum = subject.method.factors.slice(first, first + size).reduce((left, right) => left + right, 0);
          expect(Math.abs(sum - 1)).toBeLessThan(1e-9);
        }
      }
    }
  });

  it.each(METHODS)('$name mirrors its trend when prices are mirrored', ({ name }) => {
    const stretch = { candles: 150, drift: 0.4, level: 1 };
    const straight = aMethod(name);
    const mirrored = aMethod(name, -1);
    const right = factorsAfter(straight, stretch);
    const left = factorsAfter(mirrored, stretch);
    const mirror = [0, 1, 2, 3, 4, 9, 8, 7, 6, 5].map((at) => left[at] ?? 0);
    right.forEach((value, at) => {
      expect(value).toBeCloseTo(mirror[at] ?? 0, 9);
    });
  });

  it.each(METHODS)('$name goes on bit for bit from its saved text', ({ name }) => {
    const first = aMethod(name);
    teach(first, { candles: 130, drift: 0.3 }, 9);
    const second = aMethod(name);
    second.method.restore(JSON.parse(JSON.stringify(first.method.save())));
    second.features.restore(JSON.parse(JSON.stringify(first.features.save())));
    for (let candle = 0; candle < 60; candle += 1) {
      const input = first.maker.next({ candles: 1, level: 2 });
      for (const { method, features } of [first, second]) {
        features.update({ ...input, mediumReturnScale: input.base.returnScale(1) });
        method.update(input);
        method.learn?.(input.baseFactors);
      }
      expect([...second.method.factors]).toEqual([...first.method.factors]);
    }
    expect(second.method.save()).toEqual(first.method.save());
  });
});
