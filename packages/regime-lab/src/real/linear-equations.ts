/** Solves `matrix x = right` by elimination with pivots; rows are changed. Zeros for what it leaves undetermined. */
export const solve = (matrix: number[][], right: number[]): number[] => {
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

/** Returns the inverse of a symmetric positive definite matrix. Shape: size x size by rows. */
export const inverseOf = (matrix: Float64Array, size: number): Float64Array => {
  const inverse = new Float64Array(size * size);
  for (let column = 0; column < size; column += 1) {
    const rows = Array.from({ length: size }, (_, row) => [...matrix.subarray(row * size, (row + 1) * size)]);
    const unit = Array.from({ length: size }, (_, row) => (row === column ? 1 : 0));
    for (const [row, value] of solve(rows, unit).entries()) inverse[row * size + column] = value;
  }
  return inverse;
};
