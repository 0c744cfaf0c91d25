import type { Regime } from '@qt/contracts';
import { RegimeDetector } from '@qt/regime';
import type { CandleLine } from './candles-file.ts';

/** What the command writes of one classified candle. */
export interface ClassifiedCandle {
  readonly kind: 'classified';
  readonly regime: Regime;
  readonly isChange: boolean;
  /** Probability that the regime changes within 10 candles. */
  readonly changeWithin10Probability: number;
  /** Shape: 18, by regime id; sums to 1. */
  readonly probabilities: readonly number[];
}

export type ClassifyOutcome =
  | ClassifiedCandle
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string };

/** The one place where this command meets the engine. */
export type Classify = (candle: CandleLine) => ClassifyOutcome;

/** A mean regime of 300 candles, which the detector's filter assumes. */
const CHANGE_WITHIN_10_PROBABILITY = 1 - (1 - 1 / 300) ** 10;

/** Returns a classifier of one market that looks at one candle after the other and at none that comes later. */
export const createClassifier = (intervalMs: number): Classify => {
  const detector = new RegimeDetector({ intervalMs });
  return (candle) => {
    const update = detector.update(candle);
    if (update.kind === 'refused') return update;
    const { regime, previousRegimeId, probabilities } = update;
    return {
      kind: 'classified',
      regime,
      isChange: previousRegimeId !== null,
      changeWithin10Probability: CHANGE_WITHIN_10_PROBABILITY,
      probabilities,
    };
  };
};
