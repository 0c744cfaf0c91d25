import { type Bar, REGIME_COUNT } from '@qt/regime';
import type { CausalClassification, CausalClassifier } from '../causal-classifier.ts';
import type { SyntheticMarket } from '../market/synthetic-market.ts';
import { CandleReader, DecayingMean } from './trailing-features.ts';

// Taken once: this is the hot path.
const { exp, floor, log, max, min, sqrt } = Math;

const FEATURES = 5;
const SPANS = [1, 2, 4] as const;
const PENALTIES = [2, 4, 8, 16, 32, 64, 128, 256] as const;
const SHARPNESSES = [0.02, 0.05, 0.1, 0.2, 0.5, 1] as const;
/** Candles whose averages are still filling. */
const FILLING_CANDLES = 100;

/** Five trailing features of a market. */
class JumpFeatures {
  readonly values = new Float64Array(FEATURES);
  readonly #reader = new CandleReader();
  readonly #logRange = new DecayingMean(3);
  readonly #slowLogRange = new DecayingMean(10);
  readonly #fastMove: DecayingMean;
  readonly #slowMove: DecayingMean;
  readonly #product: DecayingMean;

  /** `span`: how much longer the slot's averages are than where changes are easy to see. */
  constructor(span: number) {
    this.#fastMove = new DecayingMean(8 * span);
    this.#slowMove = new DecayingMean(24 * span);
    this.#product = new DecayingMean(14 * span);
  }

  read(bar: Bar): Float64Array {
    const { logRange, move, product } = this.#reader.read(bar);
    this.values[0] = this.#logRange.add(logRange);
    this.values[1] = this.#slowLogRange.add(logRange);
    this.values[2] = this.#fastMove.add(move);
    this.values[3] = this.#slowMove.add(move);
    this.values[4] = this.#product.add(product);
    return this.values;
  }
}

/** Where the regimes lie, in features divided by their spread inside a regime. */
interface Prototypes {
  /** Shape: 18 x 5. */
  readonly centers: Float64Array;
  /** Shape: 5. */
  readonly spreads: Float64Array;
}

const prototypesOf = (rows: Float64Array, truth: Uint8Array): Prototypes => {
  const sums = new Float64Array(REGIME_COUNT * FEATURES);
  const squares = new Float64Array(REGIME_COUNT * FEATURES);
  const counts = new Float64Array(REGIME_COUNT);
  for (let index = FILLING_CANDLES; index < truth.length; index += 1) {
    const id = truth[index] ?? 0;
    counts[id] = (counts[id] ?? 0) + 1;
    for (let feature = 0; feature < FEATURES; feature += 1) {
      const value = rows[index * FEATURES + feature] ?? 0;
      const cell = id * FEATURES + feature;
      sums[cell] = (sums[cell] ?? 0) + value;
      squares[cell] = (squares[cell] ?? 0) + value * value;
    }
  }
  const centers = sums.map((sum, cell) => sum / max(1, counts[floor(cell / FEATURES)] ?? 1));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const spreads = Float64Array.from({ length: FEATURES }, (_, feature) => {
    let within = 0;
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      const cell = id * FEATURES + feature;
      within += (squares[cell] ?? 0) - (counts[id] ?? 0) * (centers[cell] ?? 0) ** 2;
    }
    return sqrt(within / total);
  });
  return { centers, spreads };
};

/** The min-sum recursion: the cheapest path that ends in each regime, a jump costing `penalty`. */
class JumpCosts {
  readonly costs = new Float64Array(REGIME_COUNT);
  readonly #prototypes: Prototypes;
  readonly #penalty: number;

  constructor(prototypes: Prototypes, penalty: number) {
    this.#prototypes = prototypes;
    this.#penalty = penalty;
  }

