import {
  AR_REVERTING,
  AR_TRENDING,
  type CandleReading,
  DRIFT_MILD,
  DRIFT_STRONG,
  LOG_SCALE,
  LOG_SWING_FADE,
  SWING_GAIN,
} from './base/candle-emission.ts';
import { BLOCK_CANDLES, CandleWindow, type CandleWindowState } from './base/candle-window.ts';
import { ExpertGroup, type ExpertGroupState, logMixture, shareWeights, WEIGHT_EXPONENT } from './base/expert-group.ts';
import { PRIOR_MEANS } from './base/parameter-learner.ts';
import { LikelihoodFilter, type LikelihoodFilterStart, type LikelihoodFilterState } from './likelihood-filter.ts';
import { REGIME_COUNT, SLOT_COUNT } from './regime-fold.ts';

export interface ExpertBankState {
  readonly window: CandleWindowState;
  /** Of steady levels, of swinging ones. */
  readonly groups: readonly ExpertGroupState[];
  readonly logVoices: readonly number[];
  readonly logForecasts: readonly number[];
  readonly logDensity: number;
  readonly shadow: LikelihoodFilterState | null;
  readonly shadowGain: number;
}

// What the first candles may mean: any of the three levels, at some spacing, in a market of weak or of strong trends.
const START_POSITIONS = [0, 1, 2];
const STEADY_SPACINGS = [0.45, 0.7];
const SWINGING_SPACINGS = [0.55];
const START_DRIFTS = [
  { mild: 0.18, strong: 0.42 },
  { mild: 0.35, strong: 0.9 },
];
const START_SWING_GAIN = 0.08;
/** Fourteen candles halve a swing. */
const START_SWING_FADE = 0.05;
/** What is thought of the groups before any candle: most markets are told apart without swings. */
const START_VOICES = [0.75, 0.25];
/** Candles after which half of the experts goes on alone. */
const SELECTION_CANDLES = 5_000;
const SELECTIONS = [
  { experts: 6, withLongMemory: 3 },
  { experts: 3, withLongMemory: 2 },
];
const STEADY = 0;
const SWINGING = 1;
/** Swings wider than this share of the gap between levels hide the levels: then the swings are what the market's regimes are made of. */
const WIDEST_SWING_RATIO = 0.4;
/** What a group whose swings are wider by the whole gap loses of its voice with each candle, in natural log. */
const WIDE_SWING_COST = 2;
/** Filters that learn every 32 candles, and few at the same one. */
const PHASE_STEP = 5;
/** Experts with less weight than this say nothing about what is in doubt. */
const NEGLIGIBLE_WEIGHT = 0.01;

const startsAround = (logScale: number, isSwinging: boolean): readonly LikelihoodFilterStart[] => {
  const starts: LikelihoodFilterStart[] = [];
  for (const spacing of isSwinging ? SWINGING_SPACINGS : STEADY_SPACINGS) {
    for (const position of START_POSITIONS) {
      for (const { mild, strong } of START_DRIFTS) {
        const parameters = [...PRIOR_MEANS];
        for (let level = 0; level < 3; level += 1) {
          parameters[LOG_SCALE + level] = logScale + (level - position) * spacing;
        }
        parameters[DRIFT_MILD] = mild;
        parameters[DRIFT_STRONG] = strong;
        parameters[SWING_GAIN] = isSwinging ? START_SWING_GAIN : 0;
        parameters[LOG_SWING_FADE] = Math.log(START_SWING_FADE);
        starts.push({ parameters, isSwinging, phase: (starts.length * PHASE_STEP) % BLOCK_CANDLES });
      }
    }
  }
  return starts;
};

/**
 * Two groups of filters: the levels of one are steady, those of the other swing. Each group has a voice in what the regime is, by how well
 * it predicted; swings too wide to tell levels apart cost it. What the next candle will be is forecast without that cost. One more filter
 * may run in the bank's shadow: it is weighed, and decides nothing.
 *
 * Starts, exponent and costs were measured, see docs/base-detector.md.
 */
