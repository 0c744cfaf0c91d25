import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LabTask } from '@qt/regime-lab';
import { UnfinishedRun } from './evaluate-unfinished.ts';

const aTask = (seed: number, candles = 4_000): LabTask => ({
  kind: 'evaluate',
  scenario: { generator: 'gaussian', difficulty: 'easy', durationCandles: 300 },
  seed,
  candles,
  skippedCandles: 1_000,
  historyCandles: 2_000,
  entrants: [{ classifier: 'engine', hasHistory: false }],
  hasTimeline: seed === 1,
});

interface Found {
  readonly seed: number;
  readonly counts: Float64Array;
}

describe('UnfinishedRun', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'qt-unfinished-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const aRun = (tasks: readonly LabTask[]): UnfinishedRun<Found> => new UnfinishedRun(folder, tasks);
  const found = (seed: number): Found[] => [{ seed, counts: Float64Array.of(-0, Number.NaN, 1 / 3) }];

  it('gives back what was found, to the bit, to a later run of the same, also of more seeds', () => {
    const [first, second] = [aTask(1), aTask(2)];
    aRun([first]).write(first, found(1));
    const later = aRun([first, second]);
    expect(later.read(first)).toEqual(found(1));
    expect(Object.is(later.read(first)?.[0]?.counts[0], -0)).toBe(true);
    expect(later.read(second)).toBeNull();
  });

  it('does not give it to a run that asks something else of a market', () => {
    const task = aTask(1);
    aRun([task]).write(task, found(1));
    const other = aTask(1, 5_000);
    expect(aRun([other]).read(other)).toBeNull();
  });

  /** Returns the path of the one file that was kept. */
  const keptFile = (): string => {
    const names = readdirSync(join(folder, 'unfinished'), { recursive: true, encoding: 'utf8' });
    return join(folder, 'unfinished', names.find((name) => name.endsWith('.gz')) ?? 'none');
  };

  it.each([
    { name: 'empty', spoil: () => Buffer.alloc(0) },
    { name: 'cut short', spoil: (whole: Buffer) => whole.subarray(0, whole.length - 5) },
    { name: 'with a flipped bit', spoil: (whole: Buffer) => whole.fill((whole[30] ?? 0) ^ 4, 30, 31) },
    { name: 'something else altogether', spoil: () => Buffer.from('not a result') },
  ])('passes over a file that is $name, and writes it anew', ({ spoil }) => {
    const task = aTask(3);
    const run = aRun([task]);
    run.write(task, found(3));
    writeFileSync(keptFile(), spoil(readFileSync(keptFile())));
    expect(run.read(task)).toBeNull();
    run.write(task, found(3));
    expect(run.read(task)).toEqual(found(3));
  });

  it('goes on when another run of the same has ended meanwhile and taken the folder with it', () => {
    const [first, second] = [aTask(1), aTask(2)];
    const [own, other] = [aRun([first, second]), aRun([first, second])];
    own.write(first, found(1));
    other.write(first, found(1));
    other.finish();
    own.write(second, found(2));
    expect(own.read(second)).toEqual(found(2));
    own.finish();
    own.finish();
    expect(existsSync(join(folder, 'unfinished'))).toBe(false);
  });

  it('names what cannot be written, and that nothing is lost', () => {
    writeFileSync(join(folder, 'unfinished'), 'a file where the folder should be');
    expect(() => aRun([aTask(1)]).write(aTask(1), found(1))).toThrow(
      /gaussian-easy-d300-seed1-drawn\.gz cannot be written: .*; what was written before stays/,
    );
  });

  it('does not read what a killed run had half written', () => {
    const task = aTask(2);
    const run = aRun([task]);
    run.write(task, found(2));
    const [name = ''] = readdirSync(join(folder, 'unfinished'));
    const [file = ''] = readdirSync(join(folder, 'unfinished', name));
    rmSync(join(folder, 'unfinished', name, file));
    writeFileSync(join(folder, 'unfinished', name, `${file}.4711.part`), 'half');
    expect(run.read(task)).toBeNull();
  });

  it('leaves nothing when it has ended, but what others left', () => {
    const [task, other] = [aTask(1), aTask(1, 5_000)];
    const run = aRun([task]);
    const others = aRun([other]);
    run.write(task, found(1));
    others.write(other, found(1));
    run.finish();
    expect(run.read(task)).toBeNull();
    expect(others.read(other)).toEqual(found(1));
    others.finish();
    expect(existsSync(join(folder, 'unfinished'))).toBe(false);
  });
});
