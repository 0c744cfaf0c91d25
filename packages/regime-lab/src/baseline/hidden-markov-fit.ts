// Taken once: this is the hot path.
const { exp, log, max } = Math;

const SMALLEST_VARIANCE = 1e-4;
/** Candles that the belief in staying is worth beside those of the window, per state. */
const PRIOR_STAY_CANDLES = 50;
const PRIOR_LEAVE_CANDLES = 0.5;
/** A state with fewer candles keeps the means it had. */
const FEWEST_CANDLES = 5;

/** A hidden Markov model with normal emissions whose features are independent given the state. */
export interface HiddenMarkovModel {
  readonly states: number;
  readonly features: number;
  /** Shape: states x features. */
  readonly means: Float64Array;
  /** Shape: states x features. */
  readonly variances: Float64Array;
  /** Shape: states x features; kept because every row of every round needs them. */
  readonly logVariances: Float64Array;
  /** Shape: states x states, rows from. */
  readonly transitions: Float64Array;
}

/** Writes the likelihood of the row at `row`, the largest of all states being 1. Shape: `into` states, from `first`. */
export const emissionsInto = (
  { states, features, means, variances, logVariances }: HiddenMarkovModel,
  rows: Float64Array,
  place: { readonly row: number; readonly into: Float64Array; readonly first: number },
): void => {
  const { row, into, first } = place;
  let largest = Number.NEGATIVE_INFINITY;
  for (let state = 0; state < states; state += 1) {
    let logLikelihood = 0;
    for (let feature = 0; feature < features; feature += 1) {
      const place = state * features + feature;
      const off = (rows[row * features + feature] ?? 0) - (means[place] ?? 0);
      logLikelihood -= 0.5 * ((logVariances[place] ?? 0) + (off * off) / (variances[place] ?? 1));
    }
    into[first + state] = logLikelihood;
    if (logLikelihood > largest) largest = logLikelihood;
  }
  for (let state = 0; state < states; state += 1) into[first + state] = exp((into[first + state] ?? 0) - largest);
};

/** Room for the belief before a row is seen; of models of so many states. */
export type PriorRoom = Float64Array;

/**
 * Moves a filtered belief over one row. Shape: belief and prior by state, both changed; emissions by state from `first`.
 */
export const filterStep = (
  { states, transitions }: HiddenMarkovModel,
  belief: Float64Array,
  { prior, emissions, first }: { readonly prior: PriorRoom; readonly emissions: Float64Array; readonly first: number },
): void => {
  prior.fill(0);
  for (let from = 0; from < states; from += 1) {
    const mass = belief[from] ?? 0;
    for (let to = 0; to < states; to += 1) prior[to] = (prior[to] ?? 0) + mass * (transitions[from * states + to] ?? 0);
  }
  let total = 0;
  for (let state = 0; state < states; state += 1) {
    const mass = max((prior[state] ?? 0) * (emissions[first + state] ?? 0), Number.MIN_VALUE);
    belief[state] = mass;
    total += mass;
  }
  for (let state = 0; state < states; state += 1) belief[state] = (belief[state] ?? 0) / total;
};

/** Returns the filtered beliefs. Shape: n x states. */
const forwardOver = (model: HiddenMarkovModel, emissions: Float64Array): Float64Array => {
  const { states } = model;
  const alphas = new Float64Array(emissions.length);
  const belief = new Float64Array(states).fill(1 / states);
  const place = { prior: new Float64Array(states), emissions, first: 0 };
  for (let first = 0; first < emissions.length; first += states) {
    place.first = first;
    filterStep(model, belief, place);
    for (let state = 0; state < states; state += 1) alphas[first + state] = belief[state] ?? 0;
  }
  return alphas;
};

/** What the backward pass adds up: expected counts of states and of steps between them. */
interface ExpectedCounts {
  /** Shape: n x states. */
  readonly occupancies: Float64Array;
  /** Shape: states x states. */
  readonly steps: Float64Array;
}

const normalize = (values: Float64Array, total: number): void => {
  for (let place = 0; place < values.length; place += 1) values[place] = (values[place] ?? 0) / total;
};

