import type { ComponentView, TransitionDecision } from '../engine/classification.ts';
import { REGIME_COUNT } from '../regime-fold.ts';
import { AdaptiveLead, type AdaptiveLeadLimits } from './adaptive-lead.ts';
import { isNeighbor, isSameDirection, volatilityOf } from './regime-neighbors.ts';
import { UndoneChanges, type UndoneChangesState } from './undone-changes.ts';

const { log, max } = Math;

export interface TransitionDeciderOptions extends AdaptiveLeadLimits {
  /** Lead over the published regime that a new one needs. Share of 1. Hot; the start of the lead that adapts. Default 0.5. */
  readonly marginRatio: number;
  /** The same for a move to higher volatility, as a share of the other: risk is said first. Hot. Default 0.5. */
  readonly upwardMarginShare: number;
  /** Candles a regime stands before another may be taken. Hot. Default 5. */
  readonly minDwellCandles: number;
  /** Candles in a row that must point the same way. Hot. Default 2. */
  readonly minAgreeingCandles: number;
  /** Probability that the new regime and its neighbors must have together: the guide's confidence threshold. Hot. Default 0.7. */
  readonly confidenceThreshold: number;
  /** A regime more probable than this is taken at once. Hot. Default 0.95. */
  readonly shockProbability: number;
  /** So is higher volatility whose probability is so many times the published one's, as a logarithm. Hot. Default 6. */
  readonly shockLogOdds: number;
  /** Weight of the newest candle in the smoothed lead; 1 smooths nothing. Hot. Default 0.3. */
  readonly smoothingRatio: number;
  /** Whether the lead adapts, between 0.15 and 0.6, to what the changes made with it were worth. Hot. Default true. */
  readonly isAdaptive: boolean;
}

export const TRANSITION_DECIDER_DEFAULTS: TransitionDeciderOptions = {
  marginRatio: 0.5,
  upwardMarginShare: 0.5,
  minDwellCandles: 5,
  minAgreeingCandles: 2,
  confidenceThreshold: 0.7,
  shockProbability: 0.95,
  shockLogOdds: 6,
  smoothingRatio: 0.3,
  isAdaptive: true,
  wantedStandingRatio: 0.97,
  allowedFalsePer1000: 1.4,
};

export interface TransitionDeciderInput {
  /** Shape: 18 calibrated probabilities by regime id, summing to 1. */
  readonly posterior: Float64Array;
}

/** What to publish at this candle. */
export interface PublishedPath {
  readonly regimeId: number;
  /** The regime left with this candle; null when none was. */
  readonly previousRegimeId: number | null;
  /** Candles in `regimeId`, this one included. */
  readonly dwellCandles: number;
  readonly decision: TransitionDecision;
}

export interface TransitionDeciderState {
  readonly regimeId: number;
  readonly dwellCandles: number;
  readonly candidateId: number;
  readonly agreeingCandles: number;
  readonly smoothedLead: number;
  readonly lead: readonly number[];
  readonly candles: number;
  readonly confirmed: number;
  readonly shocks: number;
  readonly undone: UndoneChangesState;
}

const HELD_REASONS: readonly string[] = ['the published regime is the most probable one'];

/**
 * Decides when a change of the most probable regime is said aloud. The optimal filter's own best guess changes 15 to 48 times per
 * 1000 candles where 3 changes are true; what is published must not.
 *
 * The lead it asks for follows what its own changes were worth; see `AdaptiveLead`.
 */
export class TransitionDecider {
  #options: TransitionDeciderOptions;
  readonly #undone = new UndoneChanges();
  #lead: AdaptiveLead;
  #regimeId: number;
  #dwellCandles = 0;
  #candidateId: number;
  #agreeingCandles = 0;
  #smoothedLead = 0;
  #candles = 0;
  #confirmed = 0;
  #shocks = 0;
  #lastDecision: TransitionDecision | null = null;

  constructor(firstRegimeId: number, options: Partial<TransitionDeciderOptions> = {}) {
    this.#options = { ...TRANSITION_DECIDER_DEFAULTS, ...options };
    this.#regimeId = firstRegimeId;
    this.#candidateId = firstRegimeId;
    this.#lead = new AdaptiveLead(this.#options.marginRatio);
  }

