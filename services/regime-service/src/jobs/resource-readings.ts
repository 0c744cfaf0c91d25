import { readFileSync } from 'node:fs';
import os from 'node:os';
import { getHeapStatistics } from 'node:v8';
import type { LoadReading } from './load-gate.ts';

/** A reading with what it was made from, for whoever wants to know why tasks wait. */
export interface ResourceReading extends LoadReading {
  /** Processes that want a processor, averaged over a minute. */
  readonly loadAverage: number;
  /** Processors this process may use: its container's quota where there is one. */
  readonly processors: number;
  readonly machineCpuRatio: number;
  readonly processCpuRatio: number;
  readonly memoryLimitBytes: number;
  readonly heapRatio: number;
}

interface CpuTimes {
  readonly atMs: number;
  readonly machineBusyMs: number;
  readonly machineTotalMs: number;
  readonly processMs: number;
}

/** Shorter spans measure the measuring. */
const SHORTEST_SPAN_MS = 200;

const cpuTimes = (): CpuTimes => {
  const { user, system } = process.cpuUsage();
  let machineBusyMs = 0;
  let machineTotalMs = 0;
  for (const { times } of os.cpus()) {
    const busy = times.user + times.nice + times.sys + times.irq;
    machineBusyMs += busy;
    machineTotalMs += busy + times.idle;
  }
  return { atMs: performance.now(), machineBusyMs, machineTotalMs, processMs: (user + system) / 1_000 };
};

/** Source: cgroup v2, cpu.max is "<quota> <period>" in microseconds, or "max <period>". */
const allowedProcessors = (): number => {
  const available = os.availableParallelism();
  try {
    const [quota, period] = readFileSync('/sys/fs/cgroup/cpu.max', 'utf8').trim().split(' ').map(Number);
    return quota !== undefined && period !== undefined && quota > 0 ? Math.min(available, quota / period) : available;
  } catch {
    return available; // no container, or none with a quota
  }
};

const memoryRatios = (): { readonly used: number; readonly heap: number; readonly limitBytes: number } => {
  const constrained = process.constrainedMemory();
  const total = os.totalmem();
  // Without a limit the kernel names a number beyond any memory.
  const limitBytes = constrained > 0 && constrained < total ? constrained : total;
  const { used_heap_size: heapBytes, heap_size_limit: heapLimitBytes } = getHeapStatistics();
  return { used: 1 - process.availableMemory() / limitBytes, heap: heapBytes / heapLimitBytes, limitBytes };
};

/** Reads the machine, the container and the process themselves; each share is measured since the reading before. */
export class ResourceReadings {
  #last: CpuTimes = cpuTimes();
  #cpu = { machine: 0, process: 0 };
  readonly #processors = allowedProcessors();

  read(): ResourceReading {
    const now = cpuTimes();
    const spanMs = now.atMs - this.#last.atMs;
    if (spanMs >= SHORTEST_SPAN_MS) {
      const total = now.machineTotalMs - this.#last.machineTotalMs;
      this.#cpu = {
        machine: total > 0 ? (now.machineBusyMs - this.#last.machineBusyMs) / total : 0,
        process: (now.processMs - this.#last.processMs) / (spanMs * this.#processors),
      };
      this.#last = now;
    }
    const memory = memoryRatios();
    return {
      cpuRatio: Math.max(this.#cpu.machine, this.#cpu.process),
      memoryRatio: Math.max(0, memory.used, memory.heap),
      loadAverage: os.loadavg()[0] ?? 0,
      processors: this.#processors,
      machineCpuRatio: this.#cpu.machine,
      processCpuRatio: this.#cpu.process,
      memoryLimitBytes: memory.limitBytes,
      heapRatio: memory.heap,
    };
  }
}