export class ExpertBank {
  readonly #window = new CandleWindow();
  readonly #groups: readonly ExpertGroup[];
  readonly #logVoices = Float64Array.from(START_VOICES, Math.log);
  readonly #voices = Float64Array.from(START_VOICES);
  readonly #logForecasts = Float64Array.from(START_VOICES, Math.log);
  /** Taken over by every sharing of the forecasts' weights; only their logarithms are kept. */
  readonly #forecastScratch = Float64Array.from(START_VOICES);
  readonly #logDensities = new Float64Array(START_VOICES.length);
  readonly #posterior = new Float64Array(REGIME_COUNT).fill(1 / REGIME_COUNT);
  #logDensity = 0;
  #shadow: LikelihoodFilter | null = null;
  #shadowGain = 0;

  /** `logScale`: natural log of the return scale that the first candles show. */
  constructor(logScale: number) {
    this.#groups = [false, true].map((isSwinging) => new ExpertGroup(this.#window, startsAround(logScale, isSwinging)));
  }

  /** Shape: 18 probabilities by regime id, summing to 1. The array is the bank's own: read it before the next update. */
  get posterior(): Float64Array {
    return this.#posterior;
  }

  /** Logarithm of the density that all experts together had predicted for the last candle. */
  get logDensity(): number {
    return this.#logDensity;
  }

  get candles(): number {
    return this.#window.count;
  }

  /** Share of the swinging group in what is said of the regime. */
  get swingingShare(): number {
    return this.#voices[SWINGING] as number;
  }

  /** How far the experts are apart about the volatility level: mean share of probability that one would move to agree with all, 0 to 1. */
  get levelDoubt(): number {
    let doubt = 0;
    for (let group = 0; group < this.#groups.length; group += 1) {
      const { experts, weights } = this.#groups[group] as ExpertGroup;
      const voice = this.#voices[group] as number;
      for (let index = 0; index < experts.length; index += 1) {
        const weight = voice * (weights[index] as number);
        if (weight >= NEGLIGIBLE_WEIGHT)
          doubt += weight * this.#apartness((experts[index] as LikelihoodFilter).posterior);
      }
    }
    return doubt;
  }

  /** Log density won by the shadow over the experts of its kind so far. */
  get shadowGain(): number {
    return this.#shadowGain;
  }

  get experts(): readonly { readonly weight: number; readonly filter: LikelihoodFilter }[] {
    return this.#groups.flatMap(({ experts, weights }, group) =>
      experts.map((filter, index) => ({
        filter,
        weight: (this.#voices[group] as number) * (weights[index] as number),
      })),
    );
  }

