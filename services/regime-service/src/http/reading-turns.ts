import { AppError } from '@qt/kernel';

export interface ReadingTurnsOptions {
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
  readonly #options: ReadingTurnsOptions;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: ReadingTurnsOptions) {
    this.#options = options;
  }

  /** Throws: TOO_BUSY when too many wait already; what `read` throws. */
  async take<T>(read: () => Promise<T>): Promise<T> {
    const { atOnce, waiting } = this.#options;
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
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
