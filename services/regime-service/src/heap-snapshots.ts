import { appendFileSync, closeSync, openSync, readdirSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeHeapSnapshot } from 'node:v8';
import { type Clock, messageOf, wallClock } from '@qt/kernel';
import type { Logger } from '@qt/service-kit';

/** Snapshots that stay; older ones go when a new one is written. */
const KEPT_FILES = 3;
const MIN_GAP_MS = 60_000;
/** What a snapshot may take of the disk, at most, in heaps; less than that must not be left. */
const ROOM_HEAPS = 2;
/** A file unfinished for longer was left by a process that died. */
const LONGEST_WRITE_MS = 600_000;
const SNAPSHOT = /^heap-.+\.heapsnapshot$/;
const UNFINISHED = '.unfinished';

export interface HeapSnapshotsOptions {
  /** Where they go, and `memory_profile.log` with them. */
  readonly directory: string;
  readonly logger: Logger;
  readonly write?: (path: string) => unknown;
  readonly freeBytes?: (directory: string) => number;
  /** Of a clock that nobody sets: what the minute between two is measured with. */
  readonly nowMs?: () => number;
  /** Of file names, and of the age of files. */
  readonly clock?: Clock;
}

export type HeapSnapshotOutcome =
  | { readonly kind: 'written'; readonly path: string }
  | { readonly kind: 'refused'; readonly code: 'JUST_WRITTEN' | 'BEING_WRITTEN' | 'DISK_FULL'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

const freeBytesOf = (directory: string): number => {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
};

/**
 * Writes snapshots of the heap, few and far between: each stops the process for seconds (V8 walks the heap in one go, and knows no other
 * way) and is as large as the heap. The newest three stay.
 */
export class HeapSnapshots {
  readonly #options: Required<HeapSnapshotsOptions>;
  #endedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: HeapSnapshotsOptions) {
    const nowMs = (): number => performance.now();
    this.#options = { write: writeHeapSnapshot, freeBytes: freeBytesOf, nowMs, clock: wallClock, ...options };
  }

  /** Denies: JUST_WRITTEN, BEING_WRITTEN (by another process, in the same directory), DISK_FULL. */
  take(): HeapSnapshotOutcome {
    const outcome = this.#attempt();
    const { logger } = this.#options;
    if (outcome.kind === 'refused') {
      const { code: cause, reason } = outcome;
      logger.warn('heap snapshot refused', { code: 'HEAP_SNAPSHOT_REFUSED', cause, reason });
    } else if (outcome.kind === 'failed')
      logger.error('heap snapshot not written', { code: 'HEAP_SNAPSHOT_FAILED', reason: outcome.reason });
    return outcome;
  }

  #attempt(): HeapSnapshotOutcome {
    try {
      return this.#refusal() ?? this.#write();
    } catch (error) {
      return { kind: 'failed', reason: messageOf(error) };
    }
  }

  #refusal(): Extract<HeapSnapshotOutcome, { kind: 'refused' }> | null {
    const { directory, freeBytes, nowMs } = this.#options;
    const sinceMs = nowMs() - this.#endedAtMs;
    if (sinceMs < MIN_GAP_MS) {
      const reason = `the last one ended ${Math.round(sinceMs / 1_000)} s ago, expected ${MIN_GAP_MS / 1_000} s between two`;
      return { kind: 'refused', code: 'JUST_WRITTEN', reason };
    }
    const unfinished = this.#unfinished();
    if (unfinished !== undefined)
      return { kind: 'refused', code: 'BEING_WRITTEN', reason: `${unfinished} is being written` };
    const [isFree, isNeeded] = [freeBytes(directory), ROOM_HEAPS * process.memoryUsage().heapTotal];
    if (isFree >= isNeeded) return null;
    const reason = `${directory} has ${isFree} bytes left, expected ${isNeeded}`;
    return { kind: 'refused', code: 'DISK_FULL', reason };
  }

  /** Returns a file that another process is writing; what this process or a dead one left is removed. */
  #unfinished(): string | undefined {
    const { directory, clock } = this.#options;
    for (const name of readdirSync(directory)) {
      if (!name.endsWith(UNFINISHED) || !SNAPSHOT.test(name.slice(0, -UNFINISHED.length))) continue;
      const path = join(directory, name);
      const ageMs = clock.nowMs() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
      const isOurs = name.endsWith(`-${process.pid}.heapsnapshot${UNFINISHED}`);
      if (!isOurs && ageMs < LONGEST_WRITE_MS) return path;
      rmSync(path, { force: true });
    }
    return undefined;
  }

  #write(): HeapSnapshotOutcome {
    const { directory, logger, write, nowMs, clock } = this.#options;
    const { rss, heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage();
    const time = new Date(clock.nowMs()).toISOString();
    const path = join(directory, `heap-${time.replaceAll(':', '-')}-${process.pid}.heapsnapshot`);
    logger.warn('writing a heap snapshot: for some seconds the process answers nothing and takes no candle', {
      heapUsed,
    });
    const startedMs = nowMs();
    try {
      // A heap holds passwords: from its first byte the file is nobody else's.
      closeSync(openSync(`${path}${UNFINISHED}`, 'wx', 0o600));
      write(`${path}${UNFINISHED}`);
      renameSync(`${path}${UNFINISHED}`, path);
    } finally {
      rmSync(`${path}${UNFINISHED}`, { force: true });
      this.#endedAtMs = nowMs();
    }
    const tookMs = Math.round(this.#endedAtMs - startedMs);
    const figures = `rss=${rss} heap_used=${heapUsed} heap_total=${heapTotal} external=${external} array_buffers=${arrayBuffers}`;
    appendFileSync(join(directory, 'memory_profile.log'), `${time} ${figures} snapshot=${path} took_ms=${tookMs}\n`);
    logger.info('heap snapshot written', { path, tookMs, rss, heapUsed });
    this.#removeOld();
    return { kind: 'written', path };
  }

  #removeOld(): void {
    const { directory } = this.#options;
    // Their names begin with their time.
    const names = readdirSync(directory).filter((name) => SNAPSHOT.test(name));
    for (const name of names.toSorted().slice(0, -KEPT_FILES)) rmSync(join(directory, name), { force: true });
  }
}
