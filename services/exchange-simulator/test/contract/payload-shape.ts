const DECIMAL = /^-?\d+(\.\d+)?(E\d+)?$/;

/** What a value is on the wire: numbers in strings are told from words, and numbers from strings. */
type Kind = 'number' | 'boolean' | 'null' | 'decimal text' | 'text' | 'list' | 'object' | 'missing';

const kindOf = (value: unknown): Kind => {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'string') return DECIMAL.test(value.trim()) ? 'decimal text' : 'text';
  if (typeof value === 'number' || typeof value === 'boolean') return typeof value as Kind;
  return 'object';
};

interface ShapeOptions {
  /** Paths that the recording has and we leave out, or spell otherwise, each for a reason that stands beside it. */
  readonly except?: readonly string[];
}

/**
 * Returns how our value differs in shape from a recorded one: fields that are missing, and fields of another type or number format.
 * Fields that only we have are listed too, because a strict client may refuse them.
 */
export const shapeDifferences = (
  recorded: unknown,
  ours: unknown,
  { except = [] }: ShapeOptions = {},
): readonly string[] => {
  const found: string[] = [];
  const compare = (expected: unknown, actual: unknown, path: string): void => {
    if (except.includes(path)) return;
    const kind = kindOf(expected);
    if (kind !== kindOf(actual)) {
      // An id-like text may consist of digits alone, and an empty text stands for "none".
      const isTextAnyway =
        typeof expected === 'string' && typeof actual === 'string' && (expected === '' || actual === '');
      if (!isTextAnyway)
        found.push(
          `${path}: recorded ${kind} (${JSON.stringify(expected)?.slice(0, 60)}), ours ${kindOf(actual)} (${JSON.stringify(actual)?.slice(0, 60)})`,
        );
      return;
    }
    if (kind === 'list') {
      const [first] = expected as unknown[];
      if (first !== undefined) compare(first, (actual as unknown[])[0], `${path}[]`);
      return;
    }
    if (kind !== 'object') return;
    const expectedFields = expected as Record<string, unknown>;
    const actualFields = actual as Record<string, unknown>;
    for (const name of Object.keys(expectedFields))
      compare(expectedFields[name], actualFields[name], `${path}.${name}`);
    for (const name of Object.keys(actualFields)) {
      if (!(name in expectedFields) && !except.includes(`${path}.${name}`)) found.push(`${path}.${name}: only ours`);
    }
  };
  compare(recorded, ours, '$');
  return found;
};
