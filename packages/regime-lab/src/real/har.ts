import type { FeatureRows } from './jump-model.ts';
import { solve } from './linear-equations.ts';

/** Averages that the forecast is made of, in candles: the last one, a short and a long stretch. */
export const HAR_STRETCHES = [1, 5, 22] as const;

/** What a forecast is made of. */
export interface HarInputs {
  /** Log ranges, oldest first. */
  readonly values: ArrayLike<number>;
  /** What else is known of each candle when it has closed; null without any. Shape: as `values` by rows. */
  readonly beside: FeatureRows | null;
}

/** Log range of the next candle: `coefficients[0]`, one for each of the three averages, then one for each column beside them. */
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

/** Returns the constant, the averages up to `last` and what is known beside them. */
const regressorsAt = ({ values, beside }: HarInputs, last: number): number[] => {
  const own = beside?.values.subarray(last * beside.width, (last + 1) * beside.width) ?? [];
  return [1, ...averagesAt(values, last), ...own];
};

/**
 * Fits the forecast by least squares on `values[from]` to `values[to - 1]`.
 *
 * Source: Corsi (2009), on log ranges instead of realized variances.
 */
export const fitHar = (inputs: HarInputs, from: number, to: number): HarModel => {
  const size = HAR_STRETCHES.length + 1 + (inputs.beside?.width ?? 0);
  const matrix = Array.from({ length: size }, () => Array.from({ length: size }, () => 0));
  const right = Array.from({ length: size }, () => 0);
  for (let index = Math.max(from, HAR_STRETCHES[2]); index < to; index += 1) {
    const regressors = regressorsAt(inputs, index - 1);
    for (let row = 0; row < size; row += 1) {
      const line = matrix[row] ?? [];
      right[row] = (right[row] ?? 0) + (regressors[row] ?? 0) * (inputs.values[index] ?? 0);
      for (let column = 0; column < size; column += 1) {
        line[column] = (line[column] ?? 0) + (regressors[row] ?? 0) * (regressors[column] ?? 0);
      }
    }
  }
  return { coefficients: solve(matrix, right) };
};

/** Returns what is expected of the value after `last`. */
export const harForecast = ({ coefficients }: HarModel, inputs: HarInputs, last: number): number =>
  regressorsAt(inputs, last).reduce((sum, regressor, index) => sum + (coefficients[index] ?? 0) * regressor, 0);
