import { MEAN_REVERTING_SLOT, REGIME_COUNT, SLOT_COUNT } from '../regime-fold.ts';

const NEUTRAL_SLOT = 2;

/** Returns the volatility level of a regime: 0 low, 1 medium, 2 high. */
export const volatilityOf = (id: number): number => Math.floor(id / SLOT_COUNT);
const slotOf = (id: number): number => id % SLOT_COUNT;

const isNextSlot = (left: number, right: number): boolean => {
  if (left === MEAN_REVERTING_SLOT) return right === NEUTRAL_SLOT;
  return right === MEAN_REVERTING_SLOT ? left === NEUTRAL_SLOT : Math.abs(left - right) === 1;
};

const areNeighbors = (left: number, right: number): boolean => {
  const apart = Math.abs(volatilityOf(left) - volatilityOf(right));
  if (apart === 0) return left === right || isNextSlot(slotOf(left), slotOf(right));
  return apart === 1 && slotOf(left) === slotOf(right);
};

const NEIGHBORS = Uint8Array.from({ length: REGIME_COUNT * REGIME_COUNT }, (_, cell) =>
  areNeighbors(Math.floor(cell / REGIME_COUNT), cell % REGIME_COUNT) ? 1 : 0,
);

/** Whether two regimes are the same or differ by one step of one factor; a mean-reverting one is next to the neutral trend. */
export const isNeighbor = (left: number, right: number): boolean => NEIGHBORS[left * REGIME_COUNT + right] === 1;

const slotDirection = (from: number, to: number): number => {
  if (slotOf(from) === slotOf(to)) return 0;
  if (slotOf(to) === MEAN_REVERTING_SLOT) return 2;
  if (slotOf(from) === MEAN_REVERTING_SLOT) return Math.sign(slotOf(to) - NEUTRAL_SLOT);
  return Math.sign(slotOf(to) - slotOf(from));
};

/** Whether two candidates lie in the same direction from a regime: volatility the same way, and trend or structure the same way. */
export const isSameDirection = (from: number, first: number, second: number): boolean =>
  first === second ||
  (first !== from &&
    Math.sign(volatilityOf(first) - volatilityOf(from)) === Math.sign(volatilityOf(second) - volatilityOf(from)) &&
    slotDirection(from, first) === slotDirection(from, second));
