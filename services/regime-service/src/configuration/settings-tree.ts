import { isDeepStrictEqual } from 'node:util';

/** Settings as a tree of plain values. */
export type SettingsTree = Readonly<Record<string, unknown>>;

export interface SettingsChange {
  readonly path: string;
  readonly from: unknown;
  readonly to: unknown;
}

const isTree = (value: unknown): value is SettingsTree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns `base` with the values of `patch` in their places; null in a patch takes a value away. */
export const merged = (base: SettingsTree, patch: SettingsTree): SettingsTree => {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    const before = Object.hasOwn(base, key) ? base[key] : undefined;
    if (value === null) delete result[key];
    else if (isTree(value)) result[key] = merged(isTree(before) ? before : {}, value);
    else result[key] = value;
  }
  return result;
};

/** Returns the leaves in which two trees differ, by path. */
export const changesBetween = (from: unknown, to: unknown, path = ''): readonly SettingsChange[] => {
  if (!isTree(from) && !isTree(to))
    return isDeepStrictEqual(from, to) ? [] : [{ path, from: from ?? null, to: to ?? null }];
  const [left, right] = [isTree(from) ? from : {}, isTree(to) ? to : {}];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((key) =>
    changesBetween(left[key], right[key], path === '' ? key : `${path}.${key}`),
  );
};

/** Returns `tree` with the value at a dotted path replaced; undefined takes it away. */
export const withValue = (tree: SettingsTree, path: string, value: unknown): SettingsTree => {
  const [head = '', ...rest] = path.split('.');
  const result: Record<string, unknown> = { ...tree };
  if (rest.length > 0) {
    const below = tree[head];
    result[head] = withValue(isTree(below) ? below : {}, rest.join('.'), value);
  } else if (value === undefined || value === null) delete result[head];
  else result[head] = value;
  return result;
};
