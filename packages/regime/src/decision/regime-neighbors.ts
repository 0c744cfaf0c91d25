import { MEAN_REVERTING_SLOT, SLOT_COUNT } from '../regime-fold.ts';

const NEUTRAL_SLOT = 2;

/** Returns the volatility level of a regime: 0 low, 1 medium, 2 high. */
export const volatilityOf = (id: number): number => Math.floor(id / SLOT_COUNT);
/** Returns the slot of a regime: 0 to 4 the trends from strong down to strong up, 5 mean-reverting. */
export const slotOf = (id: number): number => id % SLOT_COUNT;

/** Whether two slots are trends next to each other: the weakest difference there is between regimes. */
export const areNextTrends = (left: number, right: number): boolean =>
  left !== MEAN_REVERTING_SLOT && right !== MEAN_REVERTING_SLOT && Math.abs(left - right) === 1;

/** Whether two slots are the same or one step apart; the mean-reverting one is next to the neutral trend. */
export const areNearSlots = (left: number, right: number): boolean => {
  if (left === right) return true;
  if (left === MEAN_REVERTING_SLOT) return right === NEUTRAL_SLOT;
  return right === MEAN_REVERTING_SLOT ? left === NEUTRAL_SLOT : areNextTrends(left, right);
};

const slotDirection = (from: number, to: number): number => {
  if (to === MEAN_REVERTING_SLOT) return 2;
  return Math.sign(to - (from === MEAN_REVERTING_SLOT ? NEUTRAL_SLOT : from));
};

/** Whether two slots lie in the same direction from a third: up, down, or into mean reversion. */
export const isSameSlotDirection = (from: number, first: number, second: number): boolean =>
  first === second || (first !== from && second !== from && slotDirection(from, first) === slotDirection(from, second));

/** Whether two volatility levels lie on the same side of a third. */
export const isSameLevelDirection = (from: number, first: number, second: number): boolean =>
  first === second || Math.sign(first - from) === Math.sign(second - from);
