import type { Envelope, InboxStore } from '@qt/contracts';

const PAGE = 500;
const SWEEP_EVERY_MS = 500;
/** While entries keep coming nothing is swept, but not for longer than this. */
const SWEEP_AT_LEAST_EVERY_MS = 5_000;

export interface MissingEventsOptions {
  readonly consumer: string;
  readonly types: readonly string[];
  readonly inbox: InboxStore;
  readonly apply: (envelope: Envelope) => Promise<void>;
  /** Gives a job its turn among the events of the streams. */
  readonly inLine: (job: () => Promise<void>) => Promise<void>;
  readonly onRecovered: (type: string, count: number) => void;
}

/** Finds in the outbox what Redis has not delivered, and applies it in the order it was said. */
export class MissingEvents {
  readonly #options: MissingEventsOptions;
  #suspects: ReadonlySet<string> = new Set();
  #sweptMs = 0;

  constructor(options: MissingEventsOptions) {
    this.#options = options;
  }

  /** Applies what was missing at the last sweep and still is: an event on its way is not missing. */
  async sweep(isCaughtUp: boolean): Promise<void> {
    const nowMs = performance.now();
    if (nowMs - this.#sweptMs < (isCaughtUp ? SWEEP_EVERY_MS : SWEEP_AT_LEAST_EVERY_MS)) return;
    this.#sweptMs = nowMs;
    const missing = await this.#list(this.#options.types);
    const lost = missing.filter(({ id }) => this.#suspects.has(id));
    await this.#applyInLine(lost);
    this.#suspects = new Set(missing.map(({ id }) => id));
  }

  /** Applies everything missing: after the streams were lost nothing is on its way. */
  async recoverAll(): Promise<void> {
    for (;;) {
      const missing = await this.#list(this.#options.types);
      await this.#applyInLine(missing);
      if (missing.length < PAGE) return;
    }
  }

  /** Applies what the same producer said before `envelope`, which has its turn now. Returns how many were found. */
  async recoverBefore(envelope: Envelope): Promise<number> {
    let found = 0;
    for (;;) {
      const missing = await this.#list([envelope.type]);
      const earlier = missing.filter(
        ({ source, producerSeq }) => source === envelope.source && producerSeq < envelope.producerSeq,
      );
      await this.#apply(earlier);
      found += earlier.length;
      if (missing.length < PAGE || earlier.length === 0) return found;
    }
  }

  #list(types: readonly string[]): Promise<Envelope[]> {
    return this.#options.inbox.listMissing(this.#options.consumer, types, 0, PAGE);
  }

  async #applyInLine(envelopes: readonly Envelope[]): Promise<void> {
    if (envelopes.length > 0) await this.#options.inLine(() => this.#apply(envelopes));
  }

  async #apply(envelopes: readonly Envelope[]): Promise<void> {
    for (const envelope of envelopes) {
      await this.#options.apply(envelope);
      this.#options.onRecovered(envelope.type, 1);
    }
  }
}
