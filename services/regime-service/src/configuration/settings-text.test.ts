import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ENGINE_DEFAULTS } from '@qt/regime';
import { engineParametersOf } from './engine-settings.ts';
import { isHot } from './settings.ts';
import { readSettings, sentencesOf } from './settings-text.ts';
import { changesBetween } from './settings-tree.ts';

const violationsOf = (text: string): readonly string[] => {
  const read = readSettings(text);
  return read.kind === 'invalid' ? sentencesOf(read.violations) : [];
};

describe('readSettings', () => {
  it('takes an empty file for all defaults, and the file of the project says just these', () => {
    const read = readSettings('');
    expect(read.kind).toBe('valid');
    expect(readSettings(readFileSync('config/regime/config.yaml', 'utf8'))).toEqual(read);
  });

  it('gives the engine its own defaults when nothing is said', () => {
    const read = readSettings('{}');
    expect(read.kind === 'valid' && engineParametersOf(read.settings)).toEqual(ENGINE_DEFAULTS);
  });

  it.each([
    {
      name: 'an unknown level',
      text: 'logging: { level: loud }',
      says: 'logging.level: found "loud"; expected DEBUG, INFO, WARN or ERROR',
    },
    {
      name: 'an unknown component',
      text: 'logging: { components: { redis: INFO } }',
      says: 'logging.components.redis: found "INFO"; expected no parameter of this name',
    },
    {
      name: 'a text for a number',
      text: 'detection: { warmup_candles: many }',
      says: 'detection.warmup_candles: found "many"; expected number',
    },
    {
      name: 'a number beyond its bounds',
      text: 'load_reduction: { default_minutes: 0 }',
      says: 'load_reduction.default_minutes: found 0; expected >=1',
    },
    { name: 'a value for a group', text: 'api: 5', says: 'api: found 5; expected object' },
    { name: 'a list', text: '- 1', says: 'document: found [1]; expected object' },
    {
      name: 'two that do not go together',
      text: 'load_reduction: { default_minutes: 20, max_minutes: 10 }',
      says: 'load_reduction.default_minutes: found 20; expected at most load_reduction.max_minutes (10)',
    },
  ])('names $name', ({ text, says }) => {
    expect(violationsOf(text)).toEqual([says]);
  });

  it('names everything at once, and where a text is no YAML', () => {
    expect(violationsOf('a: 1\nb: 2\nlogging: { level: 5 }')).toHaveLength(3);
    expect(violationsOf('logging:\n  level: [INFO')[0]).toMatch(/^document: found line 2, column \d+; expected YAML: /);
    expect(violationsOf('a: 1\na: 2')[0]).toMatch(/unique/);
    const bomb = `a: &a [x, x]\n${Array.from({ length: 30 }, (_, index) => `b${index}: [*a]`).join('\n')}`;
    expect(violationsOf(bomb)[0]).toMatch(/aliases/);
  });

  it.each([
    { name: 'lies within itself', text: 'logging: &a\n  components: *a', says: /found a document without end/ },
    { name: 'is nested by brackets', text: `a: ${'['.repeat(30_000)}`, says: /found brackets without end/ },
    {
      name: 'is nested by lines',
      text: Array.from({ length: 40 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'),
      says: /at most 32 levels/,
    },
    {
      name: 'names the prototype',
      text: 'logging: { __proto__: { level: DEBUG } }',
      says: /^__proto__: found a value; expected no/,
    },
    {
      name: 'has thousands of keys',
      text: Array.from({ length: 4_000 }, (_, at) => `k${at}: 1`).join('\n'),
      says: /found 4000 values; expected at most 1500/,
    },
  ])('refuses a text that $name, in one sentence', ({ text, says }) => {
    expect(violationsOf(text)).toEqual([expect.stringMatching(says)]);
  });

  it.each([
    { name: 'keys that have no value', text: `{${Array.from({ length: 9_000 }, (_, at) => `k${at},`).join('')}}` },
    { name: 'keys by question marks', text: Array.from({ length: 9_000 }, (_, at) => `? ${at}`).join('\n') },
    { name: 'items', text: '-\n'.repeat(20_000) },
    { name: 'empty lines', text: '\n'.repeat(60_000) },
    { name: 'tags', text: '!x '.repeat(20_000) },
    { name: 'aliases', text: '*a '.repeat(20_000) },
    { name: 'brackets', text: '[]'.repeat(30_000) },
    { name: 'quotes', text: "'' ".repeat(20_000) },
    { name: 'escapes', text: `"${'\\q'.repeat(30_000)}"` },
  ])('refuses thousands of $name before the parser sees them', ({ text }) => {
    for (const sentence of violationsOf(text))
      expect(sentence).toMatch(/^document: found \d+ [a-z, ]+; expected at most [15][05]00$/);
  });

  it('tells the first faults of a text that has many, and each key that stands twice', () => {
    expect(violationsOf('"\\q"\n'.repeat(400))).toHaveLength(20);
    expect(violationsOf('a: 1\nb: { c: 1, c: 2 }\na: 2')).toEqual([
      'document: found line 3, column 1; expected YAML: keys of a map must be unique',
      'document: found line 2, column 12; expected YAML: keys of a map must be unique',
    ]);
  });

  it('knows which parameters are hot', () => {
    expect(isHot('detection.transition.level_margin_ratio')).toBe(true);
    expect(isHot('detection.warmup_candles')).toBe(false);
    expect(changesBetween({ a: { b: 1, c: 2 } }, { a: { b: 1, d: 3 } })).toEqual([
      { path: 'a.c', from: 2, to: null },
      { path: 'a.d', from: null, to: 3 },
    ]);
  });
});
