import type { Redis } from 'ioredis';

/**
 * Tells Redis which entries are done, those of one turn of the event loop together. Nobody waits for it: an acknowledgment that is lost
 * costs one more delivery, which is taken for the duplicate it is.
 */
export class Acknowledgments {
  readonly #redis: Redis;
  readonly #group: string;
  readonly #done = new Map<string, string[]>();
  #sent: Promise<unknown> = Promise.resolve();

  constructor(redis: Redis, group: string) {
    this.#redis = redis;
    this.#group = group;
  }

  add(stream: string, entryId: string): void {
    if (this.#done.size === 0) setImmediate(() => void this.flush());
    const ids = this.#done.get(stream);
    if (ids === undefined) this.#done.set(stream, [entryId]);
    else ids.push(entryId);
  }

  /** Resolves once Redis has answered, or cannot: a process that ends waits for it, for a parked event has no inbox row to tell it by. */
  async flush(): Promise<void> {
    const asked = [...this.#done].map(([stream, ids]) => this.#redis.xack(stream, this.#group, ...ids));
    this.#done.clear();
    this.#sent = Promise.allSettled([this.#sent, ...asked]);
    await this.#sent;
  }
}