  /** Changes hot options. A new `marginRatio` is where the lead stands from now on; without one it stays what it became. */
  configure(options: Partial<TransitionDeciderOptions>): void {
    this.#options = { ...this.#options, ...options };
    if (options.marginRatio !== undefined) this.#lead = new AdaptiveLead(options.marginRatio);
  }

  get regimeId(): number {
    return this.#regimeId;
  }

  /** The lead that is asked for now. */
  get marginRatio(): number {
    return this.#lead.ratio;
  }

  /** Share of the changes so far that were not undone within ten candles; null before the first was old enough. */
  get standingRatio(): number | null {
    return this.#undone.standingRatio;
  }

  update({ posterior }: TransitionDeciderInput): PublishedPath {
    this.#candles += 1;
    this.#dwellCandles += 1;
    const best = this.#mostProbable(posterior);
    this.#follow(best, posterior);
    const decision = best === this.#regimeId ? this.#held(best) : this.#weigh(best, posterior);
    this.#lastDecision = decision;
    const previousRegimeId = decision.kind === 'confirmed' ? this.#regimeId : null;
    if (previousRegimeId !== null) this.#take(best);
    this.#adapt(previousRegimeId, posterior);
    return { regimeId: this.#regimeId, previousRegimeId, dwellCandles: this.#dwellCandles, decision };
  }

  save(): TransitionDeciderState {
    return {
      regimeId: this.#regimeId,
      dwellCandles: this.#dwellCandles,
      candidateId: this.#candidateId,
      agreeingCandles: this.#agreeingCandles,
      smoothedLead: this.#smoothedLead,
      lead: this.#lead.save(),
      candles: this.#candles,
      confirmed: this.#confirmed,
      shocks: this.#shocks,
      undone: this.#undone.save(),
    };
  }

  restore(state: TransitionDeciderState): void {
    this.#regimeId = state.regimeId;
    this.#dwellCandles = state.dwellCandles;
    this.#candidateId = state.candidateId;
    this.#agreeingCandles = state.agreeingCandles;
    this.#smoothedLead = state.smoothedLead;
    this.#lead.restore(state.lead);
    this.#candles = state.candles;
    this.#confirmed = state.confirmed;
    this.#shocks = state.shocks;
    this.#undone.restore(state.undone);
    this.#lastDecision = null;
  }

  view(): ComponentView {
    return {
      state: this.#candles === 0 ? 'warming' : 'running',
      metrics: {
        regime_id: this.#regimeId,
        dwell_candles: this.#dwellCandles,
        candidate_id: this.#candidateId,
        margin_ratio: this.marginRatio,
        upward_margin_ratio: this.marginRatio * this.#options.upwardMarginShare,
        confirmed_changes: this.#confirmed,
        shock_changes: this.#shocks,
        standing_ratio: this.standingRatio,
      },
      debug: { options: this.#options, lastDecision: this.#lastDecision, smoothedLead: this.#smoothedLead },
    };
  }

  #mostProbable(posterior: Float64Array): number {
    let best = this.#regimeId;
    for (let id = 0; id < REGIME_COUNT; id += 1) if ((posterior[id] ?? 0) > (posterior[best] ?? 0)) best = id;
    return best;
  }

  /** Counts candles in a row whose best regime lies in the same direction from the published one, and smooths its lead. */
  #follow(best: number, posterior: Float64Array): void {
    const current = this.#regimeId;
    const isSame = best !== current && isSameDirection(current, this.#candidateId, best);
    this.#agreeingCandles = isSame ? this.#agreeingCandles + 1 : 1;
    this.#candidateId = best;
    const lead = (posterior[best] ?? 0) - (posterior[current] ?? 0);
    this.#smoothedLead += this.#options.smoothingRatio * (lead - this.#smoothedLead);
  }

  #held(candidateId: number): TransitionDecision {
    return { kind: 'held', candidateId, reasons: HELD_REASONS };
  }

