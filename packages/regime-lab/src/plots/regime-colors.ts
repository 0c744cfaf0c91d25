import { REGIME_COUNT, regimeNameOf, SLOT_COUNT, tripletOf } from '@qt/regime';

/** Slots from strong down to strong up, then mean-reverting: hues that stay apart for those who see red and green alike. */
const SLOT_COLORS: readonly (readonly [number, number, number])[] = [
  [165, 15, 21],
  [230, 120, 60],
  [120, 120, 125],
  [70, 150, 200],
  [8, 69, 148],
  [125, 80, 170],
];
/** How much white is mixed in: the calmer, the paler. */
const PALENESS = [0.6, 0.3, 0] as const;

/** Returns the color of a regime: its hue says the trend or that it is mean-reverting, its depth the volatility. */
export const regimeColor = (id: number): string => {
  const [red, green, blue] = SLOT_COLORS[id % SLOT_COUNT] ?? [0, 0, 0];
  const pale = PALENESS[Math.floor(id / SLOT_COUNT)] ?? 0;
  const mixed = [red, green, blue].map((part) => Math.round(part + pale * (255 - part)));
  return `rgb(${mixed.join(',')})`;
};

/** Returns the regime's name without the lean that a mean-reverting one may have. */
export const regimeLabel = (id: number): string => regimeNameOf(tripletOf(id, 'neutral'));

/** Every regime id, in order. */
export const REGIME_IDS: readonly number[] = Array.from({ length: REGIME_COUNT }, (_, id) => id);
