import type { Component } from '@qt/service-kit';
import type { Venue } from '../domain/venue.ts';
import type { MarketDrive } from './market-drive.ts';

const TICK_MS = 50;

interface FreeRunDeps {
  readonly venue: Venue;
  readonly drive: MarketDrive;
  /** Market time per wall time. */
  readonly factor: number;
  readonly wallMs: () => number;
}

/** Moves the market by itself, `factor` times as fast as the wall clock. A late tick is made up for; no candle is skipped. */
export class FreeRun implements Component {
  readonly name = 'market';
  readonly #deps: FreeRunDeps;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: FreeRunDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const { venue, factor, wallMs } = this.#deps;
    const marketStartMs = venue.nowMs;
    const wallStartMs = wallMs();
    this.#timer = setInterval(() => this.#runTo(marketStartMs + (wallMs() - wallStartMs) * factor), TICK_MS);
  }

  async stop(): Promise<void> {
    this.pause();
  }

  /** Lets time stand still from now on; orders are still taken. */
  pause(): void {
    clearInterval(this.#timer);
  }

  #runTo(targetMs: number): void {
    const { venue, drive } = this.#deps;
    const untilMs = Math.floor(targetMs);
    for (let state = venue.state(); !state.isFinished && state.nextCloseMs <= untilMs; state = venue.state()) {
      drive.moveTo(state.nextCloseMs);
      drive.closeCandles();
      if (venue.state().nextCloseMs === state.nextCloseMs) return;
    }
    if (!venue.state().isFinished) drive.moveTo(untilMs);
  }
}
