import type { FaultSwitch } from '../faults/fault-switch.ts';
import type { Actions } from './actions.ts';
import type { Agenda } from './agenda.ts';
import type { Scenario, ScheduledStep } from './scenario.ts';

interface ScenarioRunDeps {
  readonly scenario: Scenario | null;
  readonly agenda: Agenda;
  readonly actions: Actions;
  readonly faultSwitch: FaultSwitch;
}

/** How far a scenario has come. */
export interface ScenarioState {
  readonly name: string;
  readonly steps: readonly { readonly atMs: number; readonly kind: string; readonly outcome: string }[];
}

/** Plays a scenario along the market's time. */
export class ScenarioRun {
  readonly #deps: ScenarioRunDeps;
  readonly #outcomes = new Map<ScheduledStep, string>();

  constructor(deps: ScenarioRunDeps) {
    this.#deps = deps;
  }

  /** Puts all steps on the agenda and plays those of this moment. */
  schedule(nowMs: number): void {
    const { scenario, agenda } = this.#deps;
    for (const step of scenario?.steps ?? []) agenda.at(step.atMs, () => this.#play(step));
    agenda.runDue(nowMs);
  }

  /** Returns the steps with what became of them, null when there is no scenario. */
  state(): ScenarioState | null {
    const { scenario } = this.#deps;
    if (scenario === null) return null;
    const { name, steps } = scenario;
    return {
      name,
      steps: steps.map((step) => ({
        atMs: step.atMs,
        kind: step.fault?.kind ?? step.action?.kind ?? '',
        outcome: this.#outcomes.get(step) ?? 'waiting',
      })),
    };
  }

  #play(step: ScheduledStep): void {
    const { actions, faultSwitch } = this.#deps;
    if (step.fault !== undefined) faultSwitch.add(step.fault);
    const outcome = step.action === undefined ? 'done' : actions.run(step.action, 'scenario').outcome;
    this.#outcomes.set(step, outcome);
  }
}
