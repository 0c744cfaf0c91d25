import { tmpdir } from 'node:os';
import type { Component, Logger } from '@qt/service-kit';
import { HeapSnapshots } from './heap-snapshots.ts';

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
  readonly #heaps: HeapSnapshots;
  readonly #onUser = (): void => void this.#heaps.take();

  constructor(options: ProcessSignalsOptions) {
    this.#options = options;
    this.#heaps = new HeapSnapshots({ directory: options.logDirectory ?? tmpdir(), logger: options.logger });
    // From the first moment: before there is a listener, a SIGHUP would end the process.
    process.on('SIGHUP', this.#onHangUp);
    process.on('SIGUSR1', this.#onUser);
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {
    process.off('SIGHUP', this.#onHangUp);
    process.off('SIGUSR1', this.#onUser);
  }
}
