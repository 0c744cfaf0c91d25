import { type EngineClassification, type EngineUpdate, RegimeEngine } from '@qt/regime';
import type { CandleLine } from './candles-file.ts';

/** What the command writes of one classified candle. */
export type ClassifiedCandle = Pick<
  EngineClassification,
  'regime' | 'previousRegimeId' | 'changeWithin10Probability' | 'probabilities'
>;

/** Returns a classifier of one market that looks at one candle after the other and at none that comes later. */
export const createClassifier = (intervalMs: number): ((candle: CandleLine) => EngineUpdate) => {
  const engine = new RegimeEngine({ intervalMs });
  return (candle) => engine.update(candle);
};
