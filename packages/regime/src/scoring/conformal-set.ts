import { REGIME_COUNT } from '../regime-fold.ts';
import { LABEL_LAG_CANDLES } from './scoring-method.ts';

export interface ConformalSetState {
  readonly level: number;
  readonly members: readonly number[];
  readonly candles: number;
  readonly coverage: number;
}

const RIPENING = LABEL_LAG_CANDLES + 1;
const START_LEVEL = 0.1;
const COVERAGE_GAIN = 1 / 500;

/**
 * The regimes that are probable enough to be believed. How probable that is moves with every label that ripens, so that in the long
 * run the sets hold the regime in the wanted share of candles, whatever the probabilities are worth. A set is empty when none is
 * probable enough, which happens where the likeliest regime alone is right more often than was asked for.
 *
 * Source: adaptive conformal inference, Gibbs and Candes (2021).
 */
export class ConformalSet {
  #level = START_LEVEL;
  #candles = 0;
  #coverage = 0.9;
  readonly #members = new Float64Array(RIPENING);
  readonly #ids: number[] = [];

  /** Share of recent labels that their sets held. */
  get coverageRatio(): number {
    return this.#coverage;
  }

  /** Ids in the present set, likeliest first. */
  get ids(): readonly number[] {
    return this.#ids;
  }

  update(probabilities: Float64Array): void {
    this.#ids.length = 0;
    let members = 0;
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      const probability = probabilities[id] ?? 0;
      if (probability < this.#level) continue;
      members |= 1 << id;
      let place = this.#ids.length;
      while (place > 0 && (probabilities[this.#ids[place - 1] ?? 0] ?? 0) < probability) place -= 1;
      this.#ids.splice(place, 0, id);
    }
    this.#members[this.#candles % RIPENING] = members;
    this.#candles += 1;
  }

  /** Takes the label of `LABEL_LAG_CANDLES` ago in. Shape: 18, summing to 1. */
  learn(labels: Float64Array, { coverageRatio, step }: { coverageRatio: number; step: number }): void {
    if (this.#candles <= LABEL_LAG_CANDLES) return;
    const members = this.#members[this.#candles % RIPENING] ?? 0;
    let held = 0;
    for (let id = 0; id < REGIME_COUNT; id += 1) if ((members >> id) & 1) held += labels[id] ?? 0;
    this.#coverage += COVERAGE_GAIN * (held - this.#coverage);
    const level = this.#level + step * (held - coverageRatio);
    this.#level = Math.max(0.0005, Math.min(0.999, level));
  }

  save(): ConformalSetState {
    return { level: this.#level, members: [...this.#members], candles: this.#candles, coverage: this.#coverage };
  }

  restore({ level, members, candles, coverage }: ConformalSetState): void {
    this.#level = level;
    this.#members.set(members);
    this.#candles = candles;
    this.#coverage = coverage;
  }
}
