import { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from './logger.ts';
import type { MeasuredMetric, Metrics } from './metrics.ts';

const LOOK_INTERVAL_MS = 200;
/** What may pass between two looks and count: a process that stood still for longer gave nobody the time to read. */
const LONGEST_LOOK_GAP_MS = 2 * LOOK_INTERVAL_MS;
/** Whoever takes this much within `maxMs` is reading, however much is left: 3.3 kB/s in 30 s, less than any line still carries. */
const PROGRESS_BYTES = 100_000;

export interface UnreadLimits {
  /** A client that is owed something and has taken next to nothing for so long is cut off. */
  readonly maxMs: number;
  /** Of all clients together; beyond it those are cut off that hold most for longest. */
  readonly maxBytes: number;
}

export const UNREAD_LIMITS: UnreadLimits = { maxMs: 30_000, maxBytes: 32_000_000 };

/** A client that is owed answers. */
interface Owed {
  readonly answers: Set<ServerResponse>;
  /** In time that the process was awake; null while nothing waits for it to read. */
  sinceMs: number | null;
  takenBytes: number;
}

interface Holder {
  readonly socket: Socket;
  readonly bytes: number;
  readonly heldMs: number;
}

export interface UnreadAnswersDeps {
  readonly limits: UnreadLimits;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/**
 * Cuts off clients that ask and do not read: an answer stays in memory until its client has taken it, and Node waits for that as long as
 * the client likes. Bounded by time for each client, and by bytes for all together. Sockets that were upgraded are not looked at.
 */
export class UnreadAnswers {
  readonly #deps: UnreadAnswersDeps;
  readonly #held: MeasuredMetric;
  readonly #owed = new Map<Socket, Owed>();
  #timer: NodeJS.Timeout | null = null;
  #lookedAtMs = 0;
  #awakeMs = 0;

  constructor(deps: UnreadAnswersDeps) {
    this.#deps = deps;
    this.#held = deps.metrics.gauge({ name: 'unread_answers_bytes', help: 'Answers that clients have not read yet.' });
    this.#held.set(0);
  }

  /** Returns the class of answers that are watched, for `createServer`: it sees each of them, whichever listener answers. */
  answerClass(): typeof ServerResponse {
    const begun = (answer: ServerResponse, socket: Socket): void => this.#begun(answer, socket);
    return class extends ServerResponse {
      // Node gives more than its types say.
      constructor(...given: ConstructorParameters<typeof ServerResponse>) {
        super(...given);
        begun(this, given[0].socket);
      }
    } as typeof ServerResponse;
  }

  stop(): void {
    this.#held.set(0);
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#owed.clear();
  }

  #begun(answer: ServerResponse, socket: Socket): void {
    let owed = this.#owed.get(socket);
    if (owed === undefined) {
      owed = { answers: new Set(), sinceMs: null, takenBytes: 0 };
      this.#owed.set(socket, owed);
    }
    const { answers } = owed;
    answers.add(answer);
    // Closed once the last byte is the system's, or the client is gone.
    answer.once('close', () => {
      answers.delete(answer);
      if (answers.size === 0 || socket.destroyed) this.#owed.delete(socket);
    });
    if (this.#timer !== null) return;
    this.#lookedAtMs = performance.now();
    this.#timer = setInterval(() => this.#look(), LOOK_INTERVAL_MS).unref();
  }

  #look(): void {
    if (this.#owed.size === 0) return this.stop();
    const { maxMs, maxBytes } = this.#deps.limits;
    const nowMs = performance.now();
    this.#awakeMs += Math.min(LONGEST_LOOK_GAP_MS, nowMs - this.#lookedAtMs);
    this.#lookedAtMs = nowMs;
    const holders = [...this.#owed].flatMap(([socket, owed]) => holderOf(socket, owed, this.#awakeMs));
    let bytes = holders.reduce((sum, holder) => sum + holder.bytes, 0);
    for (const holder of holders.toSorted((one, other) => weightOf(other) - weightOf(one))) {
      if (holder.heldMs < maxMs && bytes <= maxBytes) continue;
      bytes -= holder.bytes;
      this.#cutOff(holder);
    }
    this.#held.set(bytes);
  }

  #cutOff({ socket, bytes, heldMs }: Holder): void {
    const { metrics, logger } = this.#deps;
    const code = 'CLIENT_TOO_SLOW';
    metrics.errors.inc({ code });
    const facts = { code, address: socket.remoteAddress, bytes, heldMs: Math.round(heldMs) };
    logger.warn('a client that does not read its answer is cut off', facts);
    this.#owed.delete(socket);
    socket.destroy();
  }
}

const weightOf = ({ bytes, heldMs }: Holder): number => bytes * heldMs;

/** What the system has taken of a socket's bytes, as Node itself looks at it before it calls a socket idle; nothing public tells. */
interface NodeSocket {
  readonly _handle?: { readonly bytesWritten: number; readonly writeQueueSize: number } | null;
}

/** Returns how much a client has taken so far, also of the one write that is under way: a whole answer is one write. */
const takenBytesOf = (socket: Socket): number => {
  const { _handle: handle } = socket as NodeSocket;
  return handle ? handle.bytesWritten - handle.writeQueueSize : socket.bytesWritten - socket.writableLength;
};

/** Returns what a client holds, if anything. An answer behind another on the same connection has no socket of its own yet. */
const holderOf = (socket: Socket, owed: Owed, awakeMs: number): readonly Holder[] => {
  if (socket.destroyed) return [];
  let bytes = socket.writableLength;
  for (const answer of owed.answers) if (answer.socket === null) bytes += answer.writableLength;
  const takenBytes = takenBytesOf(socket);
  if (bytes === 0) owed.sinceMs = null;
  else if (owed.sinceMs === null || takenBytes - owed.takenBytes >= PROGRESS_BYTES) {
    owed.sinceMs = awakeMs;
    owed.takenBytes = takenBytes;
  }
  return owed.sinceMs === null ? [] : [{ socket, bytes, heldMs: awakeMs - owed.sinceMs }];
};
