/** Remembers at least the last `capacity` ids, and at most twice as many. */
export class RecentIds {
  readonly #capacity: number;
  #younger = new Set<string>();
  #older = new Set<string>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  has(id: string): boolean {
    return this.#younger.has(id) || this.#older.has(id);
  }

  add(id: string): void {
    this.#younger.add(id);
    if (this.#younger.size < this.#capacity) return;
    // Dropping a whole generation: deleting a Set's oldest entry one by one makes it walk over the holes.
    this.#older = this.#younger;
    this.#younger = new Set();
  }
}
