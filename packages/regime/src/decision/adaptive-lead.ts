const { max, min } = Math;

const MIN_LEAD = 0.15;
const MAX_LEAD = 0.6;
/** How far a lead comes down with every change that stood. */
const STANDING_STEP = 0.002;
/** How far it moves per change that is expected to be false, above or below what is allowed. */
const FALSE_STEP = 0.05;

const clampLead = (lead: number): number => min(MAX_LEAD, max(MIN_LEAD, lead));

export interface AdaptiveLeadLimits {
  /** Share of changes that shall stand for ten candles. */
  readonly wantedStandingRatio: number;
  /** Changes per 1000 candles that may be false by the probabilities they are made with. */
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
 * The lead a new regime needs, found by two integral controls with what can be measured live: enough of the changes must stand, and
 * not too many may be false by their own probabilities. Each finds its lead between .15 and .6; the larger one rules.
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
    const { wantedStandingRatio, allowedFalsePer1000 } = limits;
    // On balance nothing moves when exactly the wanted share stands.
    const undoneStep = (STANDING_STEP * wantedStandingRatio) / max(1e-3, 1 - wantedStandingRatio);
    this.#standingLead = clampLead(this.#standingLead + undoneStep * undone - STANDING_STEP * stood);
    const excess = (falseProbability ?? 0) - allowedFalsePer1000 / 1_000;
    this.#falseLead = clampLead(this.#falseLead + FALSE_STEP * excess);
  }

  save(): readonly number[] {
    return [this.#standingLead, this.#falseLead];
  }

  restore(state: readonly number[]): void {
    const [standingLead, falseLead] = state;
    this.#standingLead = standingLead ?? MAX_LEAD;
    this.#falseLead = falseLead ?? MAX_LEAD;
  }
}
