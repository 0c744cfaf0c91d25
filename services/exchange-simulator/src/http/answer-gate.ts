/**
 * Lets answers out once the ledger is on its way to disk. Answers that are ready within one turn of the event loop leave together after one
 * write: with many connections this saves most of the writes, and what an answer says is still in the file before the answer.
 */
export class AnswerGate {
  readonly #flushLedger: () => void;
  #waiting: (() => void)[] = [];

  constructor(flushLedger: () => void) {
    this.#flushLedger = flushLedger;
  }

  /** Calls `send` after the ledger was written, in the order in which the answers came. */
  release(send: () => void): void {
    this.#waiting.push(send);
    if (this.#waiting.length === 1) setImmediate(() => this.#open());
  }

  #open(): void {
    const ready = this.#waiting;
    this.#waiting = [];
    this.#flushLedger();
    for (const send of ready) send();
  }
}
