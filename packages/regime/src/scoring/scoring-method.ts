import type { Observation } from '../likelihood-filter.ts';

/** What the base detector offers to those that stand on it. Arrays are its own: read them before its next update. */
export interface BaseView {
  /** Shape: 18 filtered probabilities by regime id. */
  readonly posterior: Float64Array;
  /** Logarithm of the density it had predicted for the candle just taken. */
  readonly logDensity: number;
  /** How far its readings of the volatility levels contradict each other, 0 to 1. */
  readonly levelDoubt: number;
  /** Returns the return scale of a volatility level (0 to 2), in log-return units. */
  returnScale(volatility: number): number;
  /** Drifts of the mild and the strong trend slots, in units of the return scale. */
  readonly driftMild: number;
  readonly driftStrong: number;
  readonly arTrending: number;
  readonly arReverting: number;
}

/** One candle as every method sees it. */
export interface ScoringInput {
  readonly observation: Observation;
  readonly base: BaseView;
  /** The base posterior by factor, as `marginalsInto` writes it. */
  readonly baseFactors: Float64Array;
  /** Return scale of the market as the base believes it to be now, in log-return units; above zero. */
  readonly returnScale: number;
  /** Log price after the noise filter: for methods that follow the price, never for those that measure volatility. */
  readonly filteredLogPrice: number;
  /** Log of the close itself. */
  readonly logPrice: number;
}

/** One opinion on the regime, made anew with each candle: constant work, fixed memory, no clock, no randomness. */
export interface ScoringMethod {
  readonly name: string;
  /** Shape: 10 by factor, as `marginalsInto` writes them. The array is the method's own: read it before its next update. */
  readonly factors: Float64Array;
  /** Takes one candle in. */
  update(input: ScoringInput): void;
  /** Takes in what the regime of `LABEL_LAG_CANDLES` ago looks like by now, by factor: for methods that learn from it. */
  learn?(labels: Float64Array): void;
  /** Plain JSON; `restore` of it continues bit for bit. */
  save(): unknown;
  restore(state: unknown): void;
}

/** How long a label ripens before anything learns from it. */
export const LABEL_LAG_CANDLES = 20;
