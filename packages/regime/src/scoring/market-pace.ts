import { ASSUMED_LIFE_CANDLES, TransitionLaw } from '../base/transition-law.ts';
import { packFloats, unpackFloats } from '../learning/packed-floats.ts';
import { REGIME_COUNT } from '../regime-fold.ts';
import { marginalsInto } from './factors.ts';
import type { ScoringInput, ScoringMethod } from './scoring-method.ts';

interface MarketPaceState {
  readonly beliefs: string;
  readonly shares: string;
  readonly heard: string;
}

const { exp, log, max } = Math;
/** Mean lives of a regime that a market may have, in candles, each with all and with half of what a candle says. */
const LIVES_CANDLES = [60, ASSUMED_LIFE_CANDLES, 1_500];
const EXPONENTS = [1, 0.5];
const PACES = LIVES_CANDLES.flatMap((lifeCandles) => EXPONENTS.map((exponent) => ({ lifeCandles, exponent })));
const COUNT = PACES.length;
/** What is believed of the base's own pace where nothing speaks against it. */
const RESTING_SHARE = 0.95;
const RESTING = Float64Array.from(PACES, ({ lifeCandles, exponent }) =>
  lifeCandles === ASSUMED_LIFE_CANDLES && exponent === 1 ? RESTING_SHARE : (1 - RESTING_SHARE) / (COUNT - 1),
);
const SHARED_RATIO = 0.002;
const LEAST_LOG_EVIDENCE = -30;
const LEAST_PROBABILITY = 1e-300;

/**
 * The base's evidence, judged at other paces: regimes that live five times shorter or longer than the base assumes, and candles that say
 * half as much as it believes, because their surprises come in clusters. Each pace foretells the next candle; the better it does, the
 * more it counts. Needs no label, and repeats the base in a market that is as the base assumes.
 *
 * Source: fixed share, Herbster and Warmuth (1998); likelihoods to a power for models that are wrong, Grünwald and van Ommen (2017).
 */
export class MarketPace implements ScoringMethod {
  readonly name = 'market_pace';
  readonly factors: Float64Array;
  readonly #baseLaw = new TransitionLaw();
  readonly #laws = PACES.map(({ lifeCandles }) => new TransitionLaw(lifeCandles));
  readonly #beliefs = Array.from(PACES, () => new Float64Array(REGIME_COUNT).fill(1 / REGIME_COUNT));
  readonly #shares = Float64Array.from(RESTING);
  /** The base's posterior of the candle before. */
  readonly #heard = new Float64Array(REGIME_COUNT).fill(1 / REGIME_COUNT);
  readonly #prior = new Float64Array(REGIME_COUNT);
  readonly #evidence = new Float64Array(REGIME_COUNT);
  readonly #powers = EXPONENTS.map(() => new Float64Array(REGIME_COUNT));
  readonly #mixed = new Float64Array(REGIME_COUNT);

  constructor(factors: Float64Array) {
    this.factors = factors;
  }

  update({ base, observation }: ScoringInput): void {
    this.#hear(base.posterior, observation.elapsedCandles);
    let total = 0;
    for (let pace = 0; pace < COUNT; pace += 1) {
      const share = (this.#shares[pace] ?? 0) * this.#follow(pace, observation.elapsedCandles);
      this.#shares[pace] = share;
      total += share;
    }
    const mixed = this.#mixed.fill(0);
    for (let pace = 0; pace < COUNT; pace += 1) {
      const share = (1 - SHARED_RATIO) * ((this.#shares[pace] ?? 0) / total) + SHARED_RATIO * (RESTING[pace] ?? 0);
      this.#shares[pace] = share;
      const belief = this.#beliefs[pace] as Float64Array;
      for (let id = 0; id < REGIME_COUNT; id += 1) mixed[id] = (mixed[id] ?? 0) + share * (belief[id] ?? 0);
    }
    marginalsInto(this.factors, mixed);
  }

  save(): MarketPaceState {
    const beliefs = new Float64Array(COUNT * REGIME_COUNT);
    this.#beliefs.forEach((belief, pace) => {
      beliefs.set(belief, pace * REGIME_COUNT);
    });
    return { beliefs: packFloats(beliefs), shares: packFloats(this.#shares), heard: packFloats(this.#heard) };
  }

  restore(state: unknown): void {
    const { beliefs, shares, heard } = state as MarketPaceState;
    const all = new Float64Array(COUNT * REGIME_COUNT);
    unpackFloats(beliefs, all);
    this.#beliefs.forEach((belief, pace) => {
      belief.set(all.subarray(pace * REGIME_COUNT, (pace + 1) * REGIME_COUNT));
    });
    unpackFloats(shares, this.#shares);
    unpackFloats(heard, this.#heard);
  }

  /** Takes out of the base's posterior what it knew before the candle: what is left is what the candle said, to each of the powers. */
  #hear(posterior: Float64Array, elapsedCandles: number): void {
    const evidence = this.#evidence;
    this.#baseLaw.advance(this.#heard, this.#prior, elapsedCandles);
    this.#heard.set(posterior);
    let most = Number.NEGATIVE_INFINITY;
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      evidence[id] = log(max(posterior[id] ?? 0, LEAST_PROBABILITY) / max(this.#prior[id] ?? 0, LEAST_PROBABILITY));
      most = max(most, evidence[id] ?? 0);
    }
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      const said = max(LEAST_LOG_EVIDENCE, (evidence[id] ?? 0) - most);
      EXPONENTS.forEach((exponent, which) => {
        const power = this.#powers[which];
        if (power !== undefined) power[id] = exp(exponent * said);
      });
    }
  }

  /** Moves the belief of one pace on and returns how likely it had made the candle. */
  #follow(pace: number, elapsedCandles: number): number {
    const belief = this.#beliefs[pace] as Float64Array;
    const whole = this.#powers[0] as Float64Array;
    const power = this.#powers[pace % EXPONENTS.length] as Float64Array;
    const prior = this.#prior;
    (this.#laws[pace] as TransitionLaw).advance(belief, prior, elapsedCandles);
    let density = 0;
    let total = 0;
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      density += (prior[id] ?? 0) * (whole[id] ?? 0);
      const joint = (prior[id] ?? 0) * (power[id] ?? 0);
      belief[id] = joint;
      total += joint;
    }
    for (let id = 0; id < REGIME_COUNT; id += 1) belief[id] = (belief[id] ?? 0) / total;
    return density;
  }
}
