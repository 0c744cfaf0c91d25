import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Component } from '@qt/service-kit';

/** How much the heap may grow over what lives before it is collected: 50 is half as much again. Left alone it is up to four times. */
const GROWTH = 50;

/**
 * Keeps the process's heap near what it needs. On a machine with much memory V8 lets garbage grow to several times what lives, and takes
 * the size at start, while histories are learned, for a measure of it; pages of history then add a hundred megabytes that nothing gives
 * back. Started last: everything is brought up and the service does not call itself ready yet, so collecting once holds hardly anybody up.
 */
export class HeapBounds implements Component {
  readonly name = 'heap_bounds';

  constructor() {
    setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
    setFlagsFromString('--expose-gc');
  }

  async start(): Promise<void> {
    (runInNewContext('gc') as () => void)();
  }

  async stop(): Promise<void> {}
}
