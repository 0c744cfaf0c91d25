import type { CandleReading } from '../base/candle-emission.ts';
import { CandleWindow } from '../base/candle-window.ts';
import type { ComponentView } from '../engine/classification.ts';
import type { ExpertBank } from '../expert-bank.ts';
import { LikelihoodFilter, type LikelihoodFilterState } from '../likelihood-filter.ts';
import { BOUNDARY_NAMES, type Boundaries, boundariesOf, MIN_BOUNDARY_GAPS, movedTowards } from './boundaries.ts';
import { RecentCandles, type RecentCandlesState } from './recent-candles.ts';

/** What became of a candidate that `optimize` proposed. */
export interface BoundaryDecision {
  readonly kind: 'accepted' | 'rolled_back';
  /** Candle of the decision, counted from the detector's start. */
  readonly atCandle: number;
  /** Log density per candle that the candidate won over the running detector while it was shadowed. */
  readonly gainPerCandle: number;
  readonly candidate: Boundaries;
}

export type OptimizeOutcome = 'started' | 'already_running' | 'too_early';

export interface BoundaryOptimizerState {
  readonly recent: RecentCandlesState;
  readonly boundaries: Boundaries | null;
  readonly steps: Boundaries | null;
  readonly candidate: Boundaries | null;
  readonly shadowedCandles: number;
  readonly decisions: readonly BoundaryDecision[];
}

export const SHADOW_CANDLES = 500;
const KEPT_DECISIONS = 8;
const FIT_PASSES = 3;
/** How much less than the leader a candidate holds on to what was learnt before. */
const FIT_LOOSENING = 0.1;

/** Fits a copy of a filter to the recent candles, several times over. */
const refined = (state: LikelihoodFilterState, readings: readonly CandleReading[]): LikelihoodFilterState => {
  const window = new CandleWindow();
  const filter = new LikelihoodFilter(window, {
    parameters: state.parameters.at(-1) ?? [],
    isSwinging: state.swings !== null,
  });
  const now = filter.save();
  filter.restore({ ...now, learner: state.learner });
  filter.loosen(FIT_LOOSENING);
  for (let pass = 0; pass < FIT_PASSES; pass += 1) {
    for (const reading of readings) {
      window.push(reading);
      filter.update();
    }
  }
  const parameters = [...filter.parameters];
  // It goes on from where the leader's belief is, with the new parameters and the leader's firmness.
  return { ...state, parameters: state.parameters.map(() => parameters) };
};

/**
 * The guide's dynamic boundary optimizer: reports where the cuts between regimes are and which way their gradient steps go, and, asked to,
 * fits a candidate to the recent candles, lets it run in the detector's shadow for 500 candles, and takes it in only if it predicted
 * better. What it reports moves by no more than a fifth in 1000 candles, whatever the filters behind it do.
 */
export class BoundaryOptimizer {
  readonly #recent = new RecentCandles();
  #boundaries: Boundaries | null = null;
  /** The last change of each cut that learning made. */
  #steps: Boundaries | null = null;
  #candidate: Boundaries | null = null;
  #shadowedCandles = 0;
  #decisions: BoundaryDecision[] = [];

  /** Null until the detector has levels. */
  get boundaries(): Boundaries | null {
    return this.#boundaries;
  }

  /** The last eight, oldest first. */
  get decisions(): readonly BoundaryDecision[] {
    return this.#decisions;
  }

  /** Takes a candle for a later fit, while there is no bank to follow yet. */
  remember(reading: CandleReading): void {
    this.#recent.push(reading);
  }

  /** Follows the bank by one candle, which the bank has taken in already. */
  update(reading: CandleReading, bank: ExpertBank): void {
    this.#recent.push(reading);
    const target = boundariesOf(bank.leader.parameters);
    const before = this.#boundaries;
    this.#boundaries = before === null ? target : movedTowards(before, target);
    this.#steps = before === null ? null : changeOf(before, this.#boundaries);
    if (this.#candidate === null) return;
    this.#shadowedCandles += 1;
    if (this.#shadowedCandles >= SHADOW_CANDLES) this.#decide(bank, this.#candidate);
  }

  /** Proposes a candidate. The fit reads 800 candles three times, tens of milliseconds of work: only when asked for from outside. */
  optimize(bank: ExpertBank): OptimizeOutcome {
    if (this.#candidate !== null) return 'already_running';
    if (!this.#recent.isFull) return 'too_early';
    const state = refined(bank.leader.save(), this.#recent.readings());
    this.#candidate = boundariesOf(state.parameters.at(-1) ?? []);
    this.#shadowedCandles = 0;
    bank.startShadow(state);
    return 'started';
  }

  save(): BoundaryOptimizerState {
    return {
      recent: this.#recent.save(),
      boundaries: this.#boundaries,
      steps: this.#steps,
      candidate: this.#candidate,
      shadowedCandles: this.#shadowedCandles,
      decisions: [...this.#decisions],
    };
  }

  restore(state: BoundaryOptimizerState): void {
    this.#recent.restore(state.recent);
    this.#boundaries = state.boundaries;
    this.#steps = state.steps;
    this.#candidate = state.candidate;
    this.#shadowedCandles = state.shadowedCandles;
    this.#decisions = [...state.decisions];
  }

  view(): ComponentView {
    const last = this.#decisions.at(-1);
    const metrics: Record<string, number | string | null> = {
      shadowed_candles: this.#candidate === null ? null : this.#shadowedCandles,
      last_decision: last?.kind ?? null,
      last_gain_per_candle: last?.gainPerCandle ?? null,
    };
    for (const name of BOUNDARY_NAMES) metrics[name] = this.#boundaries?.[name] ?? null;
    return {
      state: this.#boundaries === null ? 'warming' : 'running',
      metrics,
      debug: {
        boundaries: this.#boundaries,
        gradientSteps: this.#steps,
        minimumGaps: MIN_BOUNDARY_GAPS,
        candidate: this.#candidate,
        decisions: [...this.#decisions],
      },
    };
  }

  #decide(bank: ExpertBank, candidate: Boundaries): void {
    const isAccepted = bank.shadowGain > 0;
    const decision: BoundaryDecision = {
      kind: isAccepted ? 'accepted' : 'rolled_back',
      atCandle: bank.candles,
      gainPerCandle: bank.shadowGain / this.#shadowedCandles,
      candidate,
    };
    bank.endShadow(isAccepted);
    this.#decisions = [...this.#decisions, decision].slice(-KEPT_DECISIONS);
    this.#candidate = null;
    this.#shadowedCandles = 0;
  }
}

const changeOf = (before: Boundaries, after: Boundaries): Boundaries => ({
  lowMedium: after.lowMedium - before.lowMedium,
  mediumHigh: after.mediumHigh - before.mediumHigh,
  mildTrend: after.mildTrend - before.mildTrend,
  strongTrend: after.strongTrend - before.strongTrend,
  structure: after.structure - before.structure,
});
