import { REGIME_COUNT } from '@qt/regime';

/** How long a regime lasted whenever its begin and its end were both seen. Units: candles. */
export interface RegimeDurations {
  readonly regimeId: number;
  readonly spells: number;
  readonly meanCandles: number;
  readonly p10Candles: number;
  readonly medianCandles: number;
  readonly p90Candles: number;
  readonly longestCandles: number;
}

/** Counts lengths: memory grows with the number of different lengths, not with the history. Quantiles are exact. */
export class DurationStatistics {
  readonly #lengths = Array.from({ length: REGIME_COUNT }, () => new Map<number, number>());

  add(regimeId: number, candles: number): void {
    const lengths = this.#lengths[regimeId];
    lengths?.set(candles, (lengths.get(candles) ?? 0) + 1);
  }

  /** Regimes that were never seen whole are left out. */
  result(): readonly RegimeDurations[] {
    return this.#lengths.flatMap((lengths, regimeId) => {
      const counts = [...lengths].toSorted(([one], [other]) => one - other);
      const spells = counts.reduce((total, [, count]) => total + count, 0);
      if (spells === 0) return [];
      const meanCandles = counts.reduce((total, [length, count]) => total + length * count, 0) / spells;
      const at = (share: number): number => quantileOf(counts, share * spells);
      return [
        {
          regimeId,
          spells,
          meanCandles,
          p10Candles: at(0.1),
          medianCandles: at(0.5),
          p90Candles: at(0.9),
          longestCandles: counts.at(-1)?.[0] ?? 0,
        },
      ];
    });
  }
}

/** Returns the shortest length that at least `wanted` spells do not exceed. */
const quantileOf = (counts: readonly (readonly [number, number])[], wanted: number): number => {
  let seen = 0;
  for (const [length, count] of counts) {
    seen += count;
    if (seen >= wanted) return length;
  }
  return counts.at(-1)?.[0] ?? 0;
};
