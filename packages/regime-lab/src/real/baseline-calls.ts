import { causalFeatures, scaledRows } from './causal-features.ts';
import {
  classesOf,
  cutsOf,
  type Factor,
  FACTOR_CLASSES,
  type FactorStatistics,
  factorStatistics,
  LABEL_HALF_WINDOW_CANDLES,
  UNLABELED,
} from './factor-labels.ts';
import { filterChain, fitGaussianChain } from './gaussian-chain.ts';
import { type FeatureRows, fitJumpModel, onlineJumpStates } from './jump-model.ts';
import type { RealSeries } from './real-series.ts';
import { foldsOf, namesOfStates, TRAIN_CANDLES } from './walk-forward.ts';
import { WindowStatistics } from './window-statistics.ts';

/** Trailing windows the threshold rule may choose from, in candles. */
const RULE_WINDOWS = [12, 24, 49] as const;
const RULE_BINS = 15;
const MODEL_STATES = 9;
const CHAIN_ROUNDS = 12;

/** What a baseline calls each candle in one factor; UNLABELED before the first fold. Shape: as the series. */
export type Calls = Int8Array;

/** State of every candle by a model refitted at each fold, and that model's states of the candles it was fitted on. */
export interface RefittedStates {
  /** Per fold, states of candles `from - TRAIN_CANDLES` up to `to`. */
  readonly perFold: readonly Int8Array[];
}

/** Readings of a series that every baseline shares; none looks past the candle it belongs to. */
export interface BaselineInputs {
  readonly trailing: ReadonlyMap<number, FactorStatistics>;
  readonly chain: RefittedStates;
  readonly jump: RefittedStates;
}

const refittedStates = (
  features: FeatureRows,
  statesOf: (fitted: FeatureRows, all: FeatureRows) => Int8Array,
): RefittedStates => {
  const count = features.values.length / features.width;
  const perFold = foldsOf(count).map(({ from, to }) => {
    const rows = scaledRows(features, { from: from - TRAIN_CANDLES, fittedTo: from, to });
    const fitted = { values: rows.values.subarray(0, TRAIN_CANDLES * rows.width), width: rows.width };
    return statesOf(fitted, rows);
  });
  return { perFold };
};

const likeliestStates = (probabilities: Float64Array, states: number): Int8Array =>
  Int8Array.from({ length: probabilities.length / states }, (_, row) => {
    const ofRow = probabilities.subarray(row * states, (row + 1) * states);
    return ofRow.indexOf(Math.max(...ofRow));
  });

/** Returns the statistics of the windows that end at each candle, by their length. */
export const trailingStatistics = (series: RealSeries): BaselineInputs['trailing'] => {
  const statistics = new WindowStatistics(series);
  return new Map(
    RULE_WINDOWS.map((candles) => [candles, factorStatistics(statistics, { before: candles - 1, after: 0 })]),
  );
};

/** Computes once what the baselines of all labels and factors stand on. */
export const baselineInputs = (series: RealSeries): BaselineInputs => {
  const features = causalFeatures(series);
  return {
    trailing: trailingStatistics(series),
    chain: refittedStates(features, (fitted, all) =>
      likeliestStates(filterChain(fitGaussianChain(fitted, MODEL_STATES, CHAIN_ROUNDS), all), MODEL_STATES),
    ),
    jump: refittedStates(features, (fitted, all) => onlineJumpStates(all, fitJumpModel(fitted, MODEL_STATES).centers)),
  };
};

const statisticOf = (statistics: FactorStatistics, factor: Factor): Float64Array =>
  factor === 'volatility'
    ? statistics.logVariance
    : factor === 'trend'
      ? statistics.slopeTValue
      : statistics.varianceRatio;

const majorityCalls = (labels: Int8Array, classes: number): Calls => {
  const calls = new Int8Array(labels.length).fill(UNLABELED);
  const single = new Int8Array(labels.length);
  for (const { from, to, labelsKnownTo } of foldsOf(labels.length)) {
    const { names } = namesOfStates(single, labels, { from: 0, to: labelsKnownTo, states: 1, classes });
    calls.fill(names[0] ?? 0, from, to);
  }
  return calls;
};

