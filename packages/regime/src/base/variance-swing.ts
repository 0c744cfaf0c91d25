import { REGIME_COUNT, SLOT_COUNT } from '../regime-fold.ts';

const LEVEL_COUNT = REGIME_COUNT / SLOT_COUNT;
// Three values of each level, one kind after the other: the swing, and how it would move with the law's gain and with its fade.
const BY_GAIN = LEVEL_COUNT;
const BY_FADE = 2 * LEVEL_COUNT;
export const SWING_VALUES = 3 * LEVEL_COUNT;

/** A variance is never predicted further from its level's own than this, in natural log. */
const WIDEST_SWING = 3;

export interface SwingLaw {
  /** How far the variance follows what one candle says of it. */
  readonly gain: number;
  /** Share of a swing that is left one candle later, before the candle is heard. */
  readonly persistence: number;
  /** Shape: 3; ln of the variance each level returns to. */
  readonly logVariances: Float64Array;
}

/**
 * How far the variance of each volatility level has swung from the level's own, in natural log. A swing follows what the candles say and
 * fades; one common past would need every path of levels, so a level inherits the mean over the levels one can have come from. It inherits the
 * variance, not the swing: after a change of level the market moves towards the new one, it does not jump there.
 *
 * Source: score-driven variance, Creal, Koopman and Lucas (2013), Harvey (2013); the mean over past levels is that of Klaassen (2002).
 */
export class VarianceSwing {
  /** After the last candle. */
  readonly values = new Float64Array(SWING_VALUES);
  /** For the candle at hand, before it is heard. */
  readonly predicted = new Float64Array(SWING_VALUES);
  readonly #law: SwingLaw;
  readonly #levelShares = new Float64Array(LEVEL_COUNT);

  /** The law is the owner's and may change between candles. */
  constructor(law: SwingLaw) {
    this.#law = law;
  }

  /** Predicts the next candle's swings from the posterior of the last one; over a gap they fade. */
  advance(posterior: Float64Array, levelChangeRatio: number, elapsedCandles: number): void {
    const { values, predicted } = this;
    const { persistence, logVariances } = this.#law;
    const shares = this.#levelShares;
    for (let level = 0, id = 0; level < LEVEL_COUNT; level += 1) {
      let share = 0;
      for (let slot = 0; slot < SLOT_COUNT; slot += 1, id += 1) share += posterior[id] as number;
      shares[level] = share;
    }
    const stay = 1 - levelChangeRatio;
    const move = levelChangeRatio / (LEVEL_COUNT - 1);
    const fade = elapsedCandles === 1 ? 1 : persistence ** (elapsedCandles - 1);
    for (let to = 0; to < LEVEL_COUNT; to += 1) {
      let total = 0;
      let swing = 0;
      let byGain = 0;
      let byFade = 0;
      for (let from = 0; from < LEVEL_COUNT; from += 1) {
        const weight = (shares[from] as number) * (from === to ? stay : move);
        const inherited = persistence * ((logVariances[from] as number) - (logVariances[to] as number));
        total += weight;
        swing += weight * ((values[from] as number) + inherited);
        byGain += weight * (values[BY_GAIN + from] as number);
        byFade += weight * (values[BY_FADE + from] as number);
      }
      const ratio = fade / total;
      predicted[to] = Math.min(WIDEST_SWING, Math.max(-WIDEST_SWING, ratio * swing));
      predicted[BY_GAIN + to] = ratio * byGain;
      predicted[BY_FADE + to] = ratio * byFade;
    }
  }

  /** Takes what the candle said of each level's variance: its score in ln variance over the information of one candle. Shape: 3. */
  hear(surprises: Float64Array): void {
    const { values, predicted } = this;
    const { gain, persistence } = this.#law;
    // A higher swing would have been surprised less: on average by as much as it is higher.
    const kept = persistence - gain;
    for (let level = 0; level < LEVEL_COUNT; level += 1) {
      const swing = predicted[level] as number;
      const surprise = surprises[level] as number;
      values[level] = persistence * swing + gain * surprise;
      values[BY_GAIN + level] = kept * (predicted[BY_GAIN + level] as number) + surprise;
      values[BY_FADE + level] = kept * (predicted[BY_FADE + level] as number) - (1 - persistence) * swing;
    }
  }
}
