import { type Clock, wallClock } from '@qt/kernel';
import type { Logger } from '@qt/service-kit';

/** What is lowered meanwhile, for whoever wants to know. */
export interface Reduced {
  readonly name: string;
  readonly effect: string;
}

export interface ReductionView {
  readonly isActive: boolean;
  /** Wall clock, ISO; null while nothing is reduced. */
  readonly since: string | null;
  readonly until: string | null;
  readonly reason: string | null;
  readonly reduced: readonly Reduced[];
  /** Kinds of task that do not begin meanwhile. */
  readonly pausedTasks: readonly string[];
}

/** Work that can wait, or be less: it is lowered while load is reduced. */
export interface Pausable extends Reduced {
  /** Kinds of task that do not begin while it is paused. */
  readonly tasks?: readonly string[];
  pause(): void;
  resume(): void;
}

export interface LoadReductionOptions {
  readonly logger: Logger;
  /** Of the wall, whatever the market's time is: an operator's minutes. */
  readonly clock?: Clock;
  /** Told of each begin and end. */
  readonly onChange?: (isActive: boolean) => void;
}

export interface ReductionWish {
  readonly minutes: number;
  /** A sentence for whoever finds the service like that. */
  readonly reason: string | null;
}

/**
 * Lowers what can wait for a bounded time. The way of a candle is never touched: regimes go on being classified and published. What the
 * engines learn with each candle is part of that: without it other regimes would be said, and a replay would not say the same.
 *
 * Lives in memory: a process that starts anew does all of its work again.
 */
export class LoadReduction {
  readonly #options: LoadReductionOptions;
  readonly #clock: Clock;
  readonly #pausables: Pausable[] = [];
  #timer: NodeJS.Timeout | null = null;
  #sinceMs = 0;
  #untilMs = 0;
  #reason: string | null = null;

  constructor(options: LoadReductionOptions) {
    this.#options = options;
    this.#clock = options.clock ?? wallClock;
  }

  get isActive(): boolean {
    return this.#timer !== null;
  }

  /** Until its end; 0 while nothing is reduced. */
  get remainingMs(): number {
    return this.isActive ? Math.max(0, this.#untilMs - this.#clock.nowMs()) : 0;
  }

  add(pausable: Pausable): void {
    this.#pausables.push(pausable);
    if (this.isActive) pausable.pause();
  }

  /** Begins, or gives the one that is under way another end: told twice, it is the same as told once. */
  begin({ minutes, reason }: ReductionWish): void {
    const nowMs = this.#clock.nowMs();
    if (this.#timer === null) {
      this.#sinceMs = nowMs;
      for (const pausable of this.#pausables) pausable.pause();
    } else clearTimeout(this.#timer);
    this.#untilMs = nowMs + minutes * 60_000;
    this.#reason = reason;
    this.#timer = setTimeout(() => this.end('its time is over'), minutes * 60_000);
    this.#timer.unref();
    const reduced = this.#pausables.map(({ name }) => name);
    this.#options.logger.warn('load reduced', { minutes, reason, reduced, audit: true });
    this.#options.onChange?.(true);
  }

  /** Ends it; nothing happens when there is none. */
  end(because: string): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#reason = null;
    for (const pausable of this.#pausables) pausable.resume();
    this.#options.logger.info('load no longer reduced', { because, audit: true });
    this.#options.onChange?.(false);
  }

  view(): ReductionView {
    if (!this.isActive)
      return { isActive: false, since: null, until: null, reason: null, reduced: [], pausedTasks: [] };
    return {
      isActive: true,
      since: new Date(this.#sinceMs).toISOString(),
      until: new Date(this.#untilMs).toISOString(),
      reason: this.#reason,
      reduced: this.#pausables.map(({ name, effect }) => ({ name, effect })),
      pausedTasks: this.#pausables.flatMap(({ tasks = [] }) => tasks),
    };
  }
}
