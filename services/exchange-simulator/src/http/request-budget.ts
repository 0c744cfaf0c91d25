import { ProtocolError } from './protocol-error.ts';

const MINUTE_MS = 60_000;

interface RequestBudgetOptions {
  /** Requests in a window; null for any number. */
  readonly most: number | null;
  readonly minutes: number;
  readonly wallMs: () => number;
}

/** A number of requests within some minutes of wall time, apart from the weight that all others share. */
export class RequestBudget {
  readonly #options: RequestBudgetOptions;
  #window = -1;
  #count = 0;

  constructor(options: RequestBudgetOptions) {
    this.#options = options;
  }

  /** Throws: 429 -1003 when it is used up. */
  spend(): void {
    const { most, minutes, wallMs } = this.#options;
    const window = Math.floor(wallMs() / (minutes * MINUTE_MS));
    if (window !== this.#window) {
      this.#window = window;
      this.#count = 0;
    }
    this.#count += 1;
    if (most === null || this.#count <= most) return;
    throw new ProtocolError(
      -1003,
      `Too many requests; current limit is ${most} requests per ${minutes} minutes. Please use the websocket for live updates to avoid polling the API.`,
      429,
    );
  }
}
