const REGIMES = 18;
const HAZARD = 1 / 300;
const TO_OTHER_VOLATILITY = 0.35 / 2;
const TO_OTHER_SLOT = 0.5 / 5;
const TO_BOTH_OTHER = 0.15 / 10;

const transitionOf = (from: number, to: number): number => {
  if (from === to) return 1 - HAZARD;
  const isSameLevel = Math.floor(from / 6) === Math.floor(to / 6);
  const isSameSlot = from % 6 === to % 6;
  return HAZARD * (isSameSlot ? TO_OTHER_VOLATILITY : isSameLevel ? TO_OTHER_SLOT : TO_BOTH_OTHER);
};
const LAW = Array.from({ length: REGIMES * REGIMES }, (_, cell) =>
  transitionOf(Math.floor(cell / REGIMES), cell % REGIMES),
);

/** The chain is symmetric: this is both a step forward and a step back. */
const advanced = (probabilities: Float64Array): Float64Array => {
  const next = new Float64Array(REGIMES);
  for (let from = 0; from < REGIMES; from += 1) {
    for (let to = 0; to < REGIMES; to += 1) {
      next[to] = next[to]! + probabilities[from]! * LAW[from * REGIMES + to]!;
    }
  }
  return next;
};

/**
 * Returns, for each candle, what is then known of the candle `lagCandles` before it: fixed-lag smoothing of filtered posteriors.
 * Null where there is no such candle yet.
 */
export const hindsightOf = (
  posteriors: readonly Float64Array[],
  lagCandles: number,
): readonly (Float64Array | null)[] => {
  const priors = posteriors.map(advanced);
  return posteriors.map((posterior, index) => {
    if (index < lagCandles) return null;
    let smoothed = posterior.slice();
    for (let at = index - 1; at >= index - lagCandles; at -= 1) {
      const back = advanced(smoothed.map((probability, id) => probability / priors[at]![id]!));
      smoothed = back.map((probability, id) => probability * posteriors[at]![id]!);
      const total = smoothed.reduce((sum, probability) => sum + probability, 0);
      smoothed = smoothed.map((probability) => probability / total);
    }
    return smoothed;
  });
};
