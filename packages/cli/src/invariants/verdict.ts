/** What the checker says about one invariant. */
export interface Verdict {
  readonly id: string;
  readonly title: string;
  readonly holds: boolean;
  /** What was compared when it holds; the first breaches when it does not. */
  readonly detail: string;
}

const SHOWN_BREACHES = 5;

/** Returns the verdict on one invariant: it holds when there is no breach. `compared` says what was looked at. */
export const verdict = (id: string, title: string, breaches: readonly string[], compared: string): Verdict => {
  if (breaches.length === 0) return { id, title, holds: true, detail: compared };
  const more = breaches.length > SHOWN_BREACHES ? `; and ${breaches.length - SHOWN_BREACHES} more` : '';
  return {
    id,
    title,
    holds: false,
    detail: `${breaches.length} of ${compared}: ${breaches.slice(0, SHOWN_BREACHES).join('; ')}${more}`,
  };
};

/** Returns a text per difference between two maps of facts, both ways. */
export const differences = (
  left: ReadonlyMap<string, string>,
  right: ReadonlyMap<string, string>,
  names: { readonly left: string; readonly right: string },
): string[] => {
  const found: string[] = [];
  for (const [key, value] of left) {
    const other = right.get(key);
    if (other === undefined) found.push(`${key}: ${names.left} has ${value}, ${names.right} has nothing`);
    else if (other !== value) found.push(`${key}: ${names.left} has ${value}, ${names.right} has ${other}`);
  }
  for (const [key, value] of right) {
    if (!left.has(key)) found.push(`${key}: ${names.right} has ${value}, ${names.left} has nothing`);
  }
  return found;
};