const backwardOver = (model: HiddenMarkovModel, emissions: Float64Array, alphas: Float64Array): ExpectedCounts => {
  const { states, transitions } = model;
  const occupancies = new Float64Array(alphas.length);
  const steps = new Float64Array(states * states);
  const beta = new Float64Array(states).fill(1);
  const ahead = new Float64Array(states);
  const step = new Float64Array(states * states);
  for (let first = alphas.length - states; first >= 0; first -= states) {
    let occupied = 0;
    for (let state = 0; state < states; state += 1) {
      const occupancy = (alphas[first + state] ?? 0) * (beta[state] ?? 0);
      occupancies[first + state] = occupancy;
      occupied += occupancy;
      ahead[state] = (emissions[first + state] ?? 0) * (beta[state] ?? 0);
    }
    for (let state = 0; state < states; state += 1) {
      occupancies[first + state] = (occupancies[first + state] ?? 0) / occupied;
    }
    if (first === 0) break;
    let stepTotal = 0;
    let largest = 0;
    for (let from = 0; from < states; from += 1) {
      const mass = alphas[first - states + from] ?? 0;
      let back = 0;
      for (let to = 0; to < states; to += 1) {
        const flow = (transitions[from * states + to] ?? 0) * (ahead[to] ?? 0);
        back += flow;
        step[from * states + to] = mass * flow;
      }
      stepTotal += mass * back;
      beta[from] = back;
      largest = max(largest, back);
    }
    for (let cell = 0; cell < step.length; cell += 1) steps[cell] = (steps[cell] ?? 0) + (step[cell] ?? 0) / stepTotal;
    for (let state = 0; state < states; state += 1) beta[state] = max((beta[state] ?? 0) / largest, Number.MIN_VALUE);
  }
  return { occupancies, steps };
};

const reestimatedTransitions = (states: number, steps: Float64Array): Float64Array => {
  const transitions = new Float64Array(states * states);
  for (let from = 0; from < states; from += 1) {
    const row = transitions.subarray(from * states, (from + 1) * states);
    for (let to = 0; to < states; to += 1) {
      row[to] = (steps[from * states + to] ?? 0) + (from === to ? PRIOR_STAY_CANDLES : PRIOR_LEAVE_CANDLES / states);
    }
    normalize(
      row,
      row.reduce((sum, mass) => sum + mass, 0),
    );
  }
  return transitions;
};

const reestimated = (model: HiddenMarkovModel, rows: Float64Array, counts: ExpectedCounts): HiddenMarkovModel => {
  const { states, features } = model;
  const means = model.means.slice();
  const variances = model.variances.slice();
  for (let state = 0; state < states; state += 1) {
    let mass = 0;
    const sums = new Float64Array(features);
    const squares = new Float64Array(features);
    const count = rows.length / features;
    for (let row = 0; row < count; row += 1) {
      const weight = counts.occupancies[row * states + state] ?? 0;
      mass += weight;
      for (let feature = 0; feature < features; feature += 1) {
        const value = rows[row * features + feature] ?? 0;
        sums[feature] = (sums[feature] ?? 0) + weight * value;
        squares[feature] = (squares[feature] ?? 0) + weight * value * value;
      }
    }
    for (let feature = 0; feature < features && mass > FEWEST_CANDLES; feature += 1) {
      const mean = (sums[feature] ?? 0) / mass;
      means[state * features + feature] = mean;
      variances[state * features + feature] = max((squares[feature] ?? 0) / mass - mean * mean, SMALLEST_VARIANCE);
    }
  }
  const logVariances = variances.map((variance) => log(variance));
  return {
    states,
    features,
    means,
    variances,
    logVariances,
    transitions: reestimatedTransitions(states, counts.steps),
  };
};

/**
 * Returns the model after so many rounds of expectation and maximization, and its filtered belief at the window's end. Shape: n x features.
 *
 * Source: Baum and Welch; the forward and backward passes are scaled row by row.
 */
export const fitModel = (
  start: HiddenMarkovModel,
  rows: Float64Array,
  rounds: number,
): { readonly model: HiddenMarkovModel; readonly belief: Float64Array } => {
  const { states, features } = start;
  const count = rows.length / features;
  const emissions = new Float64Array(count * states);
  let model = start;
  const place = { row: 0, into: emissions, first: 0 };
  for (let round = 0; ; round += 1) {
    for (let row = 0; row < count; row += 1) {
      place.row = row;
      place.first = row * states;
      emissionsInto(model, rows, place);
    }
    const alphas = forwardOver(model, emissions);
    if (round === rounds) return { model, belief: alphas.slice((count - 1) * states) };
    model = reestimated(model, rows, backwardOver(model, emissions, alphas));
  }
};

/** Returns a start from means; every state as likely to stay. Shape: means and variances states x features. */
export const startModel = (
  states: number,
  means: readonly number[],
  variances: readonly number[],
): HiddenMarkovModel => ({
  states,
  features: means.length / states,
  means: Float64Array.from(means),
  variances: Float64Array.from(variances),
  logVariances: Float64Array.from(variances, (variance) => log(variance)),
  transitions: reestimatedTransitions(states, new Float64Array(states * states)),
});