/** The class that the trailing window as long as a label's would have, by the thirds and fifths of such windows so far. */
const persistenceCalls = (inputs: BaselineInputs, factor: Factor, length: number): Calls => {
  const calls = new Int8Array(length).fill(UNLABELED);
  const statistics = inputs.trailing.get(2 * LABEL_HALF_WINDOW_CANDLES + 1);
  if (statistics === undefined) return calls;
  for (const { from, to } of foldsOf(length)) {
    const cuts = cutsOf(statistics, { upTo: from, structureDeadBand: 0 });
    for (let index = from; index < to; index += 1) {
      const at = {
        logVariance: statistics.logVariance[index] ?? Number.NaN,
        slopeTValue: statistics.slopeTValue[index] ?? Number.NaN,
        varianceRatio: statistics.varianceRatio[index] ?? Number.NaN,
      };
      calls[index] = classesOf(at, cuts)[factor];
    }
  }
  return calls;
};

/** Returns the bin of every value by equal shares of those before `upTo`. */
const binsOf = (values: Float64Array, upTo: number): Int8Array => {
  const past = values
    .slice(0, upTo)
    .filter((value) => !Number.isNaN(value))
    .sort();
  const edges = Float64Array.from(
    { length: RULE_BINS - 1 },
    (_, bin) => past[Math.floor(((bin + 1) * past.length) / RULE_BINS)] ?? Number.NaN,
  );
  return Int8Array.from(values, (value) => {
    if (Number.isNaN(value)) return UNLABELED;
    let bin = 0;
    while (bin < edges.length && value >= (edges[bin] ?? Number.NaN)) bin += 1;
    return bin;
  });
};

/** One statistic of one trailing window, cut into bins that are each named by the past; the window that named the past best. */
const ruleCalls = (inputs: BaselineInputs, factor: Factor, labels: Int8Array): Calls => {
  const classes = FACTOR_CLASSES[factor].length;
  const calls = new Int8Array(labels.length).fill(UNLABELED);
  for (const { from, to, labelsKnownTo } of foldsOf(labels.length)) {
    let most = -1;
    for (const statistics of inputs.trailing.values()) {
      const bins = binsOf(statisticOf(statistics, factor).subarray(0, to), labelsKnownTo);
      const { names, hitRatio } = namesOfStates(bins, labels, {
        from: 0,
        to: labelsKnownTo,
        states: RULE_BINS,
        classes,
      });
      if (hitRatio <= most) continue;
      most = hitRatio;
      for (let index = from; index < to; index += 1) calls[index] = names[bins[index] ?? 0] ?? 0;
    }
  }
  return calls;
};

const modelCalls = ({ perFold }: RefittedStates, labels: Int8Array, classes: number): Calls => {
  const calls = new Int8Array(labels.length).fill(UNLABELED);
  for (const [fold, { from, to, labelsKnownTo }] of foldsOf(labels.length).entries()) {
    const states = perFold[fold] ?? new Int8Array();
    const first = from - TRAIN_CANDLES;
    const known = labels.subarray(first, to);
    const span = { from: 0, to: labelsKnownTo - first, states: MODEL_STATES, classes };
    const { names } = namesOfStates(states, known, span);
    for (let index = from; index < to; index += 1) calls[index] = names[states[index - first] ?? 0] ?? 0;
  }
  return calls;
};

export const BASELINE_NAMES = [
  'majority',
  'persistence',
  'threshold rule',
  'Gaussian HMM',
  'online jump model',
] as const;
export type BaselineName = (typeof BASELINE_NAMES)[number];

/** Returns what each baseline calls the candles of the folds. Labels are read only up to purge and embargo before each fold. */
export const baselineCalls = (
  inputs: BaselineInputs,
  factor: Factor,
  labels: Int8Array,
): Readonly<Record<BaselineName, Calls>> => {
  const classes = FACTOR_CLASSES[factor].length;
  return {
    majority: majorityCalls(labels, classes),
    persistence: persistenceCalls(inputs, factor, labels.length),
    'threshold rule': ruleCalls(inputs, factor, labels),
    'Gaussian HMM': modelCalls(inputs.chain, labels, classes),
    'online jump model': modelCalls(inputs.jump, labels, classes),
  };
};
