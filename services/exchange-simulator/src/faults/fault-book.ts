import { randomOf } from '../domain/randomness.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { FaultRule } from './fault-rule.ts';
import { momentMs } from './market-moment.ts';

/** A rule as it stands: its moments fixed, its name given. */
interface StandingRule extends Omit<FaultRule, 'id' | 'times' | 'fromMs' | 'untilMs'> {
  readonly id: string;
  /** Null: without end. */
  readonly times: number | null;
  readonly fromMs?: number;
  readonly untilMs?: number;
}

/** A rule that has struck once more. */
export interface Strike extends StandingRule {
  readonly faultId: string;
}

/** A rule and how far it has come. */
export interface FaultRuleState extends StandingRule {
  readonly seen: number;
  readonly struck: number;
}

/** A moment at which something may go wrong. */
export interface Occasion {
  readonly kinds: readonly FaultKind[];
  readonly method?: string;
  /** Request path, event type, or for a socket what it carries: `/private` or `/market`. */
  readonly path: string;
  /** Whom it concerns. */
  readonly accountIds?: readonly string[];
  /** Whether only rules that name the path fit. */
  readonly isOnlyWhenNamed?: boolean;
}

interface FaultBookDeps {
  readonly seed: number;
  /** Market time. */
  readonly nowMs: () => number;
}

interface Entry {
  readonly rule: StandingRule;
  readonly random: () => number;
  seen: number;
  struck: number;
}

const isSpent = ({ rule, struck }: Entry): boolean => rule.times !== null && struck >= rule.times;

const fitsPath = (wanted: string, path: string): boolean =>
  wanted.endsWith('*') ? path.startsWith(wanted.slice(0, -1)) : wanted === path;

/**
 * The faults that are switched on. Every rule that fits and is not spent counts the occasion and draws its own lot, so that no rule
 * changes when another strikes; of those that would strike the first that came does, and the others let it pass.
 */
export class FaultBook {
  readonly #deps: FaultBookDeps;
  #entries: Entry[] = [];
  #nextId = 1;

  constructor(deps: FaultBookDeps) {
    this.#deps = deps;
  }

  /** Whether there is no rule at all. */
  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** Lets a rule stand from now on; one of the same name makes place for it. */
  add({ id, times, fromMs, untilMs, ...rule }: FaultRule): FaultRuleState {
    const { seed, nowMs } = this.#deps;
    const isRepeated = rule.every !== undefined || rule.probability !== undefined || untilMs !== undefined;
    const standing: StandingRule = {
      ...rule,
      id: id ?? `fault-${this.#nextId++}`,
      times: times ?? (isRepeated ? null : 1),
      ...(fromMs === undefined ? {} : { fromMs: momentMs(fromMs, nowMs()) }),
      ...(untilMs === undefined ? {} : { untilMs: momentMs(untilMs, nowMs()) }),
    };
    this.remove(standing.id);
    this.#entries.push({ rule: standing, random: randomOf(seed, 'fault', standing.id), seen: 0, struck: 0 });
    return { ...standing, seen: 0, struck: 0 };
  }

  list(): readonly FaultRuleState[] {
    return this.#entries.map(({ rule, seen, struck }) => ({ ...rule, seen, struck }));
  }

  /** Returns the rules of that kind that may still strike, now or later. */
  waiting(kind: FaultKind): readonly FaultRuleState[] {
    const nowMs = this.#deps.nowMs();
    const waiting = this.#entries.filter((entry) => {
      const { rule } = entry;
      return rule.kind === kind && !isSpent(entry) && (rule.untilMs === undefined || nowMs <= rule.untilMs);
    });
    return waiting.map(({ rule, seen, struck }) => ({ ...rule, seen, struck }));
  }

  /** Returns whether there was a rule of that name. */
  remove(id: string): boolean {
    const before = this.#entries.length;
    this.#entries = this.#entries.filter(({ rule }) => rule.id !== id);
    return this.#entries.length < before;
  }

  clear(): number {
    return this.#entries.splice(0).length;
  }

  /** Returns the fault for this occasion, undefined when none strikes. */
  strike(occasion: Occasion): Strike | undefined {
    if (this.isEmpty) return undefined;
    let striking: Entry | undefined;
    for (const entry of this.#entries) {
      if (isSpent(entry) || !this.#fits(entry.rule, occasion)) continue;
      entry.seen += 1;
      if (this.#wouldStrike(entry)) striking ??= entry;
    }
    if (striking === undefined) return undefined;
    striking.struck += 1;
    return { ...striking.rule, faultId: striking.rule.id };
  }

  #fits(rule: StandingRule, { kinds, method, path, accountIds = [], isOnlyWhenNamed = false }: Occasion): boolean {
    if (!kinds.includes(rule.kind)) return false;
    if (rule.method !== undefined && rule.method !== method) return false;
    if (rule.path === undefined ? isOnlyWhenNamed : !fitsPath(rule.path, path)) return false;
    if (rule.accountId !== undefined && !accountIds.includes(rule.accountId)) return false;
    const nowMs = this.#deps.nowMs();
    return (rule.fromMs === undefined || nowMs >= rule.fromMs) && (rule.untilMs === undefined || nowMs <= rule.untilMs);
  }

  #wouldStrike({ rule, random, seen }: Entry): boolean {
    const turn = seen - rule.after;
    if (turn <= 0 || turn % (rule.every ?? 1) !== 0) return false;
    return rule.probability === undefined || random() < rule.probability;
  }
}
