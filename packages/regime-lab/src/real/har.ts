/** Averages that the forecast is made of, in candles: the last one, a short and a long stretch. */
export const HAR_STRETCHES = [1, 5, 22] as const;

/** Log range of the next candle: `coefficients[0]` plus one coefficient for each of the three averages. */
export interface HarModel {
  readonly coefficients: readonly number[];
}

/** Returns the means of the last 1, 5 and 22 values up to `last`. */
const averagesAt = (values: ArrayLike<number>, last: number): number[] =>
  HAR_STRETCHES.map((stretch) => {
    let sum = 0;
    for (let back = 0; back < stretch; back += 1) sum += values[last - back] ?? 0;
    return sum / stretch;
  });

/** Solves `matrix x = right` by elimination with pivots; rows are changed. Zeros for what it leaves undetermined. */
const solve = (matrix: number[][], right: number[]): number[] => {
  const size = right.length;
  for (let column = 0; column < size; column += 1) {
    let pivot = column;
    for (let row = column + 1; row < size; row += 1) {
      if (Math.abs(matrix[row]?.[column] ?? 0) > Math.abs(matrix[pivot]?.[column] ?? 0)) pivot = row;
    }
    [matrix[column], matrix[pivot]] = [matrix[pivot] ?? [], matrix[column] ?? []];
    [right[column], right[pivot]] = [right[pivot] ?? 0, right[column] ?? 0];
    const top = matrix[column] ?? [];
    const divisor = top[column] ?? 0;
    if (Math.abs(divisor) < 1e-12) continue;
    for (let row = 0; row < size; row += 1) {
      if (row === column) continue;
      const line = matrix[row] ?? [];
      const factor = (line[column] ?? 0) / divisor;
      for (let at = column; at < size; at += 1) line[at] = (line[at] ?? 0) - factor * (top[at] ?? 0);
      right[row] = (right[row] ?? 0) - factor * (right[column] ?? 0);
    }
  }
  return right.map((value, index) => {
    const divisor = matrix[index]?.[index] ?? 0;
    return Math.abs(divisor) < 1e-12 ? 0 : value / divisor;
  });
};

/**
 * Fits the forecast by least squares on `values[from]` to `values[to - 1]`.
 *
 * Source: Corsi (2009), on log ranges instead of realized variances.
 */
export const fitHar = (values: ArrayLike<number>, from: number, to: number): HarModel => {
  const size = HAR_STRETCHES.length + 1;
  const matrix = Array.from({ length: size }, () => Array.from({ length: size }, () => 0));
  const right = Array.from({ length: size }, () => 0);
  for (let index = Math.max(from, HAR_STRETCHES[2]); index < to; index += 1) {
    const regressors = [1, ...averagesAt(values, index - 1)];
    for (let row = 0; row < size; row += 1) {
      const line = matrix[row] ?? [];
      right[row] = (right[row] ?? 0) + (regressors[row] ?? 0) * (values[index] ?? 0);
      for (let column = 0; column < size; column += 1) {
        line[column] = (line[column] ?? 0) + (regressors[row] ?? 0) * (regressors[column] ?? 0);
      }
    }
  }
  return { coefficients: solve(matrix, right) };
};

/** Returns what is expected of the value after `last`. */
export const harForecast = ({ coefficients }: HarModel, values: ArrayLike<number>, last: number): number =>
  averagesAt(values, last).reduce(
    (sum, average, index) => sum + (coefficients[index + 1] ?? 0) * average,
    coefficients[0] ?? 0,
  );
