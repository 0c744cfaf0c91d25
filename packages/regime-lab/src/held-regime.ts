/** When a published regime gives way. */
export interface HoldRule {
  /** Lead in probability that another regime needs. */
  readonly marginRatio: number;
  readonly minimumDwellCandles: number;
}

export const HOLD_RULE: HoldRule = { marginRatio: 0.5, minimumDwellCandles: 5 };

/** Returns the position of the largest value, the first of equals. */
export const likeliestOf = (probabilities: ArrayLike<number>): number => {
  let best = 0;
  for (let id = 1; id < probabilities.length; id += 1) {
    if ((probabilities[id] ?? 0) > (probabilities[best] ?? 0)) best = id;
  }
  return best;
};

/** Holds a regime until another leads by enough: how filters and baselines without a rule of their own publish. */
export class HeldRegime {
  readonly #rule: HoldRule;
  #regimeId: number | null = null;
  #dwellCandles = 0;

  constructor(rule: HoldRule = HOLD_RULE) {
    this.#rule = rule;
  }

  /** Takes the probabilities of one candle and returns the regime held after it. */
  publish(probabilities: ArrayLike<number>): number {
    const best = likeliestOf(probabilities);
    const held = this.#regimeId ?? best;
    const lead = (probabilities[best] ?? 0) - (probabilities[held] ?? 0);
    const isChange =
      best !== held && lead > this.#rule.marginRatio && this.#dwellCandles >= this.#rule.minimumDwellCandles;
    this.#dwellCandles = isChange ? 1 : this.#dwellCandles + 1;
    this.#regimeId = isChange ? best : held;
    return this.#regimeId;
  }
}
