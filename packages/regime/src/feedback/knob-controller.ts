import { invariant } from '@qt/kernel';
import { BlockMeans, type BlockMeansState, isLower, isWorse } from './block-means.ts';

export interface KnobOptions {
  readonly name: string;
  readonly start: number;
  readonly min: number;
  readonly max: number;
  /** How far one trial moves the value. */
  readonly step: number;
  /**
   * `live`: the candidate is used during its trial and compared with the candles before. `shadow`: the caller can compute what the
   * candidate would have cost, so the value in use stays until the candidate has won on the same candles.
   */
  readonly mode: 'live' | 'shadow';
  /** Candles after the start of a live trial that are not counted yet. Default 0. */
  readonly settleCandles?: number;
}

/** What one candle cost. */
export interface KnobScores {
  /** Log loss of the published probabilities, beyond what the label itself leaves open. */
  readonly logLoss: number;
  /** Cost of the published regime: how little of the label it holds, and a charge for each undone change. */
  readonly decisionLoss: number;
}

export interface KnobRecord {
  readonly atCandle: number;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
  readonly verdict: 'accepted' | 'reverted';
}

export interface KnobState {
  readonly value: number;
  readonly candidate: number | null;
  readonly startedAtCandle: number;
  readonly reason: string;
  readonly settleLeft: number;
  readonly windows: readonly BlockMeansState[];
  readonly history: readonly KnobRecord[];
}

const HISTORY_LIMIT = 8;
/** Values are rounded to a millionth: sums of steps read as what they mean. */
const VALUE_STEPS = 1e6;

/**
 * One number that may be moved within bounds, a step at a time. Each move is on trial for 500 counted candles and undone unless one
 * of the two losses got lower (one-sided test, p < .1) and the other no higher.
 */
export class KnobController {
  readonly name: string;
  readonly #options: Required<KnobOptions>;
  readonly #logReference = new BlockMeans();
  readonly #decisionReference = new BlockMeans();
  readonly #logTrial = new BlockMeans();
  readonly #decisionTrial = new BlockMeans();
  #value: number;
  #candidate: number | null = null;
  #startedAtCandle = 0;
  #reason = '';
  #settleLeft = 0;
  #history: KnobRecord[] = [];

  /** Throws: InvariantError when the start is out of bounds. */
  constructor(options: KnobOptions) {
    const { name, start, min, max, step } = options;
    invariant(min <= start && start <= max, `${name} starts within ${min} to ${max}, was ${start}`);
    invariant(step > 0, `${name} moves by a positive step, was ${step}`);
    this.name = name;
    this.#options = { settleCandles: 0, ...options };
    this.#value = start;
  }

  /** The value to use now. */
  get value(): number {
    return this.#candidate !== null && this.#options.mode === 'live' ? this.#candidate : this.#value;
  }

  /** The value on trial; null when there is none. */
  get candidate(): number | null {
    return this.#candidate;
  }

  /** Oldest first, at most eight. */
  get history(): readonly KnobRecord[] {
    return this.#history;
  }

  /** Starts a trial one step up or down. Returns false when one runs, nothing is known of the value in use, or a bound is reached. */
  propose({ direction, atCandle, reason }: { direction: 1 | -1; atCandle: number; reason: string }): boolean {
    const { min, max, step, mode, settleCandles } = this.#options;
    if (this.#candidate !== null) return false;
    if (mode === 'live' && !this.#logReference.isFull) return false;
    const moved = Math.round((this.#value + direction * step) * VALUE_STEPS) / VALUE_STEPS;
    const candidate = Math.min(max, Math.max(min, moved));
    if (candidate === this.#value) return false;
    this.#candidate = candidate;
    this.#startedAtCandle = atCandle;
    this.#reason = reason;
    this.#settleLeft = settleCandles;
    this.#logTrial.clear();
    this.#decisionTrial.clear();
    if (mode === 'shadow') {
      this.#logReference.clear();
      this.#decisionReference.clear();
    }
    return true;
  }

  /** Takes in what a candle cost with the value in use and, in the shadow, with the candidate. Returns a verdict when one falls. */
  observe(used: KnobScores, shadow: KnobScores | null = null): KnobRecord | null {
    const isShadow = this.#options.mode === 'shadow';
    if (this.#candidate === null || isShadow) {
      this.#logReference.add(used.logLoss);
      this.#decisionReference.add(used.decisionLoss);
    }
    if (this.#candidate === null) return null;
    if (this.#settleLeft > 0 && !isShadow) {
      this.#settleLeft -= 1;
      return null;
    }
    const counted = isShadow ? (shadow ?? used) : used;
    this.#logTrial.add(counted.logLoss);
    this.#decisionTrial.add(counted.decisionLoss);
    return this.#logTrial.isFull ? this.#judge(this.#candidate) : null;
  }

  save(): KnobState {
    return {
      value: this.#value,
      candidate: this.#candidate,
      startedAtCandle: this.#startedAtCandle,
      reason: this.#reason,
      settleLeft: this.#settleLeft,
      windows: this.#windows.map((window) => window.save()),
      history: [...this.#history],
    };
  }

  restore(state: KnobState): void {
    this.#value = state.value;
    this.#candidate = state.candidate;
    this.#startedAtCandle = state.startedAtCandle;
    this.#reason = state.reason;
    this.#settleLeft = state.settleLeft;
    this.#windows.forEach((window, index) => {
      const saved = state.windows[index];
      if (saved !== undefined) window.restore(saved);
    });
    this.#history = [...state.history];
  }

  get #windows(): readonly BlockMeans[] {
    return [this.#logReference, this.#decisionReference, this.#logTrial, this.#decisionTrial];
  }

  #judge(candidate: number): KnobRecord {
    const options = { isPaired: this.#options.mode === 'shadow' };
    const log = [this.#logTrial.blocks, this.#logReference.blocks] as const;
    const decision = [this.#decisionTrial.blocks, this.#decisionReference.blocks] as const;
    const isAccepted =
      (isLower(...log, options) && !isWorse(...decision)) || (isLower(...decision, options) && !isWorse(...log));
    const record: KnobRecord = {
      atCandle: this.#startedAtCandle,
      from: this.#value,
      to: candidate,
      reason: this.#reason,
      verdict: isAccepted ? 'accepted' : 'reverted',
    };
    this.#history.push(record);
    if (this.#history.length > HISTORY_LIMIT) this.#history.shift();
    if (isAccepted) this.#value = candidate;
    this.#candidate = null;
    // What the windows hold belongs to two different values: the next trial needs a reference of its own.
    this.#logReference.clear();
    this.#decisionReference.clear();
    return record;
  }
}
