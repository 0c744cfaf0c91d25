import { describe, expect, it } from '@jest/globals';
import { type RawEvaluateOptions, readEvaluateOptions, refuseBesideReal } from './evaluate-options.ts';

describe('readEvaluateOptions', () => {
  it.each([
    ['1,4', [1, 4]],
    ['3-5,7', [3, 4, 5, 7]],
    ['2,1-3,2', [2, 1, 3]],
    ['9-9', [9]],
  ])('reads the seeds of %s, each once', (seeds, expected) => {
    expect(readEvaluateOptions({ seeds }).run.plan.seeds).toEqual(expected);
  });

  it.each<[RawEvaluateOptions, string]>([
    [{ seeds: '1-4-9' }, '--seeds: found "1-4-9", expected seeds such as'],
    [{ seeds: '1,4-1' }, '--seeds: found "4-1", expected seeds such as'],
    [{ seeds: ',' }, '--seeds: found ",", expected seeds such as'],
    [{ seeds: '-3' }, '--seeds: found "", expected a whole number'],
    [{ history: '0' }, '--history: found "0", expected a whole number from 1'],
    [{ threads: '0' }, '--threads: found "0", expected a whole number from 1'],
    [{ candles: '2000' }, '--candles: found 2000, expected over 2000'],
  ])('refuses %j', (raw, said) => {
    expect(() => readEvaluateOptions(raw)).toThrow(said);
  });

  it('takes the markets asked for, also of those that a quick look leaves out', () => {
    const { run, isQuick } = readEvaluateOptions({ quick: true, scenario: 'semi-markov-hard' });
    expect(run.plan.scenarios.map(({ durationCandles }) => durationCandles)).toEqual([300, 600]);
    expect(isQuick).toBe(true);
  });
});

describe('refuseBesideReal', () => {
  it('names what would do nothing beside --real', () => {
    expect(() => refuseBesideReal({ out: 'here' })).not.toThrow();
    expect(() => refuseBesideReal({ out: 'here', seeds: '1' })).toThrow('--seeds: found beside --real');
    expect(() => refuseBesideReal({ ablate: true })).toThrow('--ablate: found beside --real');
  });
});
