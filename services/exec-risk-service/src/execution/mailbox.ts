import type { UserStreamHandlers } from '@qt/exchange-client';
import type { Decimal } from '@qt/kernel';

export type OrderUpdate = Parameters<UserStreamHandlers['onOrder']>[0];

/** Everything that comes to the money loop, in the order of arrival. */
export type Letter =
  | {
      readonly kind: 'mark';
      readonly symbol: string;
      readonly markPrice: Decimal;
      readonly occurredAtMs: number;
    }
  | { readonly kind: 'order'; readonly update: OrderUpdate; readonly occurredAtMs: number }
  | { readonly kind: 'account'; readonly reason: string; readonly occurredAtMs: number }
  | { readonly kind: 'setup'; readonly symbol: string | null; readonly what: string; readonly occurredAtMs: number }
  | { readonly kind: 'stream_opened' }
  | { readonly kind: 'stream_lost'; readonly reason: string }
  /** What followed a signal has failed after its decision was committed: memory and record may differ. */
  | { readonly kind: 'step_failed'; readonly error: unknown };

/** Letters wait here until the money loop takes them; a step that waits for its own fills may look ahead. */
export class Mailbox {
  readonly #letters: Letter[] = [];
  #waiting: (() => void) | null = null;
  readonly #onLetter: () => void;

  constructor(onLetter: () => void) {
    this.#onLetter = onLetter;
  }

  get size(): number {
    return this.#letters.length;
  }

  put(letter: Letter): void {
    this.#letters.push(letter);
    this.#waiting?.();
    this.#onLetter();
  }

  /** Returns the next letter; what happened before a mark goes before it, for it comes on another socket and may arrive later. */
  next(): Letter | null {
    const [first] = this.#letters;
    if (first?.kind !== 'mark') return this.#letters.shift() ?? null;
    const earlier = this.#letters.findIndex(
      (letter) => letter.kind !== 'mark' && 'occurredAtMs' in letter && letter.occurredAtMs <= first.occurredAtMs,
    );
    return this.#letters.splice(Math.max(0, earlier), 1)[0] ?? null;
  }

  /** Returns the order updates that `wanted` accepts; they keep their turn and are handled again then, as old news. */
  peekOrders(wanted: (update: OrderUpdate) => boolean): OrderUpdate[] {
    return this.#letters.flatMap((letter) => (letter.kind === 'order' && wanted(letter.update) ? [letter.update] : []));
  }

  /** Resolves at the next letter, or with `false` after `waitMs` of wall time. */
  async untilNext(waitMs: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), waitMs);
    this.#waiting = () => resolve(true);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting = null;
    }
  }
}
