import type { Component } from '@qt/service-kit';
import type { VenueState } from '../domain/venue-types.ts';
import type { Venue } from '../domain/venue.ts';
import type { MarketDrive } from './market-drive.ts';

const TICK_MS = 50;
/** How long a market at full speed plays before it lets clients have their turn. */
const SLICE_MS = 10;

interface FreeRunDeps {
  readonly venue: Pick<Venue, 'nowMs'> & { state(): VenueState };
  readonly drive: Pick<MarketDrive, 'moveTo' | 'closeCandles' | 'settle'>;
  /** Market time per wall time, or as fast as the machine and the listening sockets can. */
  readonly pace: number | 'max';
  /** Whether market time starts as the wall clock's: what the market has missed of the present interval is played at once. */
  readonly isNow: boolean;
  readonly wallMs: () => number;
}

/** Moves the market by itself, `pace` times as fast as the wall clock. A late tick is made up for; no candle is skipped. */
export class FreeRun implements Component {
  readonly name = 'market';
  readonly #deps: FreeRunDeps;
  #timer: NodeJS.Timeout | undefined;
  #isPaused = false;

  constructor(deps: FreeRunDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const { venue, pace, isNow, wallMs } = this.#deps;
    const wallStartMs = wallMs();
    if (isNow) this.#runTo(wallStartMs);
    if (pace === 'max') {
      setImmediate(() => void this.#rush());
      return;
    }
    const marketStartMs = isNow ? wallStartMs : venue.nowMs;
    this.#timer = setInterval(() => this.#runTo(marketStartMs + (wallMs() - wallStartMs) * pace), TICK_MS);
  }

  async stop(): Promise<void> {
    this.pause();
  }

  /** Lets time stand still from now on; orders are still taken. */
  pause(): void {
    this.#isPaused = true;
    clearInterval(this.#timer);
  }

  #runTo(targetMs: number): void {
    const { venue, drive } = this.#deps;
    const untilMs = Math.floor(targetMs);
    for (let state = venue.state(); !state.isFinished && state.nextCloseMs <= untilMs; state = venue.state()) {
      this.#playCandle(state);
      if (venue.state().nextCloseMs === state.nextCloseMs) return;
    }
    if (!venue.state().isFinished) drive.moveTo(untilMs);
  }

  /** Plays slice after slice. Sockets receive each slice before the next begins, so that a slow one cannot pile it up. */
  async #rush(): Promise<void> {
    const { venue, drive, wallMs } = this.#deps;
    while (!this.#isPaused && !venue.state().isFinished) {
      const untilWallMs = wallMs() + SLICE_MS;
      do this.#playCandle(venue.state());
      while (!venue.state().isFinished && wallMs() < untilWallMs);
      await drive.settle();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #playCandle({ nextCloseMs }: VenueState): void {
    this.#deps.drive.moveTo(nextCloseMs);
    this.#deps.drive.closeCandles();
  }
}
