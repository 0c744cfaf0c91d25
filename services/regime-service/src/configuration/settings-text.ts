import { type Document, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { RegimeSettings } from './settings.ts';

/** One thing that is wrong with a configuration. */
export interface Violation {
  /** Dotted: `detection.transition.level_margin_ratio`; empty for the whole document. */
  readonly path: string;
  readonly found: string;
  readonly expected: string;
}

export type ReadSettings =
  | { readonly kind: 'valid'; readonly settings: RegimeSettings }
  | { readonly kind: 'invalid'; readonly violations: readonly Violation[] };

const valueAt = (document: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    document,
  );

const MAX_SHOWN = 80;
const shown = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
};

const expectedOf = (message: string): string =>
  message
    .replace(/^Invalid (input|option): /, '')
    .replace(/, received .*$/, '')
    .replace(/^expected /, '')
    .replace(/^Too (small|big): expected \w+ to be /, '');

/** Returns what is wrong according to one issue of a schema with a document. */
export const violationsOf = (issue: z.core.$ZodIssue, document: unknown): readonly Violation[] => {
  const path = issue.path.map(String).join('.');
  if (issue.code !== 'unrecognized_keys')
    return [{ path, found: shown(valueAt(document, issue.path)), expected: expectedOf(issue.message) }];
  return issue.keys.map((key) => ({
    path: path === '' ? key : `${path}.${key}`,
    found: shown(valueAt(document, [...issue.path, key])),
    expected: 'no parameter of this name',
  }));
};

const bandViolations = (floors: unknown): readonly Violation[] => {
  const isFalling = !Array.isArray(floors) || floors.every((floor, index) => index === 0 || floor < floors[index - 1]);
  const path = 'detection.stability.band_floors';
  return isFalling ? [] : [{ path, found: shown(floors), expected: 'each lower than the one before' }];
};

/** What fields say together; asked also when single fields are wrong, so that one look shows everything. */
const crossViolations = (document: unknown): readonly Violation[] => {
  const numberAt = (path: string): number | null => {
    const value = valueAt(document, path.split('.'));
    return typeof value === 'number' ? value : null;
  };
  const notAbove = (path: string, limitPath: string): readonly Violation[] => {
    const [value, limit] = [numberAt(path), numberAt(limitPath)];
    if (value === null || limit === null || value <= limit) return [];
    return [{ path, found: shown(value), expected: `at most ${limitPath} (${limit})` }];
  };
  return [
    ...bandViolations(valueAt(document, ['detection', 'stability', 'band_floors'])),
    ...notAbove('detection.transition.min_margin_ratio', 'detection.transition.max_margin_ratio'),
    ...notAbove('load_reduction.default_minutes', 'load_reduction.max_minutes'),
  ];
};

/** Returns the settings a document stands for, defaults filled in, or everything that is wrong with it. */
export const readDocument = (document: unknown): ReadSettings => {
  // An empty file means all defaults.
  const given = document ?? {};
  const parsed = RegimeSettings.safeParse(given);
  const violations = [
    ...(parsed.success ? [] : parsed.error.issues.flatMap((issue) => violationsOf(issue, given))),
    ...crossViolations(parsed.success ? parsed.data : given),
  ];
  if (parsed.success && violations.length === 0) return { kind: 'valid', settings: parsed.data };
  return { kind: 'invalid', violations };
};

/** Deeper than any configuration, and far from where walking through it would end the stack. */
const MAX_LEVELS = 32;
/** Several times what there is to set. */
const MAX_VALUES = 1_500;
const MAX_LINES = 5_000;

