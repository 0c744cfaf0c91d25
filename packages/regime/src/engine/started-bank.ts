import { ExpertBank, type ExpertBankState } from '../expert-bank.ts';
import type { Observation } from '../likelihood-filter.ts';
import { REGIME_COUNT } from '../regime-fold.ts';
import type { BaseView } from '../scoring/scoring-method.ts';

export interface StartedBankState {
  readonly start: readonly Observation[];
  readonly startLogRange: number | null;
  readonly bank: ExpertBankState | null;
}

/** Candles whose median log range gives the levels from which the bank starts. */
export const START_CANDLES = 100;
// The log range of a market that never moved in its first candles; any finite value would do.
const MOTIONLESS_LOG_RANGE = Math.log(1e-6);
const UNKNOWN_POSTERIOR = new Float64Array(REGIME_COUNT).fill(1 / REGIME_COUNT);

const medianOf = (values: readonly number[]): number => {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? MOTIONLESS_LOG_RANGE;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
};

/** The bank of base filters with its start: before it has seen enough candles nothing is known and every regime has 1/18. */
export class StartedBank implements BaseView {
  #start: Observation[] = [];
  #startLogRange: number | null = null;
  #bank: ExpertBank | null = null;

  get posterior(): Float64Array {
    return this.#bank?.posterior ?? UNKNOWN_POSTERIOR;
  }
  get logDensity(): number {
    return this.#bank?.logDensity ?? 0;
  }
  get driftMild(): number {
    return this.#bank?.driftMild ?? 0.33;
  }
  get driftStrong(): number {
    return this.#bank?.driftStrong ?? 0.8;
  }
  get arTrending(): number {
    return this.#bank?.arTrending ?? 0.15;
  }
  get arReverting(): number {
    return this.#bank?.arReverting ?? -0.4;
  }

  /** Zero while nothing is known. */
  returnScale(volatility: number): number {
    return this.#bank?.returnScale(volatility) ?? 0;
  }

  update(observation: Observation): void {
    if (this.#bank !== null) this.#bank.update(observation);
    else this.#collectStart(observation);
  }

  save(): StartedBankState {
    return { start: [...this.#start], startLogRange: this.#startLogRange, bank: this.#bank?.save() ?? null };
  }

  restore(state: StartedBankState): void {
    this.#start = [...state.start];
    this.#startLogRange = state.startLogRange;
    this.#bank = null;
    if (state.startLogRange === null || state.bank === null) return;
    this.#bank = new ExpertBank(state.startLogRange);
    this.#bank.restore(state.bank);
  }

  #collectStart(observation: Observation): void {
    this.#start.push(observation);
    if (this.#start.length < START_CANDLES) return;
    this.#startLogRange = medianOf(this.#start.map(({ logRange }) => logRange ?? MOTIONLESS_LOG_RANGE));
    this.#bank = new ExpertBank(this.#startLogRange);
    for (const early of this.#start) this.#bank.update(early);
    this.#start = [];
  }
}
