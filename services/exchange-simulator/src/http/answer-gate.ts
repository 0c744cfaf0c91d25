/** An answer that is ready. */
interface Leaving {
  readonly send: () => void;
  /** Ends the connection without an answer. */
  readonly cut: () => void;
}

/**
 * Lets answers out once the ledger is on its way to disk. Answers that are ready within one turn of the event loop leave together after one
 * write: with many connections this saves most of the writes, and what an answer says is still in the file before the answer.
 */
export class AnswerGate {
  readonly #flushLedger: () => void;
  readonly #reportDefect: (thrown: unknown) => void;
  #waiting: Leaving[] = [];

  constructor(flushLedger: () => void, reportDefect: (thrown: unknown) => void) {
    this.#flushLedger = flushLedger;
    this.#reportDefect = reportDefect;
  }

  /** Sends after the ledger was written, in the order in which the answers came. What cannot be sent ends its own connection. */
  release(leaving: Leaving): void {
    this.#waiting.push(leaving);
    if (this.#waiting.length === 1) setImmediate(() => this.#open());
  }

  #open(): void {
    const ready = this.#waiting;
    this.#waiting = [];
    this.#flushLedger();
    for (const { send, cut } of ready) {
      try {
        send();
      } catch (thrown) {
        this.#reportDefect(thrown);
        cut();
      }
    }
  }
}