/** What makes the parser work, by its marks in the text; a comment may hold some of them. Each is counted for itself. */
const TEXT_LIMITS: readonly { readonly mark: RegExp; readonly name: string; readonly most: number }[] = [
  { mark: /:/g, name: 'values', most: MAX_VALUES },
  { mark: /,/g, name: 'values, by their commas', most: MAX_VALUES },
  { mark: /[-?](?=\s)/g, name: 'items of lists', most: MAX_VALUES },
  { mark: /[&*!]/g, name: 'anchors, aliases and tags', most: MAX_VALUES },
  { mark: /[[\]{}]/g, name: 'brackets', most: MAX_VALUES },
  { mark: /["'\\]/g, name: 'quotes', most: MAX_VALUES },
  { mark: /\n|\r/g, name: 'lines', most: MAX_LINES },
];

const textViolations = (text: string): readonly Violation[] =>
  TEXT_LIMITS.flatMap(({ mark, name, most }) => {
    const count = text.match(mark)?.length ?? 0;
    return count <= most ? [] : [{ path: '', found: `${count} ${name}`, expected: `at most ${most}` }];
  });

/** Returns what is wrong with the shape of a document that came from outside, whatever it is meant to be: before anything walks through it. */
export const shapeViolations = (document: unknown): readonly Violation[] => {
  const isTooDeep = (value: unknown, level: number): boolean =>
    typeof value === 'object' &&
    value !== null &&
    (level > MAX_LEVELS || Object.values(value).some((one) => isTooDeep(one, level + 1)));
  // Also what lies within itself, by an alias.
  if (isTooDeep(document, 1))
    return [{ path: '', found: 'a document without end', expected: `at most ${MAX_LEVELS} levels` }];
  const hasPrototype = (value: unknown): boolean =>
    typeof value === 'object' &&
    value !== null &&
    (Object.hasOwn(value, '__proto__') || Object.values(value).some(hasPrototype));
  return hasPrototype(document) ? [{ path: '__proto__', found: 'a value', expected: 'no parameter of this name' }] : [];
};

/** The parser tells of each bracket beyond its stack, and takes its time for it. */
const isBracketedTooDeep = (text: string): boolean => {
  let level = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    level += bracket === '[' || bracket === '{' ? 1 : -1;
    if (level > 2 * MAX_LEVELS) return true;
  }
  return false;
};

/** Faults of a text that are told: after the first ones the others are hardly faults of their own. */
const MAX_FAULTS = 20;

const repeatedKeys = (document: Document.Parsed): readonly { readonly message: string; readonly at: number }[] => {
  const found: { readonly message: string; readonly at: number }[] = [];
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) found.push({ message: 'keys of a map must be unique', at: key.range?.[0] ?? 0 });
        seen.add(key.value);
      }
    },
  });
  return found;
};

/** Returns what a YAML or JSON text says, or what is wrong with it as a text. */
export const readText = (
  text: string,
):
  | { readonly kind: 'read'; readonly document: unknown }
  | { readonly kind: 'invalid'; readonly violations: readonly Violation[] } => {
  if (isBracketedTooDeep(text))
    return {
      kind: 'invalid',
      violations: [{ path: '', found: 'brackets without end', expected: `at most ${MAX_LEVELS} levels` }],
    };
  const tooMuch = textViolations(text);
  if (tooMuch.length > 0) return { kind: 'invalid', violations: tooMuch };
  const lines = new LineCounter();
  // The parser itself compares each key with every other, and draws a picture of each fault: seconds for some thousands of them.
  const parsed = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const faults = [...parsed.errors.map(({ message, pos: [at] }) => ({ message, at })), ...repeatedKeys(parsed)];
  if (faults.length > 0) {
    const violations = faults.slice(0, MAX_FAULTS).map(({ message, at }) => {
      const { line, col } = lines.linePos(at);
      return { path: '', found: `line ${line}, column ${col}`, expected: `YAML: ${message.split('\n')[0] ?? message}` };
    });
    return { kind: 'invalid', violations };
  }
  try {
    const document = parsed.toJS({ maxAliasCount: 20 }) as unknown;
    const violations = shapeViolations(document);
    return violations.length === 0 ? { kind: 'read', document } : { kind: 'invalid', violations };
  } catch (error) {
    const expected = `YAML without so many aliases: ${(error as Error).message}`;
    return { kind: 'invalid', violations: [{ path: '', found: 'aliases', expected }] };
  }
};

/** Returns the settings of a YAML or JSON text. */
export const readSettings = (text: string): ReadSettings => {
  const read = readText(text);
  return read.kind === 'invalid' ? read : readDocument(read.document);
};

/** Returns violations as sentences. */
export const sentencesOf = (violations: readonly Violation[]): readonly string[] =>
  violations.map(
    ({ path, found, expected }) => `${path === '' ? 'document' : path}: found ${found}; expected ${expected}`,
  );
