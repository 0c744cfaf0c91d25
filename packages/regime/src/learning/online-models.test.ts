import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@qt/kernel';
import { BaseScale } from './base-scale.ts';
import { crossEntropy, FACTOR_COUNT, LEVEL_COUNT } from './factors.ts';
import { BASE_AT, FEATURE_COUNT, MEMORY_AT, ROW_LENGTH } from './learner-row.ts';
import { NaiveBayes } from './naive-bayes.ts';
import type { ModelState, OnlineModel } from './online-model.ts';
import { packFloats, unpackFloats } from './packed-floats.ts';
import { PosteriorMemory } from './posterior-memory.ts';
import { SmallNetwork } from './small-network.ts';
import { SoftmaxCorrector } from './softmax-corrector.ts';
import { TreeEnsemble } from './tree-ensemble.ts';

interface Example {
  readonly row: Float32Array;
  readonly teacher: Float64Array;
  readonly level: number;
  readonly slot: number;
}

const MODELS: readonly { readonly name: string; readonly make: () => OnlineModel }[] = [
  { name: 'softmax regression', make: () => new SoftmaxCorrector() },
  { name: 'posterior memory', make: () => new PosteriorMemory() },
  { name: 'naive Bayes', make: () => new NaiveBayes() },
  { name: 'tree ensemble', make: () => new TreeEnsemble() },
  { name: 'small network', make: () => new SmallNetwork() },
];

/** The base hardly knows; level and slot can be read off the features, off what it said before, and off how little it says now. */
const separableExamples = (seed: number, count: number): readonly Example[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const level = Math.floor(random() * LEVEL_COUNT);
    const slot = Math.floor(random() * 6);
    const row = new Float32Array(ROW_LENGTH);
    for (let index = 0; index < FEATURE_COUNT; index += 1) row[index] = random() - 0.5;
    row[0] = 2 * (level - 1) + random() - 0.5;
    row[2] = 2 * (level - 1) + random() - 0.5;
    row[16] = 1.2 * (slot - 2) + 0.4 * (random() - 0.5);
    row[7] = slot === 5 ? -2 : 0.5;
    row[10] = slot === 5 ? 2 : -1;
    for (let factor = 0; factor < FACTOR_COUNT; factor += 1) {
      const isTrue = factor === level || factor === LEVEL_COUNT + slot;
      const hint = factor < LEVEL_COUNT ? 0.36 : 0.2;
      row[BASE_AT + factor] = Math.log(isTrue ? hint : (1 - hint) / (factor < LEVEL_COUNT ? 2 : 5));
      row[MEMORY_AT + factor] = Math.log(isTrue ? 0.6 : 0.1);
      row[MEMORY_AT + FACTOR_COUNT + factor] = Math.log(isTrue ? 0.5 : 0.15);
    }
    const teacher = new Float64Array(FACTOR_COUNT);
    teacher[level] = 1;
    teacher[LEVEL_COUNT + slot] = 1;
    return { row, teacher, level, slot };
  });
};

/** What the base loses on these examples; whoever knows nothing at all loses ln 3 + ln 6, which is more. */
const BASE_LOSS = -Math.log(0.36) - Math.log(0.2);
const lossOf = (model: OnlineModel, { row, teacher }: Example): number => {
  const said = new Float32Array(FACTOR_COUNT);
  model.predict(row, said, 0);
  return crossEntropy(teacher, said, { count: FACTOR_COUNT });
};
const bestOf = (values: Float32Array): number => values.indexOf(Math.max(...values));
const floatsOf = (text: string | undefined, length: number): Float32Array => {
  const values = new Float32Array(length);
  unpackFloats(text ?? '', values);
  return values;
};
/** Slope of the loss in one packed weight, by central differences. */
const slopeOf = (
  model: OnlineModel,
  example: Example,
  {
    state,
    key,
    length,
    index,
    width,
  }: { state: ModelState; key: string; length: number; index: number; width: number },
): number => {
  const lossAt = (change: number): number => {
    const weights = floatsOf(state[key], length);
    weights[index] = weights[index]! + change;
    model.restore({ ...state, [key]: packFloats(weights) });
    return lossOf(model, example);
  };
  return (lossAt(width) - lossAt(-width)) / (2 * width);
};

