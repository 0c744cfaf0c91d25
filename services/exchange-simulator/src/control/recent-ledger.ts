import type { LedgerRecord } from '../domain/venue-types.ts';

const KEPT = 100;

/** The last records of the ledger, for those who look on. */
export class RecentLedger {
  #records: LedgerRecord[] = [];

  note(record: LedgerRecord): void {
    this.#records.push(record);
    if (this.#records.length >= 2 * KEPT) this.#records = this.#records.slice(-KEPT);
  }

  /** Oldest first. */
  last(count: number): readonly LedgerRecord[] {
    return this.#records.slice(-Math.min(count, KEPT));
  }
}
