import { KnobController, type KnobRecord, type KnobScores, type KnobState } from './knob-controller.ts';

/** Values the engine reads before each candle. Feedback moves them within fixed bounds, one at a time. */
export interface FeedbackKnobs {
  /** Lead that another volatility level needs before it is said, where it starts from. The slot's is not moved. */
  readonly transitionMarginRatio: number;
  /** Share of the learners' votes dealt out anew per candle; the share by which the pool's weights return to rest moves in proportion. */
  readonly shareRatio: number;
  /** The published probabilities are taken to the power 1 / temperature. */
  readonly temperature: number;
  /** The sum that the learners' weights may reach in each factor of the pool. */
  readonly learnerCapRatio: number;
}

/** What proposals are made from. */
export interface KnobEvidence {
  readonly atCandle: number;
  readonly keptRatio: number | null;
  readonly overconfidence: number | null;
  readonly driftScore: number;
}

export interface KnobBoardState {
  readonly knobs: readonly KnobState[];
  readonly triedAt: readonly number[];
}

/** A changed knob acts on candles whose labels come this much later; their dwell needs a few more. */
const SETTLE_CANDLES = 50;
/** Candles between two trials of the same knob: a reverted move is not tried again at once. */
const RETRY_CANDLES = 2_000;
const WANTED_KEPT_RATIO = 0.95;
const KEPT_TOLERANCE = 0.02;
const CONFIDENCE_TOLERANCE = 0.02;
const HIGH_DRIFT_SCORE = 0.5;
const LOW_DRIFT_SCORE = 0.2;

interface Proposal {
  readonly direction: 1 | -1;
  readonly reason: string;
}

/** A knob and the evidence that speaks for moving it; null when nothing does. */
interface Board {
  readonly knob: KnobController;
  readonly propose: (evidence: KnobEvidence, knob: KnobController) => Proposal | null;
}

const byKeptRatio = ({ keptRatio }: KnobEvidence): Proposal | null => {
  if (keptRatio === null) return null;
  const reason = `${keptRatio.toFixed(3)} of the changes were kept, ${WANTED_KEPT_RATIO} are wanted`;
  if (keptRatio < WANTED_KEPT_RATIO - KEPT_TOLERANCE) return { direction: 1, reason };
  return keptRatio > WANTED_KEPT_RATIO + KEPT_TOLERANCE ? { direction: -1, reason } : null;
};

const byOverconfidence = ({ overconfidence }: KnobEvidence): Proposal | null => {
  if (overconfidence === null || Math.abs(overconfidence) <= CONFIDENCE_TOLERANCE) return null;
  const reason = `confidence is ${overconfidence.toFixed(3)} above what labels confirm`;
  return { direction: overconfidence > 0 ? 1 : -1, reason };
};

/** Up while the market drifts, back to where it started when it no longer does. */
const byDrift =
  (whenDrifting: 1 | -1, start: number) =>
  ({ driftScore }: KnobEvidence, knob: KnobController): Proposal | null => {
    const reason = `drift score is ${driftScore.toFixed(3)}`;
    if (driftScore > HIGH_DRIFT_SCORE) return { direction: whenDrifting, reason };
    const isMoved = whenDrifting === 1 ? knob.value > start : knob.value < start;
    return driftScore < LOW_DRIFT_SCORE && isMoved ? { direction: whenDrifting === 1 ? -1 : 1, reason } : null;
  };

const live = (options: { name: string; start: number; min: number; max: number; step: number }): KnobController =>
  new KnobController({ ...options, mode: 'live', settleCandles: SETTLE_CANDLES });

/** The four knobs feedback may turn. Only one trial runs at a time, so that every verdict has one cause. */
export class KnobBoard {
  readonly #margin: KnobController;
  readonly #share: KnobController;
  readonly #temperature: KnobController;
  readonly #cap: KnobController;
  readonly #boards: readonly Board[];
  readonly #triedAt: number[];

  constructor(start: FeedbackKnobs) {
    const { transitionMarginRatio, shareRatio, temperature, learnerCapRatio } = start;
    this.#margin = live({
      name: 'transitionMarginRatio',
      start: transitionMarginRatio,
      min: 0.15,
      max: 0.6,
      step: 0.05,
    });
    this.#share = live({ name: 'shareRatio', start: shareRatio, min: 0.0005, max: 0.01, step: 0.001 });
    this.#temperature = new KnobController({
      name: 'temperature',
      start: temperature,
      min: 0.7,
      max: 2,
      step: 0.1,
      mode: 'shadow',
    });
    this.#cap = live({ name: 'learnerCapRatio', start: learnerCapRatio, min: 0, max: 0.3, step: 0.1 });
    this.#boards = [
      { knob: this.#temperature, propose: byOverconfidence },
      { knob: this.#margin, propose: byKeptRatio },
      { knob: this.#share, propose: byDrift(1, shareRatio) },
      { knob: this.#cap, propose: byDrift(-1, learnerCapRatio) },
    ];
    this.#triedAt = this.#boards.map(() => -RETRY_CANDLES);
  }

  get values(): FeedbackKnobs {
    return {
      transitionMarginRatio: this.#margin.value,
      shareRatio: this.#share.value,
      temperature: this.#temperature.value,
      learnerCapRatio: this.#cap.value,
    };
  }

  /** The temperature in use and the one on trial in the shadow, if any. */
  get temperatureTrial(): { readonly used: number; readonly candidate: number } | null {
    const { value, candidate } = this.#temperature;
    return candidate === null ? null : { used: value, candidate };
  }

  get trials(): readonly {
    readonly name: string;
    readonly candidate: number | null;
    readonly history: readonly KnobRecord[];
  }[] {
    return this.#boards.map(({ knob: { name, candidate, history } }) => ({ name, candidate, history }));
  }

  /** Takes in what a candle cost; `cooled` is the same with the temperature on trial. */
  observe(scores: KnobScores, cooled: KnobScores | null): void {
    for (const { knob } of this.#boards) knob.observe(scores, knob === this.#temperature ? cooled : null);
  }

  /** Starts at most one trial, for the first knob whose evidence asks for it. */
  propose(evidence: KnobEvidence): void {
    if (this.#boards.some(({ knob }) => knob.candidate !== null)) return;
    for (const [index, { knob, propose }] of this.#boards.entries()) {
      if (evidence.atCandle - (this.#triedAt[index] ?? 0) < RETRY_CANDLES) continue;
      const proposal = propose(evidence, knob);
      if (proposal === null || !knob.propose({ ...proposal, atCandle: evidence.atCandle })) continue;
      this.#triedAt[index] = evidence.atCandle;
      return;
    }
  }

  save(): KnobBoardState {
    return {
      knobs: this.#boards.map(({ knob }) => knob.save()),
      triedAt: [...this.#triedAt],
    };
  }

  restore({ knobs, triedAt }: KnobBoardState): void {
    this.#boards.forEach(({ knob }, index) => {
      const saved = knobs[index];
      if (saved !== undefined) knob.restore(saved);
    });
    triedAt.forEach((candle, index) => {
      this.#triedAt[index] = candle;
    });
  }
}