describe.each(MODELS)('$name', ({ make }) => {
  it('says what the base says before its first example', () => {
    const [example] = separableExamples(1, 1);
    example!.row.set([0.2, 0.3, 0.5, 0.1, 0.1, 0.1, 0.1, 0.1, 0.5].map(Math.log), BASE_AT);
    const said = new Float32Array(FACTOR_COUNT);
    make().predict(example!.row, said, 0);
    [0.2, 0.3, 0.5, 0.1, 0.1, 0.1, 0.1, 0.1, 0.5].forEach((probability, factor) => {
      expect(said[factor]).toBeCloseTo(probability, 5);
    });
  });

  it('learns a separable problem better than chance and than the base, tested before taught', () => {
    const model = make();
    // Taught as in a drifting market, with larger steps: a toy problem is shorter than a market.
    model.stepFactor = 3;
    const examples = separableExamples(2, 3_000);
    const said = new Float32Array(FACTOR_COUNT);
    let levelHits = 0;
    let slotHits = 0;
    let loss = 0;
    examples.forEach((example, index) => {
      if (index >= 2_000) {
        model.predict(example.row, said, 0);
        levelHits += bestOf(said.slice(0, LEVEL_COUNT)) === example.level ? 1 : 0;
        slotHits += bestOf(said.slice(LEVEL_COUNT)) === example.slot ? 1 : 0;
        loss += crossEntropy(example.teacher, said, { count: FACTOR_COUNT });
      }
      model.learn(example.row, example.teacher);
    });
    expect(levelHits / 1_000).toBeGreaterThan(0.6);
    expect(slotHits / 1_000).toBeGreaterThan(0.3);
    expect(loss / 1_000).toBeLessThan(BASE_LOSS - 0.3);
  });

  it('stays finite on constant, extreme and contradicting examples', () => {
    const model = make();
    const random = seededRandom(3);
    const said = new Float32Array(FACTOR_COUNT);
    const row = new Float32Array(ROW_LENGTH).fill(0);
    let isFinite = true;
    for (let index = 0; index < 2_000; index += 1) {
      if (index === 1_000) row.fill(4, 0, FEATURE_COUNT).fill(Math.log(1e-6), BASE_AT);
      const teacher = new Float64Array(FACTOR_COUNT);
      teacher[Math.floor(random() * 3)] = 1;
      teacher[3 + Math.floor(random() * 6)] = 1;
      model.learn(row, teacher);
      model.predict(row, said, 0);
      isFinite &&= said.every((probability) => probability >= 0 && probability <= 1);
    }
    expect(isFinite).toBe(true);
  });

  it('continues bit for bit from a state saved as text', () => {
    const examples = separableExamples(4, 900);
    const whole = make();
    for (const { row, teacher } of examples) whole.learn(row, teacher);
    const first = make();
    for (const { row, teacher } of examples.slice(0, 450)) first.learn(row, teacher);
    const second = make();
    second.restore(JSON.parse(JSON.stringify(first.save())) as ModelState);
    for (const { row, teacher } of examples.slice(450)) second.learn(row, teacher);
    expect(second.save()).toEqual(whole.save());
    expect(lossOf(second, examples[0]!)).toBe(lossOf(whole, examples[0]!));
  });
});

