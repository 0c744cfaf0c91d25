import { type Bar, REGIME_COUNT } from '@qt/regime';
import type { CausalClassification, CausalClassifier } from '../causal-classifier.ts';
import { MarketRandom } from '../market/market-random.ts';

const UNKNOWING = new Float64Array(REGIME_COUNT).fill(1 / REGIME_COUNT);

/** Says another regime at every candle. A measure of transitions that likes it is broken. */
export class FlipEveryCandle implements CausalClassifier {
  #next = 0;

  update(_bar: Bar): CausalClassification {
    this.#next = (this.#next + 1) % REGIME_COUNT;
    return { probabilities: UNKNOWING, publishedId: this.#next };
  }
}

/** Says the same regime for ever. */
export class NeverChange implements CausalClassifier {
  update(_bar: Bar): CausalClassification {
    return { probabilities: UNKNOWING, publishedId: 8 };
  }
}

/** Draws its answer: what is right by chance. */
export class RandomLabels implements CausalClassifier {
  readonly #random: MarketRandom;
  readonly #probabilities = new Float64Array(REGIME_COUNT);

  constructor(seed: number) {
    this.#random = new MarketRandom(seed, 1_000);
  }

  update(_bar: Bar): CausalClassification {
    const publishedId = this.#random.below(REGIME_COUNT);
    this.#probabilities.fill(0)[publishedId] = 1;
    return { probabilities: this.#probabilities, publishedId };
  }
}

/** Is told the truth: what a perfect score looks like. */
export class Oracle implements CausalClassifier {
  readonly #truth: Uint8Array;
  readonly #probabilities = new Float64Array(REGIME_COUNT);
  #at = 0;

  constructor(truth: Uint8Array) {
    this.#truth = truth;
  }

  update(_bar: Bar): CausalClassification {
    const publishedId = this.#truth[this.#at] ?? 0;
    this.#at += 1;
    this.#probabilities.fill(0)[publishedId] = 1;
    return { probabilities: this.#probabilities, publishedId, conformalSet: [publishedId] };
  }
}
