/** Cost of a change, in squared standard deviations of a feature. Fixed before any series was looked at. */
export const JUMP_COST = 30;
const ROUNDS = 30;

/** Rows of features, standardized over the whole series. Shape: rows x width by rows. */
export interface FeatureRows {
  readonly values: Float64Array;
  readonly width: number;
}

/** Returns the features as rows with mean 0 and variance 1 each, columns one after the other in `columns`. */
export const standardized = (columns: readonly Float64Array[]): FeatureRows => {
  const width = columns.length;
  const count = columns[0]?.length ?? 0;
  const values = new Float64Array(count * width);
  for (const [column, feature] of columns.entries()) {
    let sum = 0;
    let squares = 0;
    for (const value of feature) sum += value;
    const mean = sum / count;
    for (const value of feature) squares += (value - mean) ** 2;
    const deviation = Math.sqrt(squares / count) || 1;
    for (let row = 0; row < count; row += 1) values[row * width + column] = ((feature[row] ?? 0) - mean) / deviation;
  }
  return { values, width };
};

const halfDistance = (rows: FeatureRows, row: number, center: readonly number[]): number => {
  let sum = 0;
  for (let column = 0; column < rows.width; column += 1) {
    sum += ((rows.values[row * rows.width + column] ?? 0) - (center[column] ?? 0)) ** 2;
  }
  return sum / 2;
};

/** Returns the path with the least distance to its centers plus `jumpCost` for each change. */
const cheapestPath = (rows: FeatureRows, centers: readonly (readonly number[])[], jumpCost: number): Int8Array => {
  const states = centers.length;
  const count = rows.values.length / rows.width;
  const cameFrom = new Int8Array(count * states);
  const cost = new Float64Array(states);
  for (let row = 0; row < count; row += 1) {
    let cheapest = 0;
    for (let state = 1; state < states; state += 1) if ((cost[state] ?? 0) < (cost[cheapest] ?? 0)) cheapest = state;
    const leaving = (cost[cheapest] ?? 0) + jumpCost;
    for (let state = 0; state < states; state += 1) {
      const stays = (cost[state] ?? 0) <= leaving;
      cameFrom[row * states + state] = stays ? state : cheapest;
      cost[state] = (stays ? (cost[state] ?? 0) : leaving) + halfDistance(rows, row, centers[state] ?? []);
    }
  }
  const path = new Int8Array(count);
  let state = cost.indexOf(Math.min(...cost));
  for (let row = count - 1; row >= 0; row -= 1) {
    path[row] = state;
    state = cameFrom[row * states + state] ?? state;
  }
  return path;
};

const centersOf = (rows: FeatureRows, path: Int8Array, before: readonly (readonly number[])[]): number[][] => {
  const sums = before.map(() => Array.from({ length: rows.width }, () => 0));
  const counts = Array.from({ length: before.length }, () => 0);
  for (const [row, state] of path.entries()) {
    counts[state] = (counts[state] ?? 0) + 1;
    const sum = sums[state] ?? [];
    for (let column = 0; column < rows.width; column += 1) {
      sum[column] = (sum[column] ?? 0) + (rows.values[row * rows.width + column] ?? 0);
    }
  }
  return sums.map((sum, state) => {
    const count = counts[state] ?? 0;
    return count === 0 ? [...(before[state] ?? [])] : sum.map((value) => value / count);
  });
};

/** Returns the means of `states` equal shares of the rows, sorted by their first feature. */
const startCenters = (rows: FeatureRows, states: number): number[][] => {
  const count = rows.values.length / rows.width;
  const order = Array.from({ length: count }, (_, row) => row).sort(
    (left, right) => (rows.values[left * rows.width] ?? 0) - (rows.values[right * rows.width] ?? 0),
  );
  const shares = new Int8Array(count);
  for (const [rank, row] of order.entries()) shares[row] = Math.floor((rank * states) / count);
  return centersOf(
    rows,
    shares,
    Array.from({ length: states }, (): number[] => []),
  );
};

/** Centers of the states, numbered by their first feature, and the state of every row in hindsight. */
export interface JumpModel {
  readonly centers: readonly (readonly number[])[];
  readonly path: Int8Array;
}

/**
 * Fits an offline jump model: squared distance to a state's center plus a cost for each change.
 *
 * Source: Bemporad, Breschi, Piga and Boyd (2018); Nystrup, Kolm and Lindström (2020).
 */
export const fitJumpModel = (rows: FeatureRows, states: number, jumpCost = JUMP_COST): JumpModel => {
  let centers = startCenters(rows, states);
  let path = cheapestPath(rows, centers, jumpCost);
  for (let round = 0; round < ROUNDS; round += 1) {
    centers = centersOf(rows, path, centers);
    const next = cheapestPath(rows, centers, jumpCost);
    const isSame = next.every((state, row) => state === path[row]);
    path = next;
    if (isSame) break;
  }
  const order = centers.map((_, state) => state).sort((a, b) => (centers[a]?.[0] ?? 0) - (centers[b]?.[0] ?? 0));
  return { centers: order.map((state) => centers[state] ?? []), path: path.map((state) => order.indexOf(state)) };
};

/** Returns the state that is cheapest at each row given the rows up to it: causal for given centers. */
export const onlineJumpStates = (
  rows: FeatureRows,
  centers: readonly (readonly number[])[],
  jumpCost = JUMP_COST,
): Int8Array => {
  const cost = new Float64Array(centers.length);
  const count = rows.values.length / rows.width;
  return Int8Array.from({ length: count }, (_, row) => {
    const cheapest = Math.min(...cost);
    for (let state = 0; state < centers.length; state += 1) {
      // Against the cheapest: the sums do not grow.
      cost[state] = Math.min((cost[state] ?? 0) - cheapest, jumpCost) + halfDistance(rows, row, centers[state] ?? []);
    }
    return cost.indexOf(Math.min(...cost));
  });
};
