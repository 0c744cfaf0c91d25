import { REGIME_COUNT } from '@qt/regime';
import type { ReliabilityBin } from '../report.ts';
import type { RunRecord } from './run-record.ts';

// Taken once: this is the hot path.
const { abs, floor, log, max, min } = Math;

const BINS = 15;
const FINE_BINS = 500;
// Nobody can be punished without bound for one candle it held impossible; a filter that gives exact zeros would be otherwise.
const SMALLEST_PROBABILITY = 1e-12;

/** Returns the log loss of one candle, in nats. `probability`: what the true regime was given. */
export const lossOf = (probability: number): number => -log(max(probability, SMALLEST_PROBABILITY));

/** Promised and kept, finely counted, so that tables of several seeds can be added before they are cut into bins of equal mass. */
export interface ReliabilityCounts {
  /** Shape: 500 by probability. */
  readonly candles: Float64Array;
  readonly probabilitySums: Float64Array;
  readonly hits: Float64Array;
}

export const emptyReliability = (): ReliabilityCounts => ({
  candles: new Float64Array(FINE_BINS),
  probabilitySums: new Float64Array(FINE_BINS),
  hits: new Float64Array(FINE_BINS),
});

const countOne = ({ candles, probabilitySums, hits }: ReliabilityCounts, probability: number, isHit: boolean): void => {
  const bin = min(FINE_BINS - 1, max(0, floor(probability * FINE_BINS)));
  candles[bin] = (candles[bin] ?? 0) + 1;
  probabilitySums[bin] = (probabilitySums[bin] ?? 0) + probability;
  if (isHit) hits[bin] = (hits[bin] ?? 0) + 1;
};

/** Returns the counts of all of them. */
export const addReliability = (tables: readonly ReliabilityCounts[]): ReliabilityCounts => {
  const sum = emptyReliability();
  for (const table of tables) {
    for (let bin = 0; bin < FINE_BINS; bin += 1) {
      sum.candles[bin] = (sum.candles[bin] ?? 0) + (table.candles[bin] ?? 0);
      sum.probabilitySums[bin] = (sum.probabilitySums[bin] ?? 0) + (table.probabilitySums[bin] ?? 0);
      sum.hits[bin] = (sum.hits[bin] ?? 0) + (table.hits[bin] ?? 0);
    }
  }
  return sum;
};

/** Returns at most 15 bins of about equal mass, by rising probability; a probability said very often is a bin of its own. */
export const reliabilityBins = (counts: ReliabilityCounts): ReliabilityBin[] => {
  const total = counts.candles.reduce((sum, candles) => sum + candles, 0);
  const made: ReliabilityBin[] = [];
  let candles = 0;
  let probabilitySum = 0;
  let hits = 0;
  for (let bin = 0; bin < FINE_BINS; bin += 1) {
    candles += counts.candles[bin] ?? 0;
    probabilitySum += counts.probabilitySums[bin] ?? 0;
    hits += counts.hits[bin] ?? 0;
    const isFull = candles >= total / BINS || bin === FINE_BINS - 1;
    if (!isFull || candles === 0) continue;
    made.push({ candles, meanProbability: probabilitySum / candles, hitRatio: hits / candles });
    candles = 0;
    probabilitySum = 0;
    hits = 0;
  }
  return made;
};

/**
 * Returns the expected calibration error: the mean distance between promise and outcome over 15 bins of equal mass.
 *
 * Shape: one probability and one outcome (0 or 1) per candle.
 */
export const calibrationError = (probabilities: ArrayLike<number>, outcomes: ArrayLike<number>): number => {
  const order = Uint32Array.from({ length: probabilities.length }, (_, index) => index).sort(
    (left, right) => (probabilities[left] ?? 0) - (probabilities[right] ?? 0),
  );
  let error = 0;
  for (let bin = 0; bin < BINS; bin += 1) {
    const from = floor((bin * order.length) / BINS);
    const to = floor(((bin + 1) * order.length) / BINS);
    let difference = 0;
    for (let place = from; place < to; place += 1) {
      const index = order[place] ?? 0;
      difference += (probabilities[index] ?? 0) - (outcomes[index] ?? 0);
    }
    error += abs(difference);
  }
  return error / order.length;
};

/** Returns the calibration error of a reliability table. */
export const errorOfBins = (bins: readonly ReliabilityBin[]): number => {
  const total = bins.reduce((sum, { candles }) => sum + candles, 0);
  return bins.reduce((sum, bin) => sum + (bin.candles / total) * abs(bin.meanProbability - bin.hitRatio), 0);
};

/** How honest the probabilities are. */
export interface CalibrationScores {
  readonly logLoss: number;
  /** Sum over the 18 regimes, 0 to 2. */
  readonly brier: number;
  /** Of the likeliest regime's probability. */
  readonly eceRatio: number;
  /** Of all sets given: an empty one holds nothing. NaN where none are given. */
  readonly conformalCoverageRatio: number;
  readonly conformalMeanSize: number;
}

const bitsOf = (mask: number): number => {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count += 1;
  return count;
};

/** Returns the calibration of a run, and the counts behind its reliability table. */
export const calibrationScoresOf = (
  record: RunRecord,
): { readonly scores: CalibrationScores; readonly reliability: ReliabilityCounts } => {
  const { truth, probabilities, firstScored, candles } = record;
  const scored = candles - firstScored;
  const confidences = new Float64Array(scored);
  const outcomes = new Uint8Array(scored);
  const reliability = emptyReliability();
  let logLoss = 0;
  let brier = 0;
  let withSet = 0;
  let covered = 0;
  let setSizes = 0;
  for (let index = firstScored; index < candles; index += 1) {
    const first = index * REGIME_COUNT;
    const trueId = truth[index] ?? 0;
    const bestId = record.likeliestIds[index] ?? 0;
    logLoss += lossOf(probabilities[first + trueId] ?? 0);
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      brier += ((probabilities[first + id] ?? 0) - (id === trueId ? 1 : 0)) ** 2;
    }
    const confidence = probabilities[first + bestId] ?? 0;
    confidences[index - firstScored] = confidence;
    outcomes[index - firstScored] = bestId === trueId ? 1 : 0;
    countOne(reliability, confidence, bestId === trueId);
    if (record.hasConformalSet[index] !== 1) continue;
    const mask = record.conformalMasks[index] ?? 0;
    withSet += 1;
    setSizes += bitsOf(mask);
    if ((mask & (1 << trueId)) !== 0) covered += 1;
  }
  const scores = {
    logLoss: logLoss / scored,
    brier: brier / scored,
    eceRatio: calibrationError(confidences, outcomes),
    conformalCoverageRatio: covered / withSet,
    conformalMeanSize: setSizes / withSet,
  };
  return { scores, reliability };
};
