import { closeSync, openSync, writeSync } from 'node:fs';
import { AppError, messageOf } from '@qt/kernel';
import type { WireIds } from '../answers/wire-ids.ts';
import type { LedgerRecord } from '../domain/venue-types.ts';

const ID_KEYS = new Set(['orderId', 'algoId']);
const LARGEST_BUFFER_LINES = 1_000;

/** The venue's append-only record on disk, one JSON line each. A line has reached the operating system before any answer that follows from it. */
export class LedgerFile {
  readonly name = 'ledger';
  readonly #file: number | null;
  readonly #ids: WireIds;
  #lines: string[] = [];
  #failure: AppError | null = null;

  /** `goesOn`: after the lines that are there. Without a path nothing is kept. Throws: LEDGER_UNWRITABLE. */
  constructor(path: string | undefined, ids: WireIds, { goesOn = false } = {}) {
    this.#ids = ids;
    try {
      this.#file = path === undefined ? null : openSync(path, goesOn ? 'a' : 'w', 0o644);
    } catch (cause) {
      const message = `The ledger file ${path} cannot be opened: ${messageOf(cause)}. Give another SIM_LEDGER_FILE`;
      throw new AppError('LEDGER_UNWRITABLE', message, { retryable: false, cause });
    }
  }

  readonly #printIds = (key: string, value: unknown): unknown =>
    ID_KEYS.has(key) && typeof value === 'number' ? this.#ids.print(value) : value;

  append(record: LedgerRecord): void {
    if (this.#file === null) return;
    this.#lines.push(this.#ids.isLarge ? JSON.stringify(record, this.#printIds) : JSON.stringify(record));
    if (this.#lines.length >= LARGEST_BUFFER_LINES) this.flush();
  }

  /** Throws: LEDGER_UNWRITABLE, and from then on always: after a gap no line may follow. */
  flush(): void {
    if (this.#failure !== null) throw this.#failure;
    if (this.#file === null || this.#lines.length === 0) return;
    const bytes = Buffer.from(`${this.#lines.join('\n')}\n`);
    this.#lines = [];
    try {
      // A disk that is nearly full takes a part.
      for (let written = 0; written < bytes.length; ) written += writeSync(this.#file, bytes, written);
    } catch (cause) {
      const message = `The ledger file cannot be written: ${messageOf(cause)}. What is not in it is not answered, so the venue ends here`;
      this.#failure = new AppError('LEDGER_UNWRITABLE', message, { retryable: false, cause });
      throw this.#failure;
    }
  }

  close(): void {
    this.flush();
    if (this.#file !== null) closeSync(this.#file);
  }
}
