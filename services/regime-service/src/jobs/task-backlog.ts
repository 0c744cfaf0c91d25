import { importanceOfRequest, keyOf, type TaskRequest } from './task-request.ts';

/** A request that has not reached the queue yet. */
export interface PendingRequest {
  readonly taskId: string;
  readonly request: TaskRequest;
  /** Wall time. */
  readonly requestedAtMs: number;
}

const isBetter = (one: TaskRequest, other: TaskRequest): boolean => {
  const gain = importanceOfRequest(one) - importanceOfRequest(other);
  return gain > 0 || (gain === 0 && (one.slotMs ?? 0) > (other.slotMs ?? 0));
};

/** Requests on their way to the queue, one per key: bounded by what can be asked for, however long Redis is away. */
export class TaskBacklog {
  readonly #pending = new Map<string, PendingRequest>();

  get size(): number {
    return this.#pending.size;
  }

  /** Puts a request in unless one of its key is there that is as important; of a routine's turns the last one stays. */
  put(pending: PendingRequest): void {
    const key = keyOf(pending.request);
    const there = this.#pending.get(key);
    if (there === undefined || isBetter(pending.request, there.request)) this.#pending.set(key, pending);
  }

  has(request: TaskRequest): boolean {
    return this.#pending.has(keyOf(request));
  }

  /** Returns what waits now, the most important first. */
  list(): readonly PendingRequest[] {
    return [...this.#pending.values()].toSorted(
      (one, other) => importanceOfRequest(other.request) - importanceOfRequest(one.request),
    );
  }

  /** Takes one out that has reached the queue, unless another has taken its place meanwhile. */
  remove(pending: PendingRequest): void {
    const key = keyOf(pending.request);
    if (this.#pending.get(key) === pending) this.#pending.delete(key);
  }
}
