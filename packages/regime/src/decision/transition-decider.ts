import type { ComponentView, TransitionDecision } from '../engine/classification.ts';
import { REGIME_COUNT, SLOT_COUNT } from '../regime-fold.ts';
import type { AdaptiveLeadLimits } from './adaptive-lead.ts';
import { FactorDecider, type FactorDeciderState, type FactorRules } from './factor-decider.ts';
import {
  areNearSlots,
  areNextTrends,
  isSameLevelDirection,
  isSameSlotDirection,
  slotOf,
  volatilityOf,
} from './regime-neighbors.ts';
import { UndoneChanges, type UndoneChangesState } from './undone-changes.ts';

const { log, max } = Math;

export interface TransitionDeciderOptions extends Omit<AdaptiveLeadLimits, 'allowedFalsePer1000'> {
  /** Lead over the published volatility level that another needs. Share of 1. Hot; the start of the lead that adapts. Default 0.6. */
  readonly levelMarginRatio: number;
  /** The same for a slot: one of five trends, or mean reversion. Hot. Default 0.3. */
  readonly slotMarginRatio: number;
  /** What a move to higher volatility needs, as a share of the level's lead: risk is said first. Hot. Default 0.75. */
  readonly upwardMarginShare: number;
  /** What a move to the next trend needs, as a multiple of the slot's lead: they are hardest to tell apart. Hot. Default 1.4. */
  readonly neighborMarginFactor: number;
  /** Candles a regime stands before another may be taken. Hot. Default 5. */
  readonly minDwellCandles: number;
  /** Candles in a row that must point the same way. Hot. Default 2. */
  readonly minAgreeingCandles: number;
  /** Probability that a new level must have, or a new slot and its neighbors together: the guide's confidence threshold. Hot. Default 0.7. */
  readonly confidenceThreshold: number;
  /** A regime more probable than this is taken at once. Hot. Default 0.95. */
  readonly shockProbability: number;
  /** So is a higher level whose probability is so many times the published one's, as a logarithm. Hot. Default 10. */
  readonly shockLogOdds: number;
  /** Weight of the newest candle in the smoothed leads; 1 smooths nothing. Hot. Default 0.15. */
  readonly smoothingRatio: number;
  /** Whether the leads adapt to what the changes made with them were worth. Hot. Default true. */
  readonly isAdaptive: boolean;
  /** Changes of level per 1000 candles that may be false by the probabilities they are made with. Hot. Default 0.5. */
  readonly allowedFalseLevelsPer1000: number;
  /** The same for slots. Hot. Default 0.8. */
  readonly allowedFalseSlotsPer1000: number;
}

export const TRANSITION_DECIDER_DEFAULTS: TransitionDeciderOptions = {
  levelMarginRatio: 0.6,
  slotMarginRatio: 0.3,
  upwardMarginShare: 0.75,
  neighborMarginFactor: 1.4,
  minDwellCandles: 5,
  minAgreeingCandles: 2,
  confidenceThreshold: 0.7,
  shockProbability: 0.95,
  shockLogOdds: 10,
  smoothingRatio: 0.15,
  isAdaptive: true,
  minMarginRatio: 0.15,
  maxMarginRatio: 0.6,
  wantedStandingRatio: 0.97,
  allowedFalseLevelsPer1000: 0.5,
  allowedFalseSlotsPer1000: 0.8,
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
  readonly dwellCandles: number;
  readonly level: FactorDeciderState;
  readonly slot: FactorDeciderState;
  readonly candles: number;
  readonly confirmed: number;
  readonly shocks: number;
  readonly undone: UndoneChangesState;
}

