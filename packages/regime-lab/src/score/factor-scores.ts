import { MEAN_REVERTING_SLOT, REGIME_COUNT, SLOT_COUNT } from '@qt/regime';
import { calibrationError } from './calibration-scores.ts';
import { quantileOf } from './delay-scores.ts';
import { changesIn, type RunRecord } from './run-record.ts';

/** One of the three things a regime is made of; `values`: how many it can be. */
interface Factor {
  readonly values: number;
  readonly of: (regimeId: number) => number;
}

const VOLATILITY: Factor = { values: 3, of: (id) => Math.floor(id / SLOT_COUNT) };
const SLOT: Factor = { values: SLOT_COUNT, of: (id) => id % SLOT_COUNT };
const STRUCTURE: Factor = { values: 2, of: (id) => (id % SLOT_COUNT === MEAN_REVERTING_SLOT ? 1 : 0) };

/** Honesty and speed factor by factor. The slot is trend and structure in one. */
export interface FactorScores {
  readonly volatilityEceRatio: number;
  readonly slotEceRatio: number;
  readonly structureEceRatio: number;
  readonly volatilityDelayMedianCandles: number;
  readonly slotDelayMedianCandles: number;
  readonly structureDelayMedianCandles: number;
}

/** The calibration error of the likeliest value of a factor. */
const factorError = ({ truth, probabilities, firstScored, candles }: RunRecord, factor: Factor): number => {
  const valueOf = Uint8Array.from({ length: REGIME_COUNT }, (_, id) => factor.of(id));
  const promised = new Float64Array(candles - firstScored);
  const kept = new Uint8Array(candles - firstScored);
  const sums = new Float64Array(factor.values);
  for (let index = firstScored; index < candles; index += 1) {
    sums.fill(0);
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      const value = valueOf[id] ?? 0;
      sums[value] = (sums[value] ?? 0) + (probabilities[index * REGIME_COUNT + id] ?? 0);
    }
    let best = 0;
    for (let value = 1; value < factor.values; value += 1) if ((sums[value] ?? 0) > (sums[best] ?? 0)) best = value;
    promised[index - firstScored] = sums[best] ?? 0;
    kept[index - firstScored] = best === valueOf[truth[index] ?? 0] ? 1 : 0;
  }
  return calibrationError(promised, kept);
};

/** The median of candles from a true change of a factor until it is published; never is as late as the life of the new value. */
const factorDelay = ({ truth, publishedIds, firstScored }: RunRecord, { of }: Factor): number => {
  const delays = changesIn(truth, firstScored, of).map(({ at, to, lifeCandles }) => {
    let delay = 0;
    while (delay < lifeCandles && of(publishedIds[at + delay] ?? 0) !== to) delay += 1;
    return delay;
  });
  return quantileOf(
    delays.toSorted((left, right) => left - right),
    0.5,
  );
};

/** Returns the scores of each factor by itself. */
export const factorScoresOf = (record: RunRecord): FactorScores => ({
  volatilityEceRatio: factorError(record, VOLATILITY),
  slotEceRatio: factorError(record, SLOT),
  structureEceRatio: factorError(record, STRUCTURE),
  volatilityDelayMedianCandles: factorDelay(record, VOLATILITY),
  slotDelayMedianCandles: factorDelay(record, SLOT),
  structureDelayMedianCandles: factorDelay(record, STRUCTURE),
});