  #weigh(best: number, posterior: Float64Array): TransitionDecision {
    const current = this.#regimeId;
    const leads = `regime ${best} has ${(posterior[best] ?? 0).toFixed(3)} against ${(posterior[current] ?? 0).toFixed(3)} of regime ${current}`;
    const shock = this.#shockReason(best, posterior);
    if (shock !== null) {
      this.#shocks += 1;
      return { kind: 'confirmed', candidateId: best, reasons: [leads, shock] };
    }
    const { minDwellCandles } = this.#options;
    if (this.#stoodCandles < minDwellCandles) {
      const stands = `regime ${current} stands for ${this.#stoodCandles} of at least ${minDwellCandles} candles`;
      return { kind: 'rejected', candidateId: best, reasons: [leads, stands] };
    }
    const doubt = this.#doubtReason(best, posterior);
    if (doubt !== null) return { kind: 'tentative', candidateId: best, reasons: [leads, doubt] };
    const enough =
      `the smoothed lead of ${this.#smoothedLead.toFixed(3)} is above ${this.#marginTo(best).toFixed(3)} ` +
      `after ${this.#stoodCandles} candles`;
    return { kind: 'confirmed', candidateId: best, reasons: [leads, enough] };
  }

  /** Candles the published regime stood before this one. */
  get #stoodCandles(): number {
    return this.#dwellCandles - 1;
  }

  /** Why the change is made at once, whatever the dwell; null when it is no shock. */
  #shockReason(best: number, posterior: Float64Array): string | null {
    const { shockProbability, shockLogOdds, confidenceThreshold } = this.#options;
    const probability = posterior[best] ?? 0;
    if (probability > shockProbability)
      return `above ${shockProbability} it is taken at once, after ${this.#stoodCandles} candles`;
    if (volatilityOf(best) <= volatilityOf(this.#regimeId)) return null;
    const logOdds = log(probability / max(posterior[this.#regimeId] ?? 0, Number.MIN_VALUE));
    if (logOdds <= shockLogOdds || this.#confidenceOf(best, posterior) < confidenceThreshold) return null;
    return (
      `volatility rises with log odds of ${logOdds.toFixed(1)}, above ${shockLogOdds}: ` +
      `it is taken at once, after ${this.#stoodCandles} candles`
    );
  }

  /** Why the change is not made yet; null when nothing speaks against it. */
  #doubtReason(best: number, posterior: Float64Array): string | null {
    const { minAgreeingCandles, confidenceThreshold } = this.#options;
    const margin = this.#marginTo(best);
    if (this.#smoothedLead <= margin)
      return `the smoothed lead of ${this.#smoothedLead.toFixed(3)} is not above ${margin.toFixed(3)}`;
    if (this.#agreeingCandles < minAgreeingCandles)
      return `it leads for ${this.#agreeingCandles} of ${minAgreeingCandles} candles`;
    const confidence = this.#confidenceOf(best, posterior);
    if (confidence < confidenceThreshold)
      return `it and its neighbors have ${confidence.toFixed(3)} together, below ${confidenceThreshold}`;
    return null;
  }

  #marginTo(best: number): number {
    const isUpward = volatilityOf(best) > volatilityOf(this.#regimeId);
    return isUpward ? this.marginRatio * this.#options.upwardMarginShare : this.marginRatio;
  }

  #confidenceOf(best: number, posterior: Float64Array): number {
    let sum = 0;
    for (let id = 0; id < REGIME_COUNT; id += 1) if (isNeighbor(best, id)) sum += posterior[id] ?? 0;
    return sum;
  }

  #take(best: number): void {
    this.#regimeId = best;
    this.#dwellCandles = 1;
    this.#agreeingCandles = 1;
    this.#smoothedLead = 0;
    this.#confirmed += 1;
  }

  #adapt(previousRegimeId: number | null, posterior: Float64Array): void {
    const { stood, undone } = this.#undone.update({ regimeId: this.#regimeId, previousRegimeId });
    if (!this.#options.isAdaptive) return;
    const falseProbability = previousRegimeId === null ? null : 1 - (posterior[this.#regimeId] ?? 0);
    this.#lead.update({ stood, undone, falseProbability }, this.#options);
  }
}
