import type { Regime } from '@qt/contracts';

type VolatilityLevel = Regime['volatility'];
export type TrendLevel = Regime['trend'];
type StructureKind = Regime['structure'];

export const REGIME_COUNT = 18;
/** Regimes per volatility level: five trending slots and one mean-reverting. */
export const SLOT_COUNT = 6;
/** The slot that holds every mean-reverting market, whatever its trend. */
export const MEAN_REVERTING_SLOT = 5;

const VOLATILITY_LEVELS: readonly VolatilityLevel[] = ['low', 'medium', 'high'];
const TREND_LEVELS: readonly TrendLevel[] = ['strong_down', 'down', 'neutral', 'up', 'strong_up'];

export interface RegimeTriplet {
  readonly volatility: VolatilityLevel;
  readonly trend: TrendLevel;
  readonly structure: StructureKind;
}

// Rows: low, medium, high; columns: slots 0 to 4. Ids 0, 9 and 17 are named by the operators' guide.
const TRENDING_NAMES: readonly (readonly string[])[] = [
  ['Calm Bear Market', 'Quiet drift down', 'Quiet balance', 'Quiet drift up', 'Calm Bull Market'],
  ['Steady Bear slide', 'Steady Bear Market', 'Balanced market', 'Steady Bull Market', 'Strong Bull Market'],
  ['Crash', 'Volatile decline', 'Volatile balance', 'Volatile advance', 'Melt-up'],
];
const RANGE_PREFIXES: readonly string[] = ['Quiet', 'Normal', 'Volatile'];

/**
 * Returns the id of one of the 30 cells: `6 * volatility + (trending ? trend : 5)`.
 *
 * Source: the only regular fold of 3 x 5 x 2 cells into 18 that fits the three examples of the operators' guide.
 */
export const regimeIdOf = ({ volatility, trend, structure }: RegimeTriplet): number =>
  SLOT_COUNT * VOLATILITY_LEVELS.indexOf(volatility) +
  (structure === 'trending' ? TREND_LEVELS.indexOf(trend) : MEAN_REVERTING_SLOT);

/** Returns the triplet of an id; `driftTrend` says which way a mean-reverting market leans and is ignored for the others. */
export const tripletOf = (id: number, driftTrend: TrendLevel): RegimeTriplet => {
  const slot = id % SLOT_COUNT;
  const volatility = VOLATILITY_LEVELS[Math.floor(id / SLOT_COUNT)] ?? 'medium';
  if (slot === MEAN_REVERTING_SLOT) return { volatility, trend: driftTrend, structure: 'mean_reverting' };
  return { volatility, trend: TREND_LEVELS[slot] ?? 'neutral', structure: 'trending' };
};

/** Returns the name operators read: the guide's where it gives one. A mean-reverting market is named by its lean. */
export const regimeNameOf = ({ volatility, trend, structure }: RegimeTriplet): string => {
  const level = VOLATILITY_LEVELS.indexOf(volatility);
  if (structure === 'trending') return TRENDING_NAMES[level]?.[TREND_LEVELS.indexOf(trend)] ?? 'Balanced market';
  const prefix = RANGE_PREFIXES[level] ?? 'Normal';
  if (trend === 'strong_up') return `${prefix} Rally`;
  return trend === 'strong_down' ? `${prefix} Sell-off` : `${prefix} Range`;
};

/** Returns a regime as events carry it. */
export const regimeOf = (id: number, driftTrend: TrendLevel, probability: number): Regime => {
  const triplet = tripletOf(id, driftTrend);
  return { id, name: regimeNameOf(triplet), ...triplet, probability };
};