const LEVEL_RULES: FactorRules = {
  label: 'volatility',
  valueNames: ['low', 'medium', 'high'],
  isSameDirection: isSameLevelDirection,
  isNear: (left, right) => left === right,
  nearWords: 'it has',
};
const SLOT_RULES: FactorRules = {
  label: 'trend',
  valueNames: ['strong down', 'down', 'neutral', 'up', 'strong up', 'mean-reverting'],
  isSameDirection: isSameSlotDirection,
  isNear: areNearSlots,
  nearWords: 'it and its neighbors have together',
};
const HELD_REASONS: readonly string[] = ['the published level and slot are the likeliest ones'];
/** A slot with less than this is the likeliest one, not a clear one. */
const CLEAR_SHARE = 0.5;

/** A slot that moves along with a level needs this share of its lead, on that candle alone: one change is made anyway. */
const ALONG_MARGIN_SHARE = 0.25;

/** Which factors move with this candle, and why. */
interface Move {
  readonly level: boolean;
  readonly slot: boolean;
  readonly isShock: boolean;
  readonly reasons: readonly string[];
}

/**
 * Decides when a change of regime is said aloud, factor by factor: the volatility level on the sum over slots, the slot (trend, or mean
 * reversion) on the sum over levels. A level that is clear is not kept waiting where trends are not, as on most real candles.
 *
 * The optimal filter's own best guess changes 15 to 48 times per 1000 candles where 3 changes are true; what is published must not. The
 * lead each factor asks for follows what its own changes were worth; see `AdaptiveLead`.
 */
export class TransitionDecider {
  readonly #level: FactorDecider;
  readonly #slot: FactorDecider;
  readonly #undone = new UndoneChanges();
  #options: TransitionDeciderOptions;
  #dwellCandles = 0;
  #candles = 0;
  #confirmed = 0;
  #shocks = 0;
  #lastDecision: TransitionDecision | null = null;

  constructor(firstRegimeId: number, options: Partial<TransitionDeciderOptions> = {}) {
    this.#options = { ...TRANSITION_DECIDER_DEFAULTS, ...options };
    this.#level = new FactorDecider(LEVEL_RULES, volatilityOf(firstRegimeId), this.#options.levelMarginRatio);
    this.#slot = new FactorDecider(SLOT_RULES, slotOf(firstRegimeId), this.#options.slotMarginRatio);
  }

  /** Changes hot options. A margin other than before is where its lead stands from now on; else it stays what it became. */
  configure(options: Partial<TransitionDeciderOptions>): void {
    const before = this.#options;
    this.#options = { ...before, ...options };
    const { levelMarginRatio, slotMarginRatio } = this.#options;
    if (levelMarginRatio !== before.levelMarginRatio) this.#level.startAt(levelMarginRatio);
    if (slotMarginRatio !== before.slotMarginRatio) this.#slot.startAt(slotMarginRatio);
  }

  get regimeId(): number {
    return SLOT_COUNT * this.#level.value + this.#slot.value;
  }