  /** Takes the features that start at `first` of `values` and returns the cheapest regime. */
  step(values: Float64Array, first: number): number {
    const { centers, spreads } = this.#prototypes;
    const jump = this.#penalty; // the cheapest of the last costs is 0
    let best = 0;
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      let distance = 0;
      for (let feature = 0; feature < FEATURES; feature += 1) {
        const off =
          ((values[first + feature] ?? 0) - (centers[id * FEATURES + feature] ?? 0)) / (spreads[feature] ?? 1);
        distance += off * off;
      }
      this.costs[id] = 0.5 * distance + min(this.costs[id] ?? 0, jump);
      if ((this.costs[id] ?? 0) < (this.costs[best] ?? 0)) best = id;
    }
    const least = this.costs[best] ?? 0;
    for (let id = 0; id < REGIME_COUNT; id += 1) this.costs[id] = (this.costs[id] ?? 0) - least;
    return best;
  }

  /** Writes the softmin of the costs. Shape: 18. */
  probabilitiesInto(into: Float64Array, sharpness: number): void {
    let total = 0;
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      into[id] = exp(-sharpness * (this.costs[id] ?? 0));
      total += into[id] ?? 0;
    }
    for (let id = 0; id < REGIME_COUNT; id += 1) into[id] = (into[id] ?? 0) / total;
  }
}

interface JumpSettings {
  readonly span: number;
  readonly prototypes: Prototypes;
  readonly penalty: number;
  readonly sharpness: number;
}

/** The penalty that names most candles right with averages of one span, and how many. */
const trainedPenalty = (market: SyntheticMarket, span: number) => {
  const { candles, regimeIds } = market;
  const features = new JumpFeatures(span);
  const rows = new Float64Array(candles * FEATURES);
  for (let index = 0; index < candles; index += 1) rows.set(features.read(market.barAt(index)), index * FEATURES);
  const prototypes = prototypesOf(rows, regimeIds);
  return PENALTIES.map((penalty) => {
    const costs = new JumpCosts(prototypes, penalty);
    let right = 0;
    for (let index = 0; index < candles; index += 1) {
      if (costs.step(rows, index * FEATURES) === regimeIds[index]) right += 1;
    }
    return { span, rows, prototypes, penalty, right };
  }).reduce((best, next) => (next.right > best.right ? next : best));
};

const trainedSettings = (market: SyntheticMarket): JumpSettings => {
  const { span, rows, prototypes, penalty } = SPANS.map((span) => trainedPenalty(market, span)).reduce((best, next) =>
    next.right > best.right ? next : best,
  );
  const losses = new Float64Array(SHARPNESSES.length);
  const costs = new JumpCosts(prototypes, penalty);
  const probabilities = new Float64Array(REGIME_COUNT);
  for (let index = 0; index < market.candles; index += 1) {
    costs.step(rows, index * FEATURES);
    SHARPNESSES.forEach((sharpness, place) => {
      costs.probabilitiesInto(probabilities, sharpness);
      losses[place] = (losses[place] ?? 0) - log(max(probabilities[market.regimeIds[index] ?? 0] ?? 0, 1e-12));
    });
  }
  return { span, prototypes, penalty, sharpness: SHARPNESSES[losses.indexOf(min(...losses))] ?? 1 };
};

/**
 * The online jump model with everything in its favor: averages, prototypes, penalty and sharpness are the best for a market of the same kind whose
 * truth it was given.
 *
 * Source: Nystrup, Lindström and Madsen (2020), greedy online classification with jump penalties.
 */
export class JumpModel implements CausalClassifier {
  readonly #settings: JumpSettings;
  readonly #features: JumpFeatures;
  readonly #costs: JumpCosts;
  readonly #probabilities = new Float64Array(REGIME_COUNT);

  /** `teacher`: another market of the same kind; its truth is used. */
  constructor(teacher: SyntheticMarket) {
    this.#settings = trainedSettings(teacher);
    this.#features = new JumpFeatures(this.#settings.span);
    this.#costs = new JumpCosts(this.#settings.prototypes, this.#settings.penalty);
  }

  update(bar: Bar): CausalClassification {
    const publishedId = this.#costs.step(this.#features.read(bar), 0);
    this.#costs.probabilitiesInto(this.#probabilities, this.#settings.sharpness);
    return { probabilities: this.#probabilities, publishedId };
  }
}
