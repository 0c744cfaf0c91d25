const { max, min } = Math;

/** How far a lead comes down with every change that stood. */
const STANDING_STEP = 0.002;
/** How far it moves per change that is expected to be false, above or below what is allowed. */
const FALSE_STEP = 0.05;

export interface AdaptiveLeadLimits {
  /** The lead adapts no further down and no further up. Hot. Default 0.15 and 0.6. */
  readonly minMarginRatio: number;
  readonly maxMarginRatio: number;
  /** Share of changes that shall stand for ten candles. Hot. Default 0.97: a slow control must aim above the 0.95 that is wanted. */
  readonly wantedStandingRatio: number;
  /** Changes per 1000 candles that may be false by the probabilities they are made with. Hot. */
  readonly allowedFalsePer1000: number;
}

/** What one candle adds to the evidence. */
export interface LeadEvidence {
  /** Earlier changes that were found to have stood, or to be undone, with this candle. */
  readonly stood: number;
  readonly undone: number;
  /** Probability that the change made with this candle is false; null when none was made. */
  readonly falseProbability: number | null;
}

/**
 * The lead that a new value of a factor needs, found by two integral controls with what can be measured live: enough of the changes must stand, and
 * not too many may be false by their own probabilities. Each finds its lead; the larger one rules.
 *
 * The second is needed because where trends are weak nearly all changes stand and many are wrong.
 */
export class AdaptiveLead {
  #standingLead: number;
  #falseLead: number;

  constructor(startRatio: number) {
    this.#standingLead = startRatio;
    this.#falseLead = startRatio;
  }

  /** Share of 1. */
  get ratio(): number {
    return max(this.#standingLead, this.#falseLead);
  }

  update({ stood, undone, falseProbability }: LeadEvidence, limits: AdaptiveLeadLimits): void {
    const { minMarginRatio, maxMarginRatio, wantedStandingRatio, allowedFalsePer1000 } = limits;
    const clamped = (lead: number): number => min(maxMarginRatio, max(minMarginRatio, lead));
    // On balance nothing moves when exactly the wanted share stands.
    const undoneStep = (STANDING_STEP * wantedStandingRatio) / max(1e-3, 1 - wantedStandingRatio);
    this.#standingLead = clamped(this.#standingLead + undoneStep * undone - STANDING_STEP * stood);
    const excess = (falseProbability ?? 0) - allowedFalsePer1000 / 1_000;
    this.#falseLead = clamped(this.#falseLead + FALSE_STEP * excess);
  }

  save(): readonly number[] {
    return [this.#standingLead, this.#falseLead];
  }

  restore(state: readonly number[]): void {
    const [standingLead, falseLead] = state;
    this.#standingLead = standingLead ?? this.#standingLead;
    this.#falseLead = falseLead ?? this.#falseLead;
  }
}
