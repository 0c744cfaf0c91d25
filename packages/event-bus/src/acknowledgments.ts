import type { Redis } from 'ioredis';

/**
 * Tells Redis which entries are done, those of one turn of the event loop together. Nobody waits for it: an acknowledgment that is lost
 * costs one more delivery, which is taken for the duplicate it is.
 */
export class Acknowledgments {
  readonly #redis: Redis;
  readonly #group: string;
  readonly #done = new Map<string, string[]>();

  constructor(redis: Redis, group: string) {
    this.#redis = redis;
    this.#group = group;
  }

  add(stream: string, entryId: string): void {
    if (this.#done.size === 0) setImmediate(() => this.flush());
    const ids = this.#done.get(stream);
    if (ids === undefined) this.#done.set(stream, [entryId]);
    else ids.push(entryId);
  }

  flush(): void {
    for (const [stream, ids] of this.#done) this.#redis.xack(stream, this.#group, ...ids).catch(() => {});
    this.#done.clear();
  }
}
