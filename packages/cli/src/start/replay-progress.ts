import type { SimulatorState } from '@qt/testing';

const BAR_WIDTH = 30;
const REDRAW_MS = 100;
const LINE_EVERY_MS = 5_000;

const clock = (totalSeconds: number): string => {
  const seconds = Math.max(0, Math.round(totalSeconds));
  const rest = String(seconds % 60).padStart(2, '0');
  return seconds < 3_600
    ? `${Math.floor(seconds / 60)}:${rest}`
    : `${Math.floor(seconds / 3_600)}:${String(Math.floor((seconds % 3_600) / 60)).padStart(2, '0')}:${rest}`;
};

/** Shows how far a replay is: a bar on a terminal, a plain line now and then where the output is piped. */
export class ReplayProgress {
  readonly #out: NodeJS.WriteStream;
  readonly #startedMs = performance.now();
  #shownMs = Number.NEGATIVE_INFINITY;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  show(state: SimulatorState): void {
    const nowMs = performance.now();
    if (nowMs - this.#shownMs < (this.#out.isTTY ? REDRAW_MS : LINE_EVERY_MS)) return;
    this.#shownMs = nowMs;
    this.#write(state);
  }

  /** Shows the last state and leaves the line. */
  end(state: SimulatorState): void {
    this.#write(state);
    if (this.#out.isTTY) this.#out.write('\n');
  }

  /** Units: candles of all symbols together, per wall second. */
  candlesPerSecond(state: SimulatorState): number {
    return (
      (state.candlesPlayed * state.symbols.length) / Math.max(0.001, (performance.now() - this.#startedMs) / 1_000)
    );
  }

  #write(state: SimulatorState): void {
    const speed = this.candlesPerSecond(state);
    // The venue counts moments at which candles close; each closes one candle per symbol.
    const played = state.candlesPlayed * state.symbols.length;
    const total = (state.candlesTotal ?? 0) * state.symbols.length;
    const share = total === 0 ? 0 : Math.min(1, played / total);
    const left = speed === 0 ? '' : `, ${clock((total - played) / speed)} left`;
    const at = new Date(state.timeMs).toISOString().slice(0, 16).replace('T', ' ');
    const facts = `${played}/${total} candles, ${Math.round(speed)}/s${left}, ${at}, ${state.orders} orders`;
    if (!this.#out.isTTY) {
      this.#out.write(`replay ${(share * 100).toFixed(1)} %: ${facts}\n`);
      return;
    }
    const filled = Math.round(share * BAR_WIDTH);
    const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}`;
    this.#out.write(`\r\u001b[2K${bar} ${facts}`.slice(0, Math.max(40, (this.#out.columns ?? 120) + 4)));
  }
}
