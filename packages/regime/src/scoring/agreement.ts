import { REGIME_COUNT, SLOT_COUNT } from '../regime-fold.ts';
import { FACTORS, REVERTING_AT, STRUCTURE_AT, TREND_AT } from './factors.ts';

/**
 * Returns how far opinions agree: 1 less their Jensen-Shannon divergence, in parts of the largest that 18 regimes allow.
 * Each opinion is taken as if its factors were independent.
 *
 * Shape: each opinion 10 by factor.
 */
export const agreementOf = (opinions: readonly Float64Array[]): number => {
  const mixture = new Float64Array(REGIME_COUNT);
  const share = 1 / opinions.length;
  let meanEntropy = 0;
  for (let index = 0; index < opinions.length; index += 1) {
    const opinion = opinions[index];
    if (opinion === undefined) continue;
    meanEntropy += share * entropyOf(opinion);
    const trending = opinion[STRUCTURE_AT] ?? 0;
    for (let level = 0; level < REGIME_COUNT / SLOT_COUNT; level += 1) {
      const first = level * SLOT_COUNT;
      const weight = share * (opinion[level] ?? 0);
      for (let trend = 0; trend < SLOT_COUNT - 1; trend += 1) {
        mixture[first + trend] = (mixture[first + trend] ?? 0) + weight * trending * (opinion[TREND_AT + trend] ?? 0);
      }
      const reverting = first + SLOT_COUNT - 1;
      mixture[reverting] = (mixture[reverting] ?? 0) + weight * (opinion[REVERTING_AT] ?? 0);
    }
  }
  let mixtureEntropy = 0;
  for (let id = 0; id < REGIME_COUNT; id += 1) mixtureEntropy += entropyTerm(mixture[id] ?? 0);
  return Math.max(0, Math.min(1, 1 - (mixtureEntropy - meanEntropy) / Math.log(REGIME_COUNT)));
};

const entropyTerm = (probability: number): number => (probability > 0 ? -probability * Math.log(probability) : 0);

const entropyOf = (opinion: Float64Array): number => {
  let entropy = 0;
  for (const { name, first, size } of FACTORS) {
    // The trends only matter as far as the market is trending.
    const share = name === 'trend' ? (opinion[STRUCTURE_AT] ?? 0) : 1;
    for (let at = first; at < first + size; at += 1) entropy += share * entropyTerm(opinion[at] ?? 0);
  }
  return entropy;
};