describe('gradients', () => {
  it('of the small network are those of finite differences', () => {
    const length = 16 * 21 + 9 * 17;
    const examples = separableExamples(5, 400);
    const model = new SmallNetwork();
    model.stepFactor = 10;
    for (const { row, teacher } of examples) model.learn(row, teacher);
    model.stepFactor = 1;
    const state: ModelState = { ...model.save(), energy: packFloats(new Float32Array(length)) };
    const example = separableExamples(6, 1)[0]!;
    model.restore(state);
    model.learn(example.row, example.teacher);
    const taught = model.save();
    const before = floatsOf(state.weights, length);
    const after = floatsOf(taught.weights, length);
    // From nothing, the energy is a thousandth of the squared (clipped) gradient, and the step goes against it.
    const sizes = floatsOf(taught.energy, length).map((energy) => Math.sqrt(1_000 * energy));
    const slopes = [...sizes].map((_, index) =>
      slopeOf(model, example, { state, key: 'weights', length, index, width: 0.02 }),
    );
    const clip = Math.min(1, 1 / Math.hypot(...slopes));
    slopes.forEach((slope, index) => {
      const learned = -Math.sign(after[index]! - before[index]!) * sizes[index]!;
      expect(learned).toBeCloseTo(clip * slope, 2);
    });
    expect(Math.hypot(...slopes)).toBeGreaterThan(0.1);
  });

  it('of the softmax regression are those of finite differences', () => {
    const length = 9 * 21;
    const random = seededRandom(7);
    const example = separableExamples(8, 1)[0]!;
    const model = new SoftmaxCorrector();
    // Beyond the lasso of 2 a pull of 201 is a weight of -1 while nothing was learned yet.
    const pulls = Float32Array.from({ length }, () => (random() < 0.5 ? -1 : 1) * (2 + 201 * (0.05 + 0.2 * random())));
    const state: ModelState = { ...model.save(), pull: packFloats(pulls) };
    model.restore(state);
    model.learn(example.row, example.teacher);
    const energies = floatsOf(model.save().energy, length);
    for (let index = 0; index < length; index += 1) {
      const slope = -201 * slopeOf(model, example, { state, key: 'pull', length, index, width: 2 });
      expect(Math.sqrt(energies[index]!)).toBeCloseTo(Math.abs(slope), 2);
    }
  });

  it('of the posterior memory are those of finite differences', () => {
    const length = 2 * 2 + 9;
    const examples = separableExamples(9, 200);
    const model = new PosteriorMemory();
    for (const { row, teacher } of examples) model.learn(row, teacher);
    const state = model.save();
    const example = separableExamples(10, 1)[0]!;
    model.learn(example.row, example.teacher);
    const before = floatsOf(state.weights, length);
    const after = floatsOf(model.save().weights, length);
    for (let index = 0; index < length; index += 1) {
      const slope = slopeOf(model, example, { state, key: 'weights', length, index, width: 0.01 });
      const clipped = Math.min(1, Math.max(-1, -slope));
      expect((after[index]! - before[index]!) / 0.002).toBeCloseTo(clipped, 2);
    }
  });

  it('of the scale of the base are those of finite differences', () => {
    const row = new Float32Array(ROW_LENGTH);
    row.set([0.2, 0.3, 0.5, 0.1, 0.2, 0.1, 0.3, 0.1, 0.2].map(Math.log), BASE_AT);
    const corrections = new Float32Array([0.3, -0.2, 0.1, 0.4, -0.1, 0.2, 0, -0.3, 0.1]);
    const teacher = new Float64Array([0.5, 0.3, 0.2, 0.1, 0.1, 0.2, 0.3, 0.2, 0.1]);
    const scale = new BaseScale();
    const before = new Float32Array([0.9, 1.1]);
    const saidAt = (which: number, change: number): Float32Array => {
      scale.scales.set(before);
      scale.scales[which] = before[which]! + change;
      const said = Float32Array.from(corrections);
      scale.apply(row, said, 0);
      return said;
    };
    const lossAt = (which: number, change: number): number =>
      crossEntropy(teacher, saidAt(which, change), { count: FACTOR_COUNT });
    const slopes = [0, 1].map((which) => (lossAt(which, 0.01) - lossAt(which, -0.01)) / 0.02);
    const probabilities = saidAt(0, 0);
    scale.learn({ row, probabilities, teacher, stepFactor: 1 });
    slopes.forEach((slope, which) => {
      expect((scale.scales[which]! - before[which]!) / 0.002).toBeCloseTo(-slope, 2);
    });
  });
});

describe('NaiveBayes', () => {
  it('judges the candle itself once it has seen enough, whatever the base says', () => {
    const model = new NaiveBayes();
    for (const { row, teacher } of separableExamples(9, 3_000)) model.learn(row, teacher);
    const said = new Float32Array(FACTOR_COUNT);
    let furthest = 0;
    let hits = 0;
    for (const { row, level } of separableExamples(10, 200)) {
      model.predict(row, said, 0);
      const before = said.slice();
      hits += bestOf(said.slice(0, LEVEL_COUNT)) === level ? 1 : 0;
      row.fill(Math.log(1 / 3), BASE_AT);
      model.predict(row, said, 0);
      said.forEach((value, factor) => {
        furthest = Math.max(furthest, Math.abs(value - before[factor]!));
      });
    }
    expect(hits / 200).toBeGreaterThan(0.95);
    expect(furthest).toBeLessThan(0.1);
  });

  it('does not change what it says of levels when only returns are mirrored', () => {
    const model = new NaiveBayes();
    for (const { row, teacher } of separableExamples(11, 500)) model.learn(row, teacher);
    const [example] = separableExamples(12, 1);
    const said = new Float32Array(FACTOR_COUNT);
    model.predict(example!.row, said, 0);
    const levels = said.slice(0, LEVEL_COUNT);
    for (let index = 13; index < FEATURE_COUNT; index += 1) example!.row[index] = -example!.row[index]!;
    model.predict(example!.row, said, 0);
    expect(said.slice(0, LEVEL_COUNT)).toEqual(levels);
  });
});

describe('TreeEnsemble', () => {
  it('grows trees anew whose questions have come to do harm', () => {
    const model = new TreeEnsemble();
    model.stepFactor = 5;
    for (const { row, teacher } of separableExamples(12, 2_000)) model.learn(row, teacher);
    const planted = model.growths;
    // Levels change places: what every leaf says is now wrong.
    for (const { row, teacher } of separableExamples(13, 2_000)) {
      const swapped = Float64Array.from(teacher);
      swapped[0] = teacher[2]!;
      swapped[2] = teacher[0]!;
      model.learn(row, swapped);
    }
    expect(planted).toBeGreaterThanOrEqual(10);
    expect(model.growths).toBeGreaterThanOrEqual(planted + 2);
  });
});
