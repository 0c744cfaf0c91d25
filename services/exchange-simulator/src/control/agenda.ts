interface Entry {
  readonly dueMs: number;
  readonly run: () => void;
}

/** What is to happen at given market times. The market stops at each of them on its way. */
export class Agenda {
  #entries: Entry[] = [];

  /** Puts an entry down; at the same time they run in the order in which they came. */
  at(dueMs: number, run: () => void): void {
    const behind = this.#entries.findIndex((entry) => entry.dueMs > dueMs);
    this.#entries.splice(behind < 0 ? this.#entries.length : behind, 0, { dueMs, run });
  }

  /** Market time of the next entry, null when there is none. */
  get nextMs(): number | null {
    return this.#entries[0]?.dueMs ?? null;
  }

  /** Runs what is due, and what that puts down for the same moment. */
  runDue(nowMs: number): void {
    for (let next = this.#entries[0]; next !== undefined && next.dueMs <= nowMs; next = this.#entries[0]) {
      this.#entries.shift();
      next.run();
    }
  }
}
