import { Aftermath } from './aftermath.ts';
import { DurationStatistics } from './duration-statistics.ts';
import { RegimeSequences } from './regime-sequences.ts';
import { TimeProfile } from './time-profile.ts';
import { TransitionCounts } from './transition-counts.ts';

export interface HistoryCandle {
  readonly openTimeMs: number;
  readonly regimeId: number;
  readonly close: number;
}

/** Everything that is found out about one market's history in one pass over its candles, in fixed memory. */
export class HistoryStatistics {
  readonly durations = new DurationStatistics();
  readonly transitions = new TransitionCounts();
  readonly timeProfile = new TimeProfile();
  readonly sequences = new RegimeSequences();
  readonly aftermath = new Aftermath();
  readonly #intervalMs: number;
  #candles = 0;
  #holes = 0;
  #firstMs: number | null = null;
  #last: HistoryCandle | null = null;
  #spellCandles = 0;
  /** The begin of the first spell after a hole was not seen: its length is not known. */
  #isSpellWhole = false;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  get candles(): number {
    return this.#candles;
  }

  /** Places where candles are missing. */
  get holes(): number {
    return this.#holes;
  }

  /** Open times of the first and the last candle; null before the first. */
  get span(): { readonly fromMs: number; readonly toMs: number } | null {
    return this.#firstMs === null || this.#last === null
      ? null
      : { fromMs: this.#firstMs, toMs: this.#last.openTimeMs };
  }

  /** Takes the next candle, in order of time. */
  add(candle: HistoryCandle): void {
    const { openTimeMs, regimeId, close } = candle;
    const last = this.#last;
    this.#firstMs ??= openTimeMs;
    this.#candles += 1;
    if (last === null || openTimeMs - last.openTimeMs !== this.#intervalMs) this.#begin(last !== null, regimeId);
    else if (last.regimeId === regimeId) this.#spellCandles += 1;
    else this.#change(last.regimeId, regimeId);
    this.timeProfile.add(openTimeMs, regimeId);
    this.aftermath.add(regimeId, close);
    this.#last = candle;
  }

  #begin(isAfterHole: boolean, regimeId: number): void {
    if (isAfterHole) this.#holes += 1;
    this.sequences.cut();
    this.aftermath.cut();
    this.sequences.next(regimeId);
    this.#spellCandles = 1;
    this.#isSpellWhole = false;
  }

  #change(from: number, to: number): void {
    if (this.#isSpellWhole) this.durations.add(from, this.#spellCandles);
    this.transitions.add(from, to);
    this.sequences.next(to);
    this.#spellCandles = 1;
    this.#isSpellWhole = true;
  }
}
