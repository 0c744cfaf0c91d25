import { appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeHeapSnapshot } from 'node:v8';
import { messageOf } from '@qt/kernel';
import type { Component, Logger } from '@qt/service-kit';

export interface ProcessSignalsOptions {
  /** Where snapshots and `memory_profile.log` go; the system's temporary folder when null. */
  readonly logDirectory: string | null;
  readonly reload: (by: string) => unknown;
  readonly logger: Logger;
}

/** SIGHUP reads the configuration again; SIGUSR1 writes a heap snapshot, in place of Node's own meaning of it (a debugger's port). */
export class ProcessSignals implements Component {
  readonly name = 'process_signals';
  readonly #options: ProcessSignalsOptions;
  readonly #onHangUp = (): void => void this.#options.reload('SIGHUP');
  readonly #onUser = (): void => this.#writeHeap();

  constructor(options: ProcessSignalsOptions) {
    this.#options = options;
    // From the first moment: before there is a listener, a SIGHUP would end the process.
    process.on('SIGHUP', this.#onHangUp);
    process.on('SIGUSR1', this.#onUser);
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {
    process.off('SIGHUP', this.#onHangUp);
    process.off('SIGUSR1', this.#onUser);
  }

  #writeHeap(): void {
    const directory = this.#options.logDirectory ?? tmpdir();
    const { rss, heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage();
    const time = new Date().toISOString();
    try {
      const startedMs = performance.now();
      const path = writeHeapSnapshot(join(directory, `heap-${time.replaceAll(':', '-')}-${process.pid}.heapsnapshot`));
      const tookMs = Math.round(performance.now() - startedMs);
      const figures = `rss=${rss} heap_used=${heapUsed} heap_total=${heapTotal} external=${external} array_buffers=${arrayBuffers}`;
      appendFileSync(join(directory, 'memory_profile.log'), `${time} ${figures} snapshot=${path} took_ms=${tookMs}\n`);
      this.#options.logger.info('heap snapshot written', { path, tookMs, rss, heapUsed });
    } catch (error) {
      this.#options.logger.error('heap snapshot not written', {
        code: 'HEAP_SNAPSHOT_FAILED',
        reason: messageOf(error),
      });
    }
  }
}
