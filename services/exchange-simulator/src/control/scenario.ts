import { z } from 'zod';
import { FaultRule } from '../faults/fault-rule.ts';
import { Moment, momentMs } from '../faults/market-moment.ts';
import { Action, actionViolations, type Known, unknownNames } from './action.ts';

/** One step: at a market time, or at the very beginning, a rule begins to stand or something happens. */
const Step = z
  .strictObject({ at: Moment.optional(), fault: FaultRule.optional(), action: Action.optional() })
  .superRefine(({ fault, action }, context) => {
    if ((fault === undefined) !== (action === undefined)) return;
    context.addIssue({ code: 'custom', message: 'expected either fault or action' });
  });

const Outline = z.strictObject({
  name: z.string().min(1).max(200).optional(),
  steps: z.array(z.unknown()).min(1, 'expected at least one step').max(10_000),
});

/** A step with its time fixed. */
export interface ScheduledStep {
  /** Market time. */
  readonly atMs: number;
  readonly fault?: FaultRule;
  readonly action?: Action;
}

/** What goes wrong in a run, and when. */
export interface Scenario {
  readonly name: string;
  /** In the order of their times. */
  readonly steps: readonly ScheduledStep[];
}

/** What a scenario is checked against. */
export interface Stage extends Known {
  /** Market time at which the venue begins; null: it has no end. */
  readonly startMs: number;
  readonly endMs: number | null;
}

/** A scenario, or everything that is wrong with it. */
export type ReadScenario =
  | { readonly kind: 'scenario'; readonly scenario: Scenario }
  | { readonly kind: 'violations'; readonly violations: readonly string[] };

const placeOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');

const issuesOf = (error: z.ZodError, prefix: readonly PropertyKey[]): readonly string[] =>
  error.issues.map(({ path, message }) => `${placeOf([...prefix, ...path]) || 'the scenario'}: ${message}`);

/**
 * Returns the scenario that `written` describes, with every step's time counted from the stage's beginning.
 *
 * Denies: with every violation at once, of form (fields, kinds, values) and of fact (symbols, accounts, times outside the market).
 */
export function readScenario(written: unknown, stage: Stage): ReadScenario {
  const outline = Outline.safeParse(written);
  const violations: string[] = outline.success ? [] : [...issuesOf(outline.error, [])];
  const rawSteps = outline.success ? outline.data.steps : stepsIn(written);
  const steps: ScheduledStep[] = [];
  for (const [index, raw] of rawSteps.entries()) {
    const place = ['steps', index];
    const parsed = Step.safeParse(raw);
    if (!parsed.success) {
      violations.push(...issuesOf(parsed.error, place));
      continue;
    }
    const { at, fault, action } = parsed.data;
    const atMs = at === undefined ? stage.startMs : momentMs(at, stage.startMs);
    const inFault = fault === undefined ? [] : unknownNames(fault, stage).map((text) => `fault.${text}`);
    const inAction = action === undefined ? [] : actionViolations(action, stage).map((text) => `action.${text}`);
    violations.push(
      ...[...timeViolations(atMs, stage), ...inFault, ...inAction].map((text) => `${placeOf(place)}.${text}`),
    );
    steps.push({ atMs, ...(fault === undefined ? {} : { fault }), ...(action === undefined ? {} : { action }) });
  }
  if (violations.length > 0) return { kind: 'violations', violations };
  const name = outline.data?.name ?? 'scenario';
  return { kind: 'scenario', scenario: { name, steps: steps.toSorted((left, right) => left.atMs - right.atMs) } };
}

/** The steps of a scenario that has other faults: theirs are told in the same breath. */
function stepsIn(written: unknown): readonly unknown[] {
  const { steps } = (typeof written === 'object' && written !== null ? written : {}) as { readonly steps?: unknown };
  return Array.isArray(steps) ? steps : [];
}

function timeViolations(atMs: number, { startMs, endMs }: Stage): readonly string[] {
  const iso = (timeMs: number): string => new Date(timeMs).toISOString();
  if (atMs < startMs) return [`at: ${iso(atMs)} lies before the market's beginning at ${iso(startMs)}`];
  if (endMs !== null && atMs > endMs) return [`at: ${iso(atMs)} lies after the market's end at ${iso(endMs)}`];
  return [];
}
