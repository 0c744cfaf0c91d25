import type { FaultKind, FaultRule } from './fault-rule.ts';

/** A rule that has struck once more. */
export interface Strike {
  readonly faultId: string;
  readonly kind: FaultKind;
  readonly executes: boolean | undefined;
  readonly delayMs: number | undefined;
}

/** A rule and how far it has come. */
export interface FaultRuleState extends FaultRule {
  readonly id: string;
  readonly seen: number;
  readonly struck: number;
}

interface Occasion {
  readonly kinds: readonly FaultKind[];
  readonly method?: string;
  /** Request path, event type, or for a socket what it carries: `/private` or `/market`. */
  readonly path: string;
  /** Whether only rules that name the path fit. */
  readonly isOnlyWhenNamed?: boolean;
}

interface Entry {
  readonly rule: FaultRule & { readonly id: string };
  seen: number;
  struck: number;
}

/** The faults that are switched on. Rules are tried in the order they came; the first that fits and is not spent strikes. */
export class FaultBook {
  readonly #entries: Entry[] = [];
  #nextId = 1;

  add(rule: FaultRule): FaultRuleState {
    const id = rule.id ?? `fault-${this.#nextId++}`;
    const entry = { rule: { ...rule, id }, seen: 0, struck: 0 };
    this.#entries.push(entry);
    return { ...entry.rule, seen: 0, struck: 0 };
  }

  list(): readonly FaultRuleState[] {
    return this.#entries.map(({ rule, seen, struck }) => ({ ...rule, seen, struck }));
  }

  clear(): number {
    return this.#entries.splice(0).length;
  }

  /** Returns the fault for this occasion, undefined when none strikes. Every fitting rule that is still waiting counts the occasion. */
  strike({ kinds, method, path, isOnlyWhenNamed = false }: Occasion): Strike | undefined {
    for (const entry of this.#entries) {
      const { rule } = entry;
      if (!kinds.includes(rule.kind)) continue;
      if (rule.method !== undefined && rule.method !== method) continue;
      if (rule.path === undefined ? isOnlyWhenNamed : rule.path !== path) continue;
      if (entry.struck >= rule.times) continue;
      entry.seen += 1;
      if (entry.seen <= rule.after) continue;
      entry.struck += 1;
      return { faultId: rule.id, kind: rule.kind, executes: rule.executes, delayMs: rule.delayMs };
    }
    return undefined;
  }
}
