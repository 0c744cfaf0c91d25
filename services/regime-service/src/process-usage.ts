import { totalmem } from 'node:os';

export interface Usage {
  /** CPU time of this process per wall time since the last measurement; 1 is one core, fully used. */
  readonly cpuRatio: number;
  readonly memoryBytes: number;
  /** What the container allows, else what the machine has. */
  readonly memoryLimitBytes: number;
}

const MIN_SPAN_MS = 500;

/** Measures what this process uses of the machine. */
export class ProcessUsage {
  readonly #memoryLimitBytes: number;
  #cpu = process.cpuUsage();
  #atMs = performance.now();
  #cpuRatio = 0;

  constructor() {
    const constrained = process.constrainedMemory();
    // Without a limit the kernel answers with a number beyond any memory.
    this.#memoryLimitBytes = constrained > 0 && constrained < totalmem() ? constrained : totalmem();
  }

  measure(): Usage {
    const nowMs = performance.now();
    if (nowMs - this.#atMs >= MIN_SPAN_MS) {
      const cpu = process.cpuUsage(this.#cpu);
      this.#cpuRatio = (cpu.user + cpu.system) / 1_000 / (nowMs - this.#atMs);
      this.#cpu = process.cpuUsage();
      this.#atMs = nowMs;
    }
    return {
      cpuRatio: this.#cpuRatio,
      memoryBytes: process.memoryUsage.rss(),
      memoryLimitBytes: this.#memoryLimitBytes,
    };
  }
}