  /** The likeliest expert of the group with the louder voice. */
  get leader(): LikelihoodFilter {
    const group = (this.#voices[SWINGING] as number) > (this.#voices[STEADY] as number) ? SWINGING : STEADY;
    return (this.#groups[group] as ExpertGroup).leader;
  }

  /** Returns the return scale that the experts, weighted, give to one volatility level. */
  returnScale(volatility: number): number {
    return Math.exp(this.#meanOf(LOG_SCALE + volatility));
  }

  get driftMild(): number {
    return this.#meanOf(DRIFT_MILD);
  }

  get driftStrong(): number {
    return this.#meanOf(DRIFT_STRONG);
  }

  get arTrending(): number {
    return this.#meanOf(AR_TRENDING);
  }

  get arReverting(): number {
    return this.#meanOf(AR_REVERTING);
  }

  update(reading: CandleReading): void {
    this.#window.push(reading);
    const logDensities = this.#logDensities;
    for (let group = 0; group < this.#groups.length; group += 1) {
      const experts = this.#groups[group] as ExpertGroup;
      experts.update();
      logDensities[group] = experts.logDensity;
    }
    this.#logDensity = logMixture(this.#logForecasts, logDensities);
    if (this.#shadow !== null) this.#shadowGain += this.#shadow.update() - this.#groupOf(this.#shadow).logDensity;
    this.#weighGroups();
    if (this.candles === SELECTION_CANDLES) {
      this.#groups.forEach((group, index) => {
        group.thinOut(SELECTIONS[index] as (typeof SELECTIONS)[number]);
      });
    }
    this.#mixPosteriors();
  }

  /** Lets a filter run along without a say. Its window is the bank's. */
  startShadow(state: LikelihoodFilterState): void {
    this.#shadow = LikelihoodFilter.from(this.#window, state);
    this.#shadowGain = 0;
  }

  /** Ends the shadow: it takes the place of the least likely expert of its kind and starts as likely as the leader, or is forgotten. */
  endShadow(isAccepted: boolean): void {
    const shadow = this.#shadow;
    this.#shadow = null;
    if (shadow === null || !isAccepted) return;
    this.#groupOf(shadow).replaceLeastLikely(shadow);
    this.#mixPosteriors();
  }

  save(): ExpertBankState {
    return {
      window: this.#window.save(),
      groups: this.#groups.map((group) => group.save()),
      logVoices: [...this.#logVoices],
      logForecasts: [...this.#logForecasts],
      logDensity: this.#logDensity,
      shadow: this.#shadow?.save() ?? null,
      shadowGain: this.#shadowGain,
    };
  }

  restore(state: ExpertBankState): void {
    this.#window.restore(state.window);
    state.groups.forEach((saved, group) => {
      this.#groups[group]?.restore(saved);
    });
    this.#logVoices.set(state.logVoices);
    this.#voices.set(this.#logVoices.map(Math.exp));
    this.#logForecasts.set(state.logForecasts);
    this.#logDensity = state.logDensity;
    this.#shadow = state.shadow === null ? null : LikelihoodFilter.from(this.#window, state.shadow);
    this.#shadowGain = state.shadowGain;
    this.#mixPosteriors();
  }

  #groupOf(filter: LikelihoodFilter): ExpertGroup {
    return this.#groups[filter.isSwinging ? SWINGING : STEADY] as ExpertGroup;
  }

  #weighGroups(): void {
    for (let group = 0; group < this.#groups.length; group += 1) {
      const gain = WEIGHT_EXPONENT * (this.#logDensities[group] as number);
      this.#logVoices[group] = (this.#logVoices[group] as number) + gain;
      this.#logForecasts[group] = (this.#logForecasts[group] as number) + gain;
    }
    const { swingRatio } = (this.#groups[SWINGING] as ExpertGroup).leader;
    const tooWide = Math.max(0, swingRatio - WIDEST_SWING_RATIO);
    this.#logVoices[SWINGING] = (this.#logVoices[SWINGING] as number) - WIDE_SWING_COST * tooWide;
    shareWeights(this.#logVoices, this.#voices);
    shareWeights(this.#logForecasts, this.#forecastScratch);
  }

  #meanOf(parameter: number): number {
    let mean = 0;
    for (let group = 0; group < this.#groups.length; group += 1) {
      const { experts, weights } = this.#groups[group] as ExpertGroup;
      let meanOfGroup = 0;
      for (let index = 0; index < experts.length; index += 1) {
        meanOfGroup +=
          (weights[index] as number) * ((experts[index] as LikelihoodFilter).parameters[parameter] as number);
      }
      mean += (this.#voices[group] as number) * meanOfGroup;
    }
    return mean;
  }

  /** Share of probability that would have to move between levels to agree with the whole bank. */
  #apartness(posterior: Float64Array): number {
    let apart = 0;
    for (let first = 0; first < REGIME_COUNT; first += SLOT_COUNT) {
      let difference = 0;
      for (let id = first; id < first + SLOT_COUNT; id += 1) {
        difference += (posterior[id] as number) - (this.#posterior[id] as number);
      }
      apart += Math.abs(difference);
    }
    return apart / 2;
  }

  #mixPosteriors(): void {
    const posterior = this.#posterior;
    const steady = (this.#groups[STEADY] as ExpertGroup).posterior;
    const swinging = (this.#groups[SWINGING] as ExpertGroup).posterior;
    const share = this.#voices[SWINGING] as number;
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      posterior[id] = (1 - share) * (steady[id] as number) + share * (swinging[id] as number);
    }
  }
}
