import { AppError } from '@qt/kernel';

export interface ReadingLimits {
  /** Readings at once. */
  readonly atOnce: number;
  /** Readings that may wait for their turn. */
  readonly waiting: number;
}

/**
 * Lets a few readings of the database through at once and makes the others wait: candles are written over the same connections, and
 * must find one free however many ask for history.
 */
export class ReadingTurns {
  #limits: ReadingLimits;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limits: ReadingLimits) {
    this.#limits = limits;
  }

  /** Sets other limits; what runs and waits already is not turned away. */
  allow(limits: ReadingLimits): void {
    this.#limits = limits;
    while (this.#running < limits.atOnce && this.#waiting.length > 0) {
      this.#running += 1;
      this.#waiting.shift()?.();
    }
  }

  /** Throws: TOO_BUSY when too many wait already; what `read` throws. */
  async take<T>(read: () => Promise<T>): Promise<T> {
    const { atOnce, waiting } = this.#limits;
    if (this.#running < atOnce) this.#running += 1;
    else if (this.#waiting.length >= waiting)
      throw new AppError('TOO_BUSY', `${waiting} requests wait for the database already; try again later`, {
        retryable: true,
      });
    // Whoever ends hands the turn on: it is not free in between.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await read();
    } finally {
      // More may run than are allowed by now: then the turn is not handed on.
      const next = this.#running > this.#limits.atOnce ? undefined : this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
