import type { EnvelopeHead } from '@qt/contracts';

type Numbered = Pick<EnvelopeHead, 'source' | 'type' | 'producerSeq'>;

/** How far a consumer has come with each source and type: applied, or parked. */
export class SequenceTracker {
  readonly #handled = new Map<string, number>();

  /** Takes what the inbox says, keyed `source/type`. */
  seed(lastApplied: Readonly<Record<string, number>>): void {
    for (const [name, seq] of Object.entries(lastApplied)) this.#raise(name, seq);
  }

  handledSeq(source: string, type: string): number {
    return this.#handled.get(`${source}/${type}`) ?? 0;
  }

  advance({ source, type, producerSeq }: Numbered): void {
    this.#raise(`${source}/${type}`, producerSeq);
  }

  /** Whether events before this one have not been handled. */
  isAhead({ source, type, producerSeq }: Numbered): boolean {
    return producerSeq > this.handledSeq(source, type) + 1;
  }

  #raise(name: string, seq: number): void {
    if (seq > (this.#handled.get(name) ?? 0)) this.#handled.set(name, seq);
  }
}
