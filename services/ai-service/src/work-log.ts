import { type Candle, closedAtMs } from '@qt/contracts';
import type { Clock } from '@qt/kernel';
import type { MadeDecision } from './domain/decision-row.ts';

/** What the service has done since it started, as its health page tells it. */
export class WorkLog {
  readonly #clock: Clock;
  #signals = 0;
  #holds = 0;
  #warmups = 0;
  #predictions = 0;
  #lastCandleClosedAtMs: number | null = null;
  #lastDecisionMonotonicMs: number | null = null;

  /** `clock`: market time, against which the age of a candle is measured. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(candle: Candle, decision: MadeDecision): void {
    if (decision.kind === 'signal') this.#signals += 1;
    else if (decision.kind === 'hold') this.#holds += 1;
    else this.#warmups += 1;
    this.#predictions += decision.votes.length;
    this.#lastCandleClosedAtMs = Math.max(this.#lastCandleClosedAtMs ?? 0, closedAtMs(candle));
    this.#lastDecisionMonotonicMs = performance.now();
  }

  facts() {
    const lastCandle = this.#lastCandleClosedAtMs;
    const lastDecision = this.#lastDecisionMonotonicMs;
    return {
      signals_generated: this.#signals,
      holds: this.#holds,
      candles_while_warming: this.#warmups,
      predictions_made: this.#predictions,
      last_candle_closed_at_ms: lastCandle,
      last_candle_age_seconds: lastCandle === null ? null : secondsOf(this.#clock.nowMs() - lastCandle),
      last_decision_age_seconds: lastDecision === null ? null : secondsOf(performance.now() - lastDecision),
    };
  }
}

const secondsOf = (durationMs: number): number => Math.max(0, Math.round(durationMs) / 1_000);
