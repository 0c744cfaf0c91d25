import type { ComponentView, TransitionDecision } from '../engine/classification.ts';
import { REGIME_COUNT } from '../regime-fold.ts';
import { isNeighbor, isSameDirection, volatilityOf } from './regime-neighbors.ts';
import { UndoneChanges, type UndoneChangesState } from './undone-changes.ts';

const { log, max, min } = Math;

export interface TransitionDeciderOptions {
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
  /** So is one whose probability is this many times the published one's, as a logarithm. Hot. Default 6. */
  readonly shockLogOdds: number;
  /** Weight of the newest candle in the smoothed lead. Hot. Default 1: no smoothing. */
  readonly smoothingRatio: number;
  /** Whether the lead follows the share of changes that are undone. Hot. Default true. */
  readonly isAdaptive: boolean;
  /** Share of changes that shall stand. Hot. Default 0.95. */
  readonly wantedStandingRatio: number;
}

export const TRANSITION_DECIDER_DEFAULTS: TransitionDeciderOptions = {
  marginRatio: 0.5,
  upwardMarginShare: 0.5,
  minDwellCandles: 5,
  minAgreeingCandles: 2,
  confidenceThreshold: 0.7,
  shockProbability: 0.95,
  shockLogOdds: 6,
  smoothingRatio: 1,
  isAdaptive: true,
  wantedStandingRatio: 0.95,
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
  readonly marginRatio: number;
  readonly candles: number;
  readonly confirmed: number;
  readonly shocks: number;
  readonly undone: UndoneChangesState;
}

const MIN_MARGIN = 0.15;
const MAX_MARGIN = 0.6;
/** The lead comes down by this with every change that stood, and goes up by its multiple with one that was undone. */
const MARGIN_STEP = 0.002;
const HELD_REASONS: readonly string[] = ['the published regime is the most probable one'];

/**
 * Decides when a change of the most probable regime is said aloud. The optimal filter's own best guess changes 15 to 48 times per
 * 1000 candles where 3 changes are true; what is published must not.
 *
 * The lead it asks for follows what its own changes were worth: each one that stood lowers it a little, each one undone within ten
 * candles raises it so far that, on balance, the wanted share stands.
 */
export class TransitionDecider {
  #options: TransitionDeciderOptions;
  readonly #undone = new UndoneChanges();
  #regimeId: number;
  #dwellCandles = 0;
  #candidateId: number;
  #agreeingCandles = 0;
  #smoothedLead = 0;
  #marginRatio: number;
  #candles = 0;
  #confirmed = 0;
  #shocks = 0;
  #lastDecision: TransitionDecision | null = null;

  constructor(firstRegimeId: number, options: Partial<TransitionDeciderOptions> = {}) {
    this.#options = { ...TRANSITION_DECIDER_DEFAULTS, ...options };
    this.#regimeId = firstRegimeId;
    this.#candidateId = firstRegimeId;
    this.#marginRatio = this.#options.marginRatio;
  }

  /** Changes hot options. A new `marginRatio` is where the lead stands from now on; without one it stays what it became. */
  configure(options: Partial<TransitionDeciderOptions>): void {
    this.#options = { ...this.#options, ...options };
    if (options.marginRatio !== undefined) this.#marginRatio = options.marginRatio;
  }

  get regimeId(): number {
    return this.#regimeId;
  }

  /** The lead that is asked for now. */
  get marginRatio(): number {
    return this.#marginRatio;
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
    this.#adapt(previousRegimeId);
    return { regimeId: this.#regimeId, previousRegimeId, dwellCandles: this.#dwellCandles, decision };
  }

  save(): TransitionDeciderState {
    return {
      regimeId: this.#regimeId,
      dwellCandles: this.#dwellCandles,
      candidateId: this.#candidateId,
      agreeingCandles: this.#agreeingCandles,
      smoothedLead: this.#smoothedLead,
      marginRatio: this.#marginRatio,
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
    this.#marginRatio = state.marginRatio;
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
        margin_ratio: this.#marginRatio,
        upward_margin_ratio: this.#marginRatio * this.#options.upwardMarginShare,
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
    const { minDwellCandles, minAgreeingCandles, confidenceThreshold, shockProbability, shockLogOdds } = this.#options;
    const current = this.#regimeId;
    const probability = posterior[best] ?? 0;
    const logOdds = log(probability / max(posterior[current] ?? 0, Number.MIN_VALUE));
    // The candle that makes the change is not yet one of the regime it leaves.
    const stood = this.#dwellCandles - 1;
    const decide = (kind: TransitionDecision['kind'], ...reasons: readonly string[]): TransitionDecision => ({
      kind,
      candidateId: best,
      reasons,
    });
    const leads = `regime ${best} has ${probability.toFixed(3)} against ${(posterior[current] ?? 0).toFixed(3)} of regime ${current}`;
    const isShock = probability > shockProbability || logOdds > shockLogOdds;
    if (isShock) {
      this.#shocks += 1;
      return decide(
        'confirmed',
        leads,
        probability > shockProbability
          ? `above ${shockProbability} it is taken at once, after ${stood} candles`
          : `log odds of ${logOdds.toFixed(1)} are above ${shockLogOdds}: it is taken at once, after ${stood} candles`,
      );
    }
    if (stood < minDwellCandles)
      return decide('rejected', leads, `regime ${current} stands for ${stood} of at least ${minDwellCandles} candles`);

    const margin = this.#marginTo(best);
    const confidence = this.#confidenceOf(best, posterior);
    if (this.#smoothedLead <= margin)
      return decide(
        'tentative',
        leads,
        `the lead of ${this.#smoothedLead.toFixed(3)} is not above ${margin.toFixed(3)}`,
      );
    if (this.#agreeingCandles < minAgreeingCandles)
      return decide('tentative', leads, `it leads for ${this.#agreeingCandles} of ${minAgreeingCandles} candles`);
    if (confidence < confidenceThreshold)
      return decide(
        'tentative',
        leads,
        `it and its neighbors have ${confidence.toFixed(3)} together, below ${confidenceThreshold}`,
      );
    return decide(
      'confirmed',
      leads,
      `the lead of ${this.#smoothedLead.toFixed(3)} is above ${margin.toFixed(3)} after ${stood} candles`,
    );
  }

  #marginTo(best: number): number {
    const isUpward = volatilityOf(best) > volatilityOf(this.#regimeId);
    return isUpward ? this.#marginRatio * this.#options.upwardMarginShare : this.#marginRatio;
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

  #adapt(previousRegimeId: number | null): void {
    const { stood, undone } = this.#undone.update({ regimeId: this.#regimeId, previousRegimeId });
    const { isAdaptive, wantedStandingRatio } = this.#options;
    if (!isAdaptive || stood + undone === 0) return;
    const raise = wantedStandingRatio / max(1e-3, 1 - wantedStandingRatio);
    const moved = this.#marginRatio + MARGIN_STEP * (undone * raise - stood);
    this.#marginRatio = min(MAX_MARGIN, max(MIN_MARGIN, moved));
  }
}
