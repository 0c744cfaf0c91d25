const REGIMES = 18;
const HAZARD = 1 / 300;
const TO_OTHER_VOLATILITY = 0.35 / 2;
const TO_OTHER_SLOT = 0.5 / 5;
const TO_BOTH_OTHER = 0.15 / 10;

// Taken once: looking a global up is slow inside a test runner.
const { max } = Math;
const LEVEL_OF = Int32Array.from({ length: REGIMES }, (_, id) => Math.floor(id / 6));
const SLOT_OF = Int32Array.from({ length: REGIMES }, (_, id) => id % 6);
const levelSums = new Float64Array(3);
const slotSums = new Float64Array(6);

/** Writes one step of the chain into `next`. The chain is symmetric: forward and back are the same. */
const advance = (probabilities: Float64Array, next: Float64Array): void => {
  levelSums.fill(0);
  slotSums.fill(0);
  let total = 0;
  for (let id = 0; id < REGIMES; id += 1) {
    const probability = probabilities[id]!;
    levelSums[LEVEL_OF[id]!] = levelSums[LEVEL_OF[id]!]! + probability;
    slotSums[SLOT_OF[id]!] = slotSums[SLOT_OF[id]!]! + probability;
    total += probability;
  }
  for (let id = 0; id < REGIMES; id += 1) {
    const stay = probabilities[id]!;
    const sameLevel = levelSums[LEVEL_OF[id]!]!;
    const sameSlot = slotSums[SLOT_OF[id]!]!;
    next[id] =
      (1 - HAZARD) * stay +
      HAZARD *
        (TO_OTHER_VOLATILITY * (sameSlot - stay) +
          TO_OTHER_SLOT * (sameLevel - stay) +
          TO_BOTH_OTHER * max(0, total - sameLevel - sameSlot + stay));
  }
};

/**
 * Returns, for each candle, what is then known of the candle `lagCandles` before it: fixed-lag smoothing of filtered posteriors.
 * Null where there is no such candle yet.
 */
export const hindsightOf = (
  posteriors: readonly Float64Array[],
  lagCandles: number,
): readonly (Float64Array | null)[] => {
  const priors = posteriors.map((posterior) => {
    const prior = posterior.slice();
    advance(posterior, prior);
    return prior;
  });
  const back = new Float64Array(REGIMES);
  return posteriors.map((posterior, index) => {
    if (index < lagCandles) return null;
    const smoothed = posterior.slice();
    for (let at = index - 1; at >= index - lagCandles; at -= 1) {
      const filtered = posteriors[at]!;
      const prior = priors[at]!;
      for (let id = 0; id < REGIMES; id += 1) smoothed[id] = smoothed[id]! / prior[id]!;
      advance(smoothed, back);
      let total = 0;
      for (let id = 0; id < REGIMES; id += 1) {
        smoothed[id] = back[id]! * filtered[id]!;
        total += smoothed[id]!;
      }
      for (let id = 0; id < REGIMES; id += 1) smoothed[id] = smoothed[id]! / total;
    }
    return smoothed;
  });
};
