import { MEAN_REVERTING_SLOT, REGIME_COUNT, SLOT_COUNT } from './regime-fold.ts';

/** Cells of volatility, trend and structure before they fold into regimes. */
export const CELL_COUNT = 30;
export const TREND_COUNT = 5;
const CELLS_PER_LEVEL = 2 * TREND_COUNT;

/** Returns the regime that a cell folds into. Cells are numbered `10 * volatility + 2 * trend + (trending ? 0 : 1)`. */
export const regimeOfCell = (cell: number): number => {
  const volatility = Math.floor(cell / CELLS_PER_LEVEL);
  const slot = cell % 2 === 0 ? (cell % CELLS_PER_LEVEL) / 2 : MEAN_REVERTING_SLOT;
  return SLOT_COUNT * volatility + slot;
};

/**
 * Writes the 30 cells of 18 regime probabilities: a mean-reverting regime is spread over the five trends by the lean.
 *
 * Shape: `regimes[18]`, `lean[5]` summing to 1, `cells[30]`, which is overwritten.
 */
export const unfoldInto = (cells: Float64Array, regimes: Float64Array, lean: Float64Array): void => {
  for (let cell = 0; cell < CELL_COUNT; cell += 1) {
    const probability = regimes[regimeOfCell(cell)] ?? 0;
    const trend = (cell % CELLS_PER_LEVEL) >> 1;
    cells[cell] = cell % 2 === 0 ? probability : probability * (lean[trend] ?? 0);
  }
};

/** Returns the 18 regime probabilities that 30 cells fold into. */
export const foldCells = (cells: ArrayLike<number>): Float64Array => {
  const regimes = new Float64Array(REGIME_COUNT);
  for (let cell = 0; cell < CELL_COUNT; cell += 1) {
    const id = regimeOfCell(cell);
    regimes[id] = (regimes[id] ?? 0) + (cells[cell] ?? 0);
  }
  return regimes;
};
