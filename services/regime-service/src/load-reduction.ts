import type { Logger } from '@qt/service-kit';

export interface ReductionView {
  readonly isActive: boolean;
  /** Wall clock, ISO; null while nothing is reduced. */
  readonly since: string | null;
  readonly until: string | null;
  /** The components that are paused meanwhile. */
  readonly paused: readonly string[];
  /** What they do not begin meanwhile. */
  readonly pausedTasks: readonly string[];
}

/** Work that can wait: it is paused while load is reduced. */
export interface Pausable {
  readonly name: string;
  /** What does not begin while it is paused. */
  readonly tasks: readonly string[];
  pause(): void;
  resume(): void;
}

/**
 * Pauses what can wait for a bounded time. The way of a candle is never touched: regimes go on being classified and published. What the
 * engines learn with each candle is part of that: without it other regimes would be said, and a replay would not say the same.
 */
export class LoadReduction {
  readonly #logger: Logger;
  readonly #pausables: Pausable[] = [];
  #timer: NodeJS.Timeout | null = null;
  #sinceMs = 0;
  #untilMs = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get isActive(): boolean {
    return this.#timer !== null;
  }

  add(pausable: Pausable): void {
    this.#pausables.push(pausable);
  }

  /** Begins, or begins anew with another end. */
  begin(minutes: number): void {
    if (this.#timer === null) for (const pausable of this.#pausables) pausable.pause();
    else clearTimeout(this.#timer);
    this.#sinceMs = Date.now();
    this.#untilMs = this.#sinceMs + minutes * 60_000;
    this.#timer = setTimeout(() => this.end('its time is over'), minutes * 60_000);
    this.#timer.unref();
    this.#logger.warn('load reduced', { minutes, paused: this.view().paused, audit: true });
  }

  /** Ends it; nothing happens when there is none. */
  end(reason: string): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    for (const pausable of this.#pausables) pausable.resume();
    this.#logger.info('load no longer reduced', { reason, audit: true });
  }

  view(): ReductionView {
    const { isActive } = this;
    return {
      isActive,
      since: isActive ? new Date(this.#sinceMs).toISOString() : null,
      until: isActive ? new Date(this.#untilMs).toISOString() : null,
      paused: isActive ? this.#pausables.map(({ name }) => name) : [],
      pausedTasks: isActive ? this.#pausables.flatMap(({ tasks }) => tasks) : [],
    };
  }
}
