interface Waiter {
  readonly isDone: () => boolean;
  readonly resolve: () => void;
}

/** Lets callers wait for a condition that is looked at again whenever something has moved. */
export class IdleWatch {
  readonly #waiters = new Set<Waiter>();

  /** Resolves once `isDone`. Rejects with the signal's reason. */
  until(isDone: () => boolean, signal?: AbortSignal): Promise<void> {
    if (isDone()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#waiters.delete(waiter);
        reject(signal?.reason instanceof Error ? signal.reason : new Error('waiting was given up'));
      };
      const waiter: Waiter = {
        isDone,
        resolve: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
      };
      if (signal?.aborted === true) return abort();
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  notify(): void {
    for (const waiter of this.#waiters) {
      if (!waiter.isDone()) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }
}
