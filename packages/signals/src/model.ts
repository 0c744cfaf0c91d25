import type { RegimeClassified } from '@qt/contracts';
import type { FeatureVector } from './features.ts';

/** What the regime service said about the same candle. */
export type RegimeView = Pick<RegimeClassified, 'state' | 'regime' | 'probabilities'>;

/** A model's own word, before experience has been asked how far to believe it. */
export interface ModelOpinion {
  readonly direction: 'long' | 'short' | 'hold';
  /** Signed strength, -1 to 1; below zero speaks for a fall. Not a probability. */
  readonly score: number;
}

/** A pure function from what is known at a close to an opinion. It keeps no state: experience lives in the ensemble. */
export interface SignalModel {
  /** `name@version`. */
  readonly id: string;
  readonly name: string;
  readonly version: number;
  /** The feature set it was made for. */
  readonly featuresId: string;
  predict(features: FeatureVector, regime: RegimeView): ModelOpinion;
}

/** Returns `value` cut to -1 ... 1. */
export const toUnit = (value: number): number => Math.max(-1, Math.min(1, value));