  /** The leads that are asked for now. */
  get marginRatios(): { readonly level: number; readonly slot: number } {
    return { level: this.#level.marginRatio, slot: this.#slot.marginRatio };
  }

  /** Share of the changes so far that were not undone within ten candles; null before the first was old enough. */
  get standingRatio(): number | null {
    return this.#undone.standingRatio;
  }

  update({ posterior }: TransitionDeciderInput): PublishedPath {
    this.#candles += 1;
    this.#dwellCandles += 1;
    this.#follow(posterior);
    const leftLevel = this.#level.value;
    const leftSlot = this.#slot.value;
    const leftRegimeId = this.regimeId;
    const candidateId = SLOT_COUNT * this.#level.candidate + this.#slot.candidate;
    const decision: TransitionDecision = { candidateId, ...this.#decide(posterior[candidateId] ?? 0) };
    this.#lastDecision = decision;
    const previousRegimeId = decision.kind === 'confirmed' ? leftRegimeId : null;
    this.#undone.update({ value: this.regimeId, leftValue: previousRegimeId });
    const { isAdaptive, allowedFalseLevelsPer1000, allowedFalseSlotsPer1000 } = this.#options;
    const limitsOf = (allowedFalsePer1000: number): AdaptiveLeadLimits | null =>
      isAdaptive ? { ...this.#options, allowedFalsePer1000 } : null;
    this.#level.learn(this.#level.value === leftLevel ? null : leftLevel, limitsOf(allowedFalseLevelsPer1000));
    this.#slot.learn(this.#slot.value === leftSlot ? null : leftSlot, limitsOf(allowedFalseSlotsPer1000));
    return { regimeId: this.regimeId, previousRegimeId, dwellCandles: this.#dwellCandles, decision };
  }

  save(): TransitionDeciderState {
    return {
      dwellCandles: this.#dwellCandles,
      level: this.#level.save(),
      slot: this.#slot.save(),
      candles: this.#candles,
      confirmed: this.#confirmed,
      shocks: this.#shocks,
      undone: this.#undone.save(),
    };
  }

  restore(state: TransitionDeciderState): void {
    this.#dwellCandles = state.dwellCandles;
    this.#level.restore(state.level);
    this.#slot.restore(state.slot);
    this.#candles = state.candles;
    this.#confirmed = state.confirmed;
    this.#shocks = state.shocks;
    this.#undone.restore(state.undone);
    this.#lastDecision = null;
  }

  view(): ComponentView {
    const [level, slot] = [this.#level, this.#slot];
    const { upwardMarginShare, neighborMarginFactor } = this.#options;
    return {
      state: this.#candles === 0 ? 'warming' : 'running',
      metrics: {
        regime_id: this.regimeId,
        dwell_candles: this.#dwellCandles,
        candidate_id: SLOT_COUNT * level.candidate + slot.candidate,
        level_margin_ratio: level.marginRatio,
        upward_level_margin_ratio: level.marginRatio * upwardMarginShare,
        slot_margin_ratio: slot.marginRatio,
        neighbor_slot_margin_ratio: slot.marginRatio * neighborMarginFactor,
        confirmed_changes: this.#confirmed,
        shock_changes: this.#shocks,
        standing_ratio: this.standingRatio,
        level_standing_ratio: level.standingRatio,
        slot_standing_ratio: slot.standingRatio,
      },
      debug: {
        options: this.#options,
        lastDecision: this.#lastDecision,
        smoothedLeads: { level: level.smoothedLead, slot: slot.smoothedLead },
      },
    };
  }

  #follow(posterior: Float64Array): void {
    const levels = this.#level.shares.fill(0);
    const slots = this.#slot.shares.fill(0);
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      const share = posterior[id] ?? 0;
      const level = volatilityOf(id);
      const slot = slotOf(id);
      levels[level] = (levels[level] ?? 0) + share;
      slots[slot] = (slots[slot] ?? 0) + share;
    }
    const { smoothingRatio } = this.#options;
    this.#level.follow(smoothingRatio);
    this.#slot.follow(smoothingRatio);
  }

  /** Takes the change if there is one to take. */
  #decide(candidateProbability: number): Omit<TransitionDecision, 'candidateId'> {
    const [level, slot] = [this.#level, this.#slot];
    const unclear = this.#unclearReason();
    if (level.isHeld && slot.isHeld) {
      return unclear === null
        ? { kind: 'held', reasons: HELD_REASONS }
        : { kind: 'tentative', reasons: [...HELD_REASONS, unclear] };
    }
    const leads = [level, slot].filter(({ isHeld }) => !isHeld).map((factor) => factor.leads());
    if (unclear !== null) leads.push(unclear);
    const shock = this.#shock(candidateProbability);
    const { minDwellCandles } = this.#options;
    if (shock === null && this.#stoodCandles < minDwellCandles) {
      const stands = `the published regime stands for ${this.#stoodCandles} of at least ${minDwellCandles} candles`;
      return { kind: 'rejected', reasons: [...leads, stands] };
    }
    const move = shock ?? this.#weigh();
    if (!move.level && !move.slot) return { kind: 'tentative', reasons: [...leads, ...move.reasons] };
    const reasons = [...leads, ...move.reasons];
    this.#take(move);
    return { kind: 'confirmed', reasons };
  }

  /** Candles the published regime stood before this one. */
  get #stoodCandles(): number {
    return this.#dwellCandles - 1;
  }

  #unclearReason(): string | null {
    const slot = this.#slot;
    const share = slot.shareOf(slot.candidate);
    if (share > CLEAR_SHARE) return null;
    return slot.say(`none is clear, the likeliest is ${slot.nameOf(slot.candidate)} with ${share.toFixed(3)}`);
  }

  /** What is changed at once, whatever the dwell; null when it is no shock. */
  #shock(candidateProbability: number): Move | null {
    const { shockProbability, shockLogOdds, confidenceThreshold } = this.#options;
    const [level, slot] = [this.#level, this.#slot];
    if (candidateProbability > shockProbability) {
      const reason = `above ${shockProbability} the regime is taken at once, after ${this.#stoodCandles} candles`;
      return { level: !level.isHeld, slot: !slot.isHeld, isShock: true, reasons: [reason] };
    }
    if (level.candidate <= level.value || level.shareOf(level.candidate) < confidenceThreshold) return null;
    const logOdds = log(level.shareOf(level.candidate) / max(level.shareOf(level.value), Number.MIN_VALUE));
    if (logOdds <= shockLogOdds) return null;
    const reason = level.say(
      `it rises with log odds of ${logOdds.toFixed(1)}, above ${shockLogOdds}: it is taken at once, after ${this.#stoodCandles} candles`,
    );
    return { level: true, slot: this.#comesAlong, isShock: true, reasons: [reason, ...this.#alongReasons()] };
  }

  /** Judges each factor by itself. A level moves on its own evidence alone; a slot may move along with it, since one change is made anyway. */
  #weigh(): Move {
    const [level, slot] = [this.#level, this.#slot];
    const levelDoubt = level.isHeld ? null : level.doubt({ ...this.#options, margin: this.#levelMargin });
    const slotDoubt = slot.isHeld ? null : slot.doubt({ ...this.#options, margin: this.#slotMargin });
    const movesLevel = !level.isHeld && levelDoubt === null;
    const movesSlot = !slot.isHeld && slotDoubt === null;
    const reasons: string[] = [];
    if (movesLevel) reasons.push(this.#enough(level, this.#levelMargin));
    else if (levelDoubt !== null) reasons.push(levelDoubt);
    if (movesSlot) reasons.push(this.#enough(slot, this.#slotMargin));
    else if (movesLevel && this.#comesAlong) reasons.push(...this.#alongReasons());
    else if (slotDoubt !== null) reasons.push(slotDoubt);
    return { level: movesLevel, slot: movesSlot || (movesLevel && this.#comesAlong), isShock: false, reasons };
  }

  #alongReasons(): readonly string[] {
    return this.#comesAlong ? [this.#slot.say('the likeliest is taken along with the new level')] : [];
  }

  get #comesAlong(): boolean {
    const slot = this.#slot;
    return slot.shareOf(slot.candidate) - slot.shareOf(slot.value) > ALONG_MARGIN_SHARE * this.#slotMargin;
  }

  #enough(factor: FactorDecider, margin: number): string {
    return factor.say(
      `the smoothed lead of ${factor.smoothedLead.toFixed(3)} is above ${margin.toFixed(3)} after ${this.#stoodCandles} candles`,
    );
  }

  get #levelMargin(): number {
    const isUpward = this.#level.candidate > this.#level.value;
    return this.#level.marginRatio * (isUpward ? this.#options.upwardMarginShare : 1);
  }

  get #slotMargin(): number {
    const isNext = areNextTrends(this.#slot.value, this.#slot.candidate);
    return this.#slot.marginRatio * (isNext ? this.#options.neighborMarginFactor : 1);
  }

  #take(move: Move): void {
    if (move.level) this.#level.take();
    if (move.slot) this.#slot.take();
    this.#dwellCandles = 1;
    this.#confirmed += 1;
    if (move.isShock) this.#shocks += 1;
  }
}
