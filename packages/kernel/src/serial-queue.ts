/**
 * Runs jobs one after another in the order they were given, and can say when nothing is left to do.
 * A job that throws rejects its own promise only; later jobs still run.
 */
export class SerialQueue {
  #tail: Promise<unknown> = Promise.resolve();
  #size = 0;
  readonly #waiters: (() => void)[] = [];

  /** Jobs waiting or running. */
  get size(): number {
    return this.#size;
  }

  run<T>(job: () => Promise<T> | T): Promise<T> {
    this.#size += 1;
    const result = this.#tail.then(job);
    this.#tail = result.then(
      () => this.#settle(),
      () => this.#settle(),
    );
    return result;
  }

  /** Resolves once no job is waiting or running. */
  idle(): Promise<void> {
    if (this.#size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  #settle(): void {
    this.#size -= 1;
    if (this.#size === 0) for (const resolve of this.#waiters.splice(0)) resolve();
  }
}
