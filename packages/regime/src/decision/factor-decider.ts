import { AdaptiveLead, type AdaptiveLeadLimits } from './adaptive-lead.ts';
import { UndoneChanges, type UndoneChangesState } from './undone-changes.ts';

/** What makes one factor of a regime another than the other. */
export interface FactorRules {
  /** As reasons call it. */
  readonly label: string;
  /** As reasons call its values. */
  readonly valueNames: readonly string[];
  /** Whether two values lie in the same direction from a third. */
  readonly isSameDirection: (from: number, first: number, second: number) => boolean;
  /** Whether two values count together when it is asked how sure a change is. */
  readonly isNear: (left: number, right: number) => boolean;
  /** Who is counted then, in words with their verb. */
  readonly nearWords: string;
}

export interface FactorDeciderState {
  readonly value: number;
  readonly candidate: number;
  readonly agreeingCandles: number;
  readonly smoothedLead: number;
  readonly lead: readonly number[];
  readonly undone: UndoneChangesState;
}

/** What a change of a factor must pass. */
interface ChangeBars {
  readonly margin: number;
  readonly minAgreeingCandles: number;
  readonly confidenceThreshold: number;
}

/**
 * One factor of the published regime, and what speaks for another value of it: who leads, by how much over a few candles, for how long,
 * and the lead that is asked for, which follows what this factor's own changes were worth.
 */
export class FactorDecider {
  /** Probability of each value at this candle; filled by the owner before `follow`. */
  readonly shares: Float64Array;
  readonly #rules: FactorRules;
  readonly #undone = new UndoneChanges();
  #lead: AdaptiveLead;
  #value: number;
  #candidate: number;
  #agreeingCandles = 0;
  #smoothedLead = 0;

  constructor(rules: FactorRules, firstValue: number, startMargin: number) {
    this.#rules = rules;
    this.shares = new Float64Array(rules.valueNames.length);
    this.#value = firstValue;
    this.#candidate = firstValue;
    this.#lead = new AdaptiveLead(startMargin);
  }

  get value(): number {
    return this.#value;
  }

  /** The likeliest value. */
  get candidate(): number {
    return this.#candidate;
  }

  get isHeld(): boolean {
    return this.#candidate === this.#value;
  }

  get smoothedLead(): number {
    return this.#smoothedLead;
  }

  /** The lead that is asked for now. */
  get marginRatio(): number {
    return this.#lead.ratio;
  }

  /** Share of this factor's changes that were not undone within ten candles; null before the first was old enough. */
  get standingRatio(): number | null {
    return this.#undone.standingRatio;
  }

  shareOf(value: number): number {
    return this.shares[value] ?? 0;
  }

  /** Puts the lead that is asked for where it shall start from now on. */
  startAt(margin: number): void {
    this.#lead = new AdaptiveLead(margin);
  }

  /** Counts candles in a row whose likeliest value lies in the same direction from the published one, and smooths its lead. */
  follow(smoothingRatio: number): void {
    const value = this.#value;
    let best = value;
    for (let other = 0; other < this.shares.length; other += 1)
      if (this.shareOf(other) > this.shareOf(best)) best = other;
    const isSame = best !== value && this.#rules.isSameDirection(value, this.#candidate, best);
    this.#agreeingCandles = isSame ? this.#agreeingCandles + 1 : 1;
    this.#candidate = best;
    this.#smoothedLead += smoothingRatio * (this.shareOf(best) - this.shareOf(value) - this.#smoothedLead);
  }

  /** Why the likeliest value is not taken yet; null when nothing speaks against it. */
  doubt({ margin, minAgreeingCandles, confidenceThreshold }: ChangeBars): string | null {
    if (this.#smoothedLead <= margin)
      return this.say(`the smoothed lead of ${this.#smoothedLead.toFixed(3)} is not above ${margin.toFixed(3)}`);
    if (this.#agreeingCandles < minAgreeingCandles)
      return this.say(`it leads for ${this.#agreeingCandles} of ${minAgreeingCandles} candles`);
    const confidence = this.#confidence();
    if (confidence < confidenceThreshold)
      return this.say(`${this.#rules.nearWords} ${confidence.toFixed(3)}, below ${confidenceThreshold}`);
    return null;
  }

  /** Returns who leads, with the numbers. */
  leads(): string {
    const [best, value] = [this.#candidate, this.#value];
    return this.say(
      `${this.nameOf(best)} has ${this.shareOf(best).toFixed(3)} against ${this.shareOf(value).toFixed(3)} of ${this.nameOf(value)}`,
    );
  }

  /** Returns a sentence that says which factor it is about. */
  say(sentence: string): string {
    return `${this.#rules.label}: ${sentence}`;
  }

  nameOf(value: number): string {
    return this.#rules.valueNames[value] ?? '?';
  }

  /** Makes the likeliest value the published one. */
  take(): void {
    this.#value = this.#candidate;
    this.#agreeingCandles = 1;
    this.#smoothedLead = 0;
  }

  /** Learns from this candle what the changes were worth; `leftValue`: the one left with it, null when none was. */
  learn(leftValue: number | null, limits: AdaptiveLeadLimits | null): void {
    const evidence = this.#undone.update({ value: this.#value, leftValue });
    if (limits === null) return;
    const falseProbability = leftValue === null ? null : 1 - this.shareOf(this.#value);
    this.#lead.update({ ...evidence, falseProbability }, limits);
  }

  save(): FactorDeciderState {
    return {
      value: this.#value,
      candidate: this.#candidate,
      agreeingCandles: this.#agreeingCandles,
      smoothedLead: this.#smoothedLead,
      lead: this.#lead.save(),
      undone: this.#undone.save(),
    };
  }

  restore(state: FactorDeciderState): void {
    this.#value = state.value;
    this.#candidate = state.candidate;
    this.#agreeingCandles = state.agreeingCandles;
    this.#smoothedLead = state.smoothedLead;
    this.#lead.restore(state.lead);
    this.#undone.restore(state.undone);
  }

  #confidence(): number {
    let sum = 0;
    for (let other = 0; other < this.shares.length; other += 1) {
      if (this.#rules.isNear(this.#candidate, other)) sum += this.shareOf(other);
    }
    return sum;
  }
}
